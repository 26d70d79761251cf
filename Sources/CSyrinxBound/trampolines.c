/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool of compiled callbacks. Each function knows its number; the hook behind the number is looked up when it is
 * called. Signatures that are not here, and the 17th of one kind, get a closure of libffi. */
#include "callback.h"

enum { SLOTS = 16 };
#define EACH_SLOT(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

typedef struct {
    bound_base returns, args[3];
    unsigned count;
    void (*code[SLOTS])(void);
    _Atomic(bound_hook *) hooks[SLOTS];
} pool;

static int64_t enter(pool *p, unsigned slot, const bound_cell *args) {
    bound_hook *hook = atomic_load_explicit(&p->hooks[slot], memory_order_acquire);
    return hook ? bound_hook_enter(hook, args) : 0;
}

#define P(name) {.p = name}
#define I(name) {.i = name}
#define U(name) {.u = name}

/* Sixteen functions of one signature, and their pool. */
#define POOL(NAME, RESULT, COUNT, ...)                                         \
    static pool NAME;                                                          \
    EACH_SLOT(NAME##_FUNCTION)                                                 \
    static pool NAME = {RESULT, {__VA_ARGS__}, COUNT, {EACH_SLOT(NAME##_CODE)}, {NULL}};

#define I_PIP_FUNCTION(N)                                                      \
    static int32_t i_pip_##N(void *a, int32_t b, void *c) {                    \
        return (int32_t)enter(&I_PIP, N, (const bound_cell[]){P(a), I(b), P(c)}); \
    }
#define I_PIP_CODE(N) (void (*)(void))i_pip_##N,
POOL(I_PIP, BOUND_I32, 3, BOUND_PTR, BOUND_I32, BOUND_PTR)

#define V_PIP_FUNCTION(N) \
    static void v_pip_##N(void *a, int32_t b, void *c) { enter(&V_PIP, N, (const bound_cell[]){P(a), I(b), P(c)}); }
#define V_PIP_CODE(N) (void (*)(void))v_pip_##N,
POOL(V_PIP, BOUND_VOID, 3, BOUND_PTR, BOUND_I32, BOUND_PTR)

#define I_PUP_FUNCTION(N)                                                         \
    static int32_t i_pup_##N(void *a, uint64_t b, void *c) {                      \
        return (int32_t)enter(&I_PUP, N, (const bound_cell[]){P(a), U(b), P(c)}); \
    }
#define I_PUP_CODE(N) (void (*)(void))i_pup_##N,
POOL(I_PUP, BOUND_I32, 3, BOUND_PTR, BOUND_U64, BOUND_PTR)

#define I_PI_FUNCTION(N) \
    static int32_t i_pi_##N(void *a, int32_t b) { return (int32_t)enter(&I_PI, N, (const bound_cell[]){P(a), I(b)}); }
#define I_PI_CODE(N) (void (*)(void))i_pi_##N,
POOL(I_PI, BOUND_I32, 2, BOUND_PTR, BOUND_I32)

#define V_PI_FUNCTION(N) \
    static void v_pi_##N(void *a, int32_t b) { enter(&V_PI, N, (const bound_cell[]){P(a), I(b)}); }
#define V_PI_CODE(N) (void (*)(void))v_pi_##N,
POOL(V_PI, BOUND_VOID, 2, BOUND_PTR, BOUND_I32)

#define V_PP_FUNCTION(N) \
    static void v_pp_##N(void *a, void *b) { enter(&V_PP, N, (const bound_cell[]){P(a), P(b)}); }
#define V_PP_CODE(N) (void (*)(void))v_pp_##N,
POOL(V_PP, BOUND_VOID, 2, BOUND_PTR, BOUND_PTR)

static pool *const pools[] = {&I_PIP, &V_PIP, &I_PUP, &I_PI, &V_PI, &V_PP};

/* Every pointer is passed in the same way. */
static bound_base plain(bound_base base) { return base == BOUND_CSTR ? BOUND_PTR : base; }

static bool matches(const pool *p, const bound_callback *c) {
    if (p->returns != c->returns.base || p->count != c->count) return false;
    for (unsigned i = 0; i < p->count; i++)
        if (p->args[i] != plain(c->args[i].base)) return false;
    return true;
}

bool bound_trampoline_take(bound_hook *hook) {
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        pool *p = pools[i];
        if (!matches(p, hook->callback)) continue;
        for (unsigned slot = 0; slot < SLOTS; slot++) {
            bound_hook *none = NULL;
            if (!atomic_compare_exchange_strong(&p->hooks[slot], &none, hook)) continue;
            hook->slot = &p->hooks[slot];
            /* A function's address as data: what dlsym does, the other way round. */
            memcpy(&hook->code, &p->code[slot], sizeof hook->code);
            return true;
        }
    }
    return false;
}
