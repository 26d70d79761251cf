/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx-plugin-check: holds a plugin to the rules of syrinx_plugin.h. */
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner.h"

static const char usage[] =
    "usage: syrinx-plugin-check PATH [options]\n"
    "  PATH              a plugin's folder (with plugin.json), or its shared object\n"
    "  --mode M          inproc (default), isolated or both\n"
    "  --only ID[,ID]    only these checks             --list       the checks, without running any\n"
    "  --json            one JSON document             --quick      fewer rounds\n"
    "  --seed N          of everything random (1)      --jobs N     checks at once (2)\n"
    "  --config JSON     opens providers with this     --options JSON  opens sessions with this\n"
    "  --helper FILE     syrinx-plugin-host, for isolated mode (beside this program)\n"
    "  --network N       what its requests come to: unreachable, refuse or none (by its manifest)\n"
    "  --limit S         a check is killed after so many seconds (60)\n"
    "  --in-process      with one check: runs it here, for a debugger\n"
    "exit: 0 passed, 1 something failed, 2 wrong usage\n";

static const char *const words[] = {"PASS", "SKIP", "WARN", "FAIL"};
static const char *mode_name(int mode) { return mode == CK_ISOLATED ? "isolated" : "inproc"; }

typedef struct {
    const ck_options *o;
    const char *group;
    size_t counts[4];
    text_out json;
} report;

static void say_text(report *r, const ck_check *check, int mode, const run_result *result) {
    if (!r->group || strcmp(r->group, check->group) != 0) printf("\n%s%s\n", check->group, mode == CK_ISOLATED ? " (isolated)" : "");
    r->group = check->group;
    printf("  %s  %-4s %s", words[result->verdict], check->id, check->title);
    if (result->message[0]) printf(": %s", result->message);
    if (result->verdict >= CK_WARN) printf("\n             fix: %s", check->fix);
    printf("\n");
    fflush(stdout);
}

static void say_json(report *r, const ck_check *check, int mode, const run_result *result) {
    text_out *t = &r->json;
    text_add(t, "%s\n  {\"id\":\"%s\",\"group\":\"%s\",\"mode\":\"%s\",\"title\":", t->length ? "," : "", check->id, check->group, mode_name(mode));
    text_quote(t, check->title, strlen(check->title));
    text_add(t, ",\"result\":\"%s\",\"message\":", words[result->verdict]);
    text_quote(t, result->message, strlen(result->message));
    if (result->verdict >= CK_WARN) text_add(t, ",\"fix\":"), text_quote(t, check->fix, strlen(check->fix));
    text_add(t, ",\"ms\":%lld,\"seed\":%llu}", (long long)result->ms, (unsigned long long)r->o->seed);
}

static void on_result(void *context, const ck_check *check, int mode, const run_result *result) {
    report *r = context;
    r->counts[result->verdict]++;
    if (r->o->json) say_json(r, check, mode, result);
    else say_text(r, check, mode, result);
}

static void close_report(report *r) {
    const size_t *n = r->counts;
    if (!r->o->json) {
        printf("\n%zu passed, %zu failed, %zu warnings, %zu skipped\n", n[CK_PASS], n[CK_FAIL], n[CK_WARN], n[CK_SKIP]);
        return;
    }
    printf("{\"plugin\":");
    text_out path = {0};
    text_quote(&path, r->o->path, strlen(r->o->path));
    printf("%s,\"seed\":%llu,\"passed\":%zu,\"failed\":%zu,\"warnings\":%zu,\"skipped\":%zu,\"checks\":[%s\n]}\n", path.text,
           (unsigned long long)r->o->seed, n[CK_PASS], n[CK_FAIL], n[CK_WARN], n[CK_SKIP], r->json.text ? r->json.text : "");
}

static int list(const ck_options *o) {
    for (size_t i = 0; i < ck_check_count; i++) {
        const ck_check *c = &ck_checks[i];
        const char *modes = c->modes == CK_BOTH ? "both" : "inproc";
        if (o->list_markdown) printf("| %s | %s | %s | %s |\n", c->id, c->title, c->why, modes);
        else printf("%-4s %-14s %-7s %s\n", c->id, c->group, modes, c->title);
    }
    return 0;
}

static int wrong(const char *what) { return fprintf(stderr, "%s\n%s", what, usage), 2; }

static int number(const char *text, uint64_t *out) {
    char *end;
    *out = strtoull(text, &end, 10);
    return *text && !*end ? 0 : -1;
}

static int parse(int argc, char **argv, ck_options *o) {
    static const struct option known[] = {
        {"mode", 1, 0, 'm'}, {"only", 1, 0, 'o'}, {"list", 0, 0, 'l'}, {"list-markdown", 0, 0, 'L'}, {"json", 0, 0, 'j'},
        {"quick", 0, 0, 'q'}, {"seed", 1, 0, 's'}, {"jobs", 1, 0, 'J'}, {"config", 1, 0, 'c'}, {"options", 1, 0, 'O'},
        {"helper", 1, 0, 'h'}, {"in-process", 0, 0, 'i'}, {"limit", 1, 0, 't'}, {"network", 1, 0, 'n'}, {"help", 0, 0, 'H'}, {0, 0, 0, 0}};
    uint64_t jobs = 2, limit = 60;
    for (int opt; (opt = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (opt) {
        case 'm':
            o->modes = strcmp(optarg, "inproc") == 0 ? CK_INPROC : strcmp(optarg, "isolated") == 0 ? CK_ISOLATED : strcmp(optarg, "both") == 0 ? CK_BOTH : 0;
            if (!o->modes) return wrong("--mode is inproc, isolated or both");
            break;
        case 'o': o->only = optarg; break;
        case 'l': o->list = true; break;
        case 'L': o->list = o->list_markdown = true; break;
        case 'j': o->json = true; break;
        case 'q': o->quick = true; break;
        case 's': if (number(optarg, &o->seed)) return wrong("--seed is a number"); o->seeded = true; break;
        case 'J': if (number(optarg, &jobs) || jobs < 1 || jobs > 16) return wrong("--jobs is a number from 1 to 16"); break;
        case 'c': o->config = optarg; break;
        case 'O': o->options_json = optarg; break;
        case 'h': o->helper = optarg; break;
        case 'i': o->in_process = true; break;
        case 'n':
            o->network = strcmp(optarg, "unreachable") == 0 ? FAKE_NET_UNREACHABLE : strcmp(optarg, "refuse") == 0 ? FAKE_NET_REFUSES : strcmp(optarg, "none") == 0 ? FAKE_NET_ABSENT : -2;
            if (o->network < 0) return wrong("--network is unreachable, refuse or none");
            break;
        case 't': if (number(optarg, &limit) || limit < 1 || limit > 3600) return wrong("--limit is a number of seconds"); break;
        case 'H': fputs(usage, stdout); exit(0);
        default: return wrong("");
        }
    }
    o->jobs = (int)jobs;
    o->limit_ms = (int64_t)limit * 1000;
    if (optind < argc) o->path = argv[optind++];
    return optind < argc ? wrong("one PATH") : !o->path && !o->list ? wrong("PATH is missing") : 0;
}

static bool known_id(const char *id, size_t n) {
    for (size_t i = 0; i < ck_check_count; i++)
        if (strlen(ck_checks[i].id) == n && strncasecmp(ck_checks[i].id, id, n) == 0) return true;
    return false;
}

/* An id that no check has would pass silently. */
static bool all_known(const char *only) {
    for (const char *p = only; p && *p;) {
        size_t n = strcspn(p, ",");
        if (!known_id(p, n)) return fprintf(stderr, "no check is called %.*s (--list shows them)\n", (int)n, p), false;
        p += n + (p[n] == ',');
    }
    return true;
}

static json *read_manifest(const char *folder, bool *there) {
    char path[PATH_MAX + 16];
    static char text[65536];
    snprintf(path, sizeof path, "%s/plugin.json", folder);
    FILE *f = fopen(path, "rb");
    *there = f != NULL;
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;
    if (f) fclose(f);
    return n > 0 && n < sizeof text ? json_parse(text, n, NULL) : NULL;
}

static int locate(ck_options *o, ck *c) {
    struct stat st;
    char whole[PATH_MAX];
    if (!realpath(o->path, whole) || stat(whole, &st) != 0) return fprintf(stderr, "%s: no such file or folder\n", o->path), 2;
    bool folder = S_ISDIR(st.st_mode);
    snprintf(o->folder, sizeof o->folder, "%s", folder ? whole : dirname(strdup(whole)));
    c->manifest = read_manifest(o->folder, &o->has_manifest);
    if (folder && !o->has_manifest) return fprintf(stderr, "%s: it has no plugin.json\n", o->path), 2;
    const char *entry = json_text(c->manifest, "entry", "plugin.so");
    if (strchr(entry, '/')) entry = "plugin.so";
    if (folder) snprintf(o->module, sizeof o->module, "%.3000s/%.1000s", whole, entry);
    else snprintf(o->module, sizeof o->module, "%s", whole);
    size_t n = strlen(o->module);
    o->bound = n > 5 && strcmp(o->module + n - 5, ".json") == 0;
    c->elf = elf_read(o->module);
    return 0;
}

static const char *helper_beside(void) {
    static char path[PATH_MAX + 32];
    char own[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    if (n <= 0) return NULL;
    own[n] = 0;
    snprintf(path, sizeof path, "%s/syrinx-plugin-host", dirname(own));
    return access(path, X_OK) == 0 ? path : NULL;
}

int main(int argc, char **argv) {
    static ck_options o = {.seed = 1, .modes = CK_INPROC, .network = -1};
    static ck c = {.o = &o};
    int status = parse(argc, argv, &o);
    if (status) return status;
    if (o.list) return list(&o);
    if (!all_known(o.only)) return 2;
    if ((status = locate(&o, &c)) != 0) return status;
    if (o.modes & CK_ISOLATED) {
        if (!ck_isolation_built()) return wrong("this checker was built without isolated mode");
        if (!o.helper) o.helper = helper_beside();
        if (!o.helper) return wrong("--helper: syrinx-plugin-host is not beside this program");
    }
    report r = {.o = &o};
    if (!o.json) printf("%s (seed %llu)\n", o.path, (unsigned long long)o.seed);
    runner_all(&c, on_result, &r);
    close_report(&r);
    return r.counts[CK_FAIL] > 0;
}
