/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signature.h"

static class_of_type bound_class(const char *type) {
    if (strcmp(type, "void") == 0) return (class_of_type){CLASS_VOID, 0};
    if (strcmp(type, "ptr") == 0 || strcmp(type, "cstr") == 0) return (class_of_type){CLASS_POINTER, 8};
    unsigned bytes = (unsigned)atoi(type + 1) / 8;
    return (class_of_type){type[0] == 'f' ? CLASS_FLOAT : CLASS_INTEGER, bytes};
}

static bool same(class_of_type a, class_of_type b) { return a.class == b.class && a.bytes == b.bytes; }

static void name(class_of_type c, char *out, size_t size) {
    static const char *const words[] = {"void", "integer", "floating-point number", "pointer", "struct or other aggregate"};
    if (c.class == CLASS_INTEGER || c.class == CLASS_FLOAT)
        snprintf(out, size, "%s %s of %u bits", c.class == CLASS_INTEGER ? "an" : "a", words[c.class], c.bytes * 8);
    else
        snprintf(out, size, "%s%s", c.class == CLASS_VOID ? "" : "a ", words[c.class]);
}

static bool differ(const char *what, const char *bound, class_of_type real, char problem[PROBLEM_BYTES]) {
    char text[64];
    name(real, text, sizeof text);
    snprintf(problem, PROBLEM_BYTES, "%s is %s, not %s", what, text, bound);
    return false;
}

bool signature_agrees(const syrinx_bound_function *bound, const signature *real, char problem[PROBLEM_BYTES]) {
    if (real->variadic) return snprintf(problem, PROBLEM_BYTES, "it takes a variable number of arguments"), false;
    if (real->unprototyped) return true;
    if (real->count != bound->count) {
        snprintf(problem, PROBLEM_BYTES, "it takes %u arguments, not %u", real->count, bound->count);
        return false;
    }
    /* A function's result may be left unread; a callback's is read by the library. */
    bool unread = bound->symbol && strcmp(bound->returns, "void") == 0;
    if (!same(bound_class(bound->returns), real->returns) && !unread)
        return differ("its result", bound->returns, real->returns, problem);
    if (real->returns.class == CLASS_OTHER) return differ("its result", bound->returns, real->returns, problem);
    for (unsigned i = 0; i < bound->count; i++) {
        char what[32];
        snprintf(what, sizeof what, "argument %u", i);
        if (!same(bound_class(bound->args[i]), real->args[i])) return differ(what, bound->args[i], real->args[i], problem);
    }
    return true;
}
