/* SPDX-License-Identifier: Apache-2.0 */
#include "callback.h"

#include <stdlib.h>

#include "speech.h"
#include "types.h"

/* libffi wants small results as wide as a register. */
static void closure(ffi_cif *cif, void *result, void **args, void *context) {
    (void)cif;
    bound_hook *hook = context;
    const bound_callback *c = hook->callback;
    bound_cell cells[BOUND_ARGS];
    for (unsigned i = 0; i < c->count; i++) cells[i] = bound_load(args[i], c->args[i].base);
    int64_t value = bound_hook_enter(hook, cells);
    if (c->returns.base != BOUND_VOID) *(ffi_sarg *)result = (ffi_sarg)value;
}

static bool make_closure(bound_hook *hook) {
    /* The memory of closures has one list for the process. */
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    hook->closure = ffi_closure_alloc(sizeof *hook->closure, &hook->code);
    bool ok = hook->closure && ffi_prep_closure_loc(hook->closure, (ffi_cif *)(uintptr_t)&hook->callback->cif, closure, hook,
                                                    hook->code) == FFI_OK;
    pthread_mutex_unlock(&lock);
    return ok;
}

bound_hook *bound_hook_open(bound_module *module, const bound_callback *callback, syx_session *session) {
    bound_hook *hook = calloc(1, sizeof *hook);
    if (!hook) return NULL;
    hook->callback = callback;
    hook->module = module;
    hook->session = session;
    if (bound_trampoline_take(hook) || make_closure(hook)) return hook;
    bound_hook_close(hook);
    return NULL;
}

void bound_hook_close(bound_hook *hook) {
    if (!hook) return;
    if (hook->slot) atomic_store(hook->slot, NULL);
    if (hook->closure) ffi_closure_free(hook->closure);
    free(hook);
}

static syx_session *find_session(const bound_hook *hook, const bound_cell *args) {
    if (hook->callback->self >= 0) return args[hook->callback->self].p;
    if (hook->session) return hook->session;
    syx_session *speaking = atomic_load(&hook->module->shared->speaking);
    return bound_is_of(speaking, hook->module) ? speaking : NULL;
}

int64_t bound_hook_enter(bound_hook *hook, const bound_cell *args) {
    const bound_callback *c = hook->callback;
    syx_session *session = find_session(hook, args);
    for (unsigned i = 0; i < c->on.count && bound_speaking(session); i++) {
        const bound_op *op = &c->on.ops[i];
        bound_cell values[2];
        for (int k = 0; k < 2; k++) {
            const bound_value *v = &op->args[k];
            values[k] = v->source == BOUND_FROM_ARGUMENT ? args[v->index] : bound_variable_cell(session, v);
        }
        bound_emit(session, op, values[0], values[1]);
    }
    bool on = hook->module->kind != SYX_TTS || bound_speaking(session);
    return on ? c->value : c->value_cancelled;
}
