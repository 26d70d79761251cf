/* SPDX-License-Identifier: Apache-2.0 */
#include "ort.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "syrinx_json.h"

enum { API_VERSION = 16, ALL_OPTIMISATIONS = 99, LOG_FATAL = 4, MAX_TENSORS = 4 };

/* Places in the table of functions. */
enum {
    GET_ERROR_MESSAGE = 2,
    CREATE_ENV = 3,
    CREATE_SESSION = 7,
    RUN = 9,
    CREATE_SESSION_OPTIONS = 10,
    SET_OPTIMISATION_LEVEL = 23,
    SET_INTRA_THREADS = 24,
    SET_INTER_THREADS = 25,
    CREATE_TENSOR_WITH_DATA = 49,
    CREATE_CPU_MEMORY_INFO = 69,
    RELEASE_ENV = 92,
    RELEASE_STATUS = 93,
    RELEASE_MEMORY_INFO = 94,
    RELEASE_SESSION = 95,
    RELEASE_VALUE = 96,
    RELEASE_SESSION_OPTIONS = 100
};

typedef struct {
    const void *const *(*get_api)(uint32_t version);
    const char *(*get_version)(void);
} api_base;

typedef struct {
    char library[PATH_MAX], model[PATH_MAX];
} paths;

/* What a function answers: NULL, or an object that holds a message. */
typedef void *ort_status;

/* ISO C has no cast from a data pointer to a function; dlsym's users copy the bits. */
#define FUNCTION(api, slot, type, name) \
    __typeof__(type) name;              \
    memcpy(&name, &(api)[slot], sizeof name)

/* Length of a text for "%.*s", with no character cut in two. */
static int fit(const char *text, size_t limit) { return (int)syx_utf8_prefix(text, strlen(text), limit); }

typedef void (*release_fn)(void *);
typedef ort_status (*set_int_fn)(void *, int);

static void release(const void *const *api, int slot, void **object) {
    FUNCTION(api, slot, release_fn, function);
    if (*object) function(*object);
    *object = NULL;
}

/* True for success; a failure's message goes to `why`. */
static bool succeeded(const void *const *api, ort_status status, char *why, size_t size) {
    if (!status) return true;
    FUNCTION(api, GET_ERROR_MESSAGE, const char *(*)(ort_status), message);
    const char *text = message(status);
    if (!text) text = "no reason given";
    snprintf(why, size, "%.*s", fit(text, size - 1), text);
    release(api, RELEASE_STATUS, &status);
    return false;
}

/* ---------------------------------------------------------------------------------------------- configuration -- */

static syx_status read_path(syx_str config, const char *key, const char *who, char *out, syx_err *err) {
    syx_str value;
    if (!syx_json_field(config, key, &value) || !syx_json_string(value, out, PATH_MAX, NULL) || out[0] == 0)
        return syx_fail(err, SYX_EINVAL, "%s: `%s` is not set; `make onnx` installs what is needed and prints it", who, key);
    if (out[0] != '/') return syx_fail(err, SYX_EINVAL, "%s: `%s` must be an absolute path, not `%.*s`", who, key, fit(out, 80), out);
    struct stat info;
    if (stat(out, &info) != 0 || !S_ISREG(info.st_mode))
        return syx_fail(err, SYX_ENOTFOUND, "%s: `%s`: there is no file %.*s; `make onnx` prints the right path", who, key,
                        fit(out, 100), out);
    return SYX_OK;
}

static syx_status read_paths(syx_str config, const char *who, paths *p, syx_err *err) {
    if (!syx_options_ok(config)) return syx_fail(err, SYX_EINVAL, "%s: options are not a JSON object", who);
    syx_status status = read_path(config, "library", who, p->library, err);
    return status < 0 ? status : read_path(config, "model", who, p->model, err);
}

/* ----------------------------------------------------------------------------------------------------- opening -- */

/* From 1.29 on the runtime's makers are told of its use, by a thread of the runtime's own that also writes to the home
 * folder, unless the environment forbids it. That is for the operator to decide: setting a variable here would be a race
 * with whoever reads the environment. */
static bool reports_home(const char *version) {
    int major = 0, minor = 0;
    const char *forbidden = getenv("ORT_DISABLE_TELEMETRY");
    if (sscanf(version, "%d.%d", &major, &minor) != 2 || (forbidden && strcmp(forbidden, "1") == 0)) return false;
    return major > 1 || minor >= 29;
}

/* The library stays loaded: C++ libraries of this size are not made to be unloaded, and the next provider wants it. */
static const api_base *load_base(const char *path, const char *who, syx_err *err) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *why = dlerror();
        if (!why) why = "";
        syx_fail(err, SYX_EINVAL, "%s: `library` is no library: %.*s; name libonnxruntime.so", who, fit(why, 120), why);
        return NULL;
    }
    const api_base *(*get_base)(void);
    void *symbol = dlsym(library, "OrtGetApiBase");
    memcpy(&get_base, &symbol, sizeof symbol);
    const api_base *base = symbol ? get_base() : NULL;
    if (!base)
        syx_fail(err, SYX_EINVAL, "%s: `library` %.*s is not ONNX Runtime; name libonnxruntime.so", who, fit(path, 100), path);
    return base;
}

static const void *const *load(const char *path, const char *who, syx_err *err) {
    const api_base *base = load_base(path, who, err);
    if (!base) return NULL;
    const char *version = base->get_version();
    if (reports_home(version)) {
        syx_fail(err, SYX_EPERM,
                 "%s: ONNX Runtime %.20s reports its use to its maker; start the server with ORT_DISABLE_TELEMETRY=1, or "
                 "take 1.28 (`make onnx`)",
                 who, version);
        return NULL;
    }
    const void *const *api = base->get_api(API_VERSION);
    if (!api) syx_fail(err, SYX_EUNSUPPORTED, "%s: ONNX Runtime %.20s is too old; take 1.28 (`make onnx`)", who, version);
    return api;
}

/* One thread: the host has many calls to serve, and these models are small. */
static bool configure(const void *const *api, void *options, char *why, size_t size) {
    static const struct {
        int slot, value;
    } settings[] = {{SET_OPTIMISATION_LEVEL, ALL_OPTIMISATIONS}, {SET_INTRA_THREADS, 1}, {SET_INTER_THREADS, 1}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        FUNCTION(api, settings[i].slot, set_int_fn, set);
        if (!succeeded(api, set(options, settings[i].value), why, size)) return false;
    }
    return true;
}

static bool open_model(ort_model *m, const char *path, char *why, size_t size) {
    FUNCTION(m->api, CREATE_ENV, ort_status (*)(int, const char *, void **), create_env);
    FUNCTION(m->api, CREATE_CPU_MEMORY_INFO, ort_status (*)(int, int, void **), create_memory);
    FUNCTION(m->api, CREATE_SESSION_OPTIONS, ort_status (*)(void **), create_options);
    FUNCTION(m->api, CREATE_SESSION, ort_status (*)(void *, const char *, void *, void **), create_session);
    void *options = NULL;
    bool ok = succeeded(m->api, create_env(LOG_FATAL, "syrinx", &m->env), why, size) &&
              succeeded(m->api, create_memory(0, 0, &m->memory), why, size) &&
              succeeded(m->api, create_options(&options), why, size) && configure(m->api, options, why, size) &&
              succeeded(m->api, create_session(m->env, path, options, &m->session), why, size);
    release(m->api, RELEASE_SESSION_OPTIONS, &options);
    return ok;
}

syx_status ort_open(ort_model *m, syx_str config, const char *who, syx_err *err) {
    char why[128] = "";
    paths p;
    memset(m, 0, sizeof *m);
    syx_status status = read_paths(config, who, &p, err);
    if (status < 0) return status;
    m->api = load(p.library, who, err);
    if (!m->api) return SYX_EINVAL;
    if (open_model(m, p.model, why, sizeof why)) return SYX_OK;
    ort_close(m);
    return syx_fail(err, SYX_EINVAL, "%s: `model` cannot be loaded: %s; `make onnx` prints the right path", who, why);
}

void ort_close(ort_model *m) {
    if (!m->api) return;
    release(m->api, RELEASE_SESSION, &m->session);
    release(m->api, RELEASE_MEMORY_INFO, &m->memory);
    release(m->api, RELEASE_ENV, &m->env);
    m->api = NULL;
}

/* ----------------------------------------------------------------------------------------------------- running -- */

bool ort_tensor_make(const ort_model *m, ort_tensor *t, const char *name, void *data, ort_type type,
                     const int64_t *shape, size_t rank) {
    size_t bytes = type == ORT_INT64 ? sizeof(int64_t) : sizeof(float);
    char why[128];
    for (size_t i = 0; i < rank; i++) bytes *= (size_t)shape[i];
    FUNCTION(m->api, CREATE_TENSOR_WITH_DATA,
             ort_status (*)(void *, void *, size_t, const int64_t *, size_t, int, void **), create);
    t->name = name;
    t->value = NULL;
    return succeeded(m->api, create(m->memory, data, bytes, shape, rank, (int)type, &t->value), why, sizeof why);
}

void ort_tensor_free(const ort_model *m, ort_tensor *t) {
    if (m->api) release(m->api, RELEASE_VALUE, &t->value);
}

bool ort_run(const ort_model *m, const ort_tensor *in, size_t n_in, ort_tensor *out, size_t n_out, char *why,
             size_t why_size) {
    const char *in_names[MAX_TENSORS], *out_names[MAX_TENSORS];
    const void *in_values[MAX_TENSORS];
    void *out_values[MAX_TENSORS];
    if (n_in > MAX_TENSORS || n_out > MAX_TENSORS) return false;
    for (size_t i = 0; i < n_in; i++) in_names[i] = in[i].name, in_values[i] = in[i].value;
    for (size_t i = 0; i < n_out; i++) out_names[i] = out[i].name, out_values[i] = out[i].value;
    FUNCTION(m->api, RUN,
             ort_status (*)(void *, void *, const char *const *, const void *const *, size_t, const char *const *, size_t,
                            void **),
             run);
    return succeeded(m->api, run(m->session, NULL, in_names, in_values, n_in, out_names, n_out, out_values), why,
                     why_size);
}
