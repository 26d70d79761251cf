/* SPDX-License-Identifier: Apache-2.0
 *
 * What a check is, and what it gets. Each runs in a process of its own: it may be killed at any point, and leaves its
 * result in a pipe. */
#ifndef CHECK_H
#define CHECK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elf_file.h"
#include "fake_core.h"
#include "json.h"

typedef enum { CK_PASS, CK_SKIP, CK_WARN, CK_FAIL } ck_verdict;
typedef enum { CK_FILE, CK_MODULE, CK_PROVIDER } ck_scope; /* before loading; once a module; once a provider */
enum { CK_INPROC = 1, CK_ISOLATED = 2, CK_BOTH = 3 };

enum {
    CK_VAD = 1 << SYX_VAD, CK_FILTER = 1 << SYX_FILTER, CK_STT = 1 << SYX_STT, CK_TTS = 1 << SYX_TTS,
    CK_AGENT = 1 << SYX_AGENT, CK_TURN = 1 << SYX_TURN,
    CK_MEDIA = CK_VAD | CK_FILTER,
    CK_REQUESTS = CK_STT | CK_TTS | CK_AGENT, /* kinds whose requests end in a terminal */
    CK_WORKING = CK_MEDIA | CK_REQUESTS | CK_TURN,
    CK_ANY = ~0
};

typedef struct {
    const char *path, *helper, *config, *options_json, *only;
    char folder[4096], module[4096]; /* of the plugin; of its shared object or bind.json */
    bool json, list, quick, in_process, has_manifest, bound, list_markdown;
    int modes, jobs;
    int network; /* a fake_network; -1 = unreachable, or absent when plugin.json asks for none */
    uint64_t seed;
    bool seeded; /* --seed is given */
    int64_t limit_ms;
} ck_options;

typedef struct ck ck;
typedef struct {
    const char *id, *group;
    ck_scope scope;
    int modes, kinds;
    void (*run)(ck *);
    const char *title, *why, *fix;
} ck_check;
extern const ck_check ck_checks[];
extern const size_t ck_check_count;

struct ck {
    const ck_options *o;
    const ck_check *check;
    int mode; /* CK_INPROC or CK_ISOLATED */
    elf_file *elf;
    json *manifest;
    /* From here on only for CK_MODULE and CK_PROVIDER. */
    const syx_module *module;
    const syx_plugin_desc *d;
    json *config_schema, *session_schema, *caps;
    char *config, *options; /* the defaults of the schemas, or what the user gave */
    syx_format format;
    uint64_t random;
    uint64_t base; /* the scenario's generations come after it */
    ck_verdict verdict;
    char message[400];
    bool leaves_by_exit; /* set by a check: its process runs what is to run at exit, and has to end well */
};

/* The first FAIL stays; FAIL wins over WARN, WARN over SKIP, SKIP over PASS. One sentence. */
void ck_say(ck *, ck_verdict, const char *format, ...) __attribute__((format(printf, 3, 4)));
#define ck_fail(c, ...) ck_say(c, CK_FAIL, __VA_ARGS__)
#define ck_warn(c, ...) ck_say(c, CK_WARN, __VA_ARGS__)
#define ck_skip(c, ...) ck_say(c, CK_SKIP, __VA_ARGS__)
#define ck_pass(c, ...) ck_say(c, CK_PASS, __VA_ARGS__)
/* Ends the check with a FAIL unless the condition holds. */
#define CK_NEED(c, condition, ...)                                    \
    do {                                                              \
        if (!(condition)) {                                           \
            ck_fail(c, __VA_ARGS__);                                  \
            return;                                                   \
        }                                                             \
    } while (0)

/* Random numbers from the seed, the check's id and the provider: the same in each run. */
uint32_t ck_pick(ck *, uint32_t below);
/* A breach of this kind so far makes the check fail. */
void ck_no_breach(ck *, fake_breach_kind kind);
/* How often to repeat: `full`, or a tenth of it with --quick. */
size_t ck_rounds(const ck *, size_t full);

/* What the process has now; for before and after. */
typedef struct {
    int fds, threads;
    size_t heap;
} ck_usage;
ck_usage ck_usage_now(void);
/* Waits a little for threads that are ending. */
ck_usage ck_usage_settled(const ck_usage *base);

/* A provider with the default configuration, and sessions of it; a refusal fails the check and answers NULL. */
syx_provider *ck_provider(ck *);
fake_session *ck_session(ck *, syx_provider *);
void ck_close(ck *, syx_provider *);
int64_t ck_ms(int64_t ns);

/* loading.c: dlopen with the host's flags; NULL and *error. Calls entry when asked. */
void *ck_dlopen(const char *path, const char **error);
const syx_module *ck_entry(void *image);
/* Loads the module for this check, in its mode. False: failed, and the check's result says why. */
bool ck_load(ck *);
bool ck_isolation_built(void);
/* Its manifest asks for sockets of its own, which the helper of a trusted plugin gets. */
bool ck_asks_for_sockets(const ck *);
#endif
