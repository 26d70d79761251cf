/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures from DWARF, with elfutils. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signature.h"

/* ---------------------------------------------------------------------------------------------------------- types -- */

/* The type of a DIE without typedefs and qualifiers; false = none, which is void. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *out) {
    Dwarf_Attribute attribute;
    Dwarf_Die type;
    if (!dwarf_formref_die(dwarf_attr_integrate(die, DW_AT_type, &attribute), &type)) return false;
    return dwarf_peel_type(&type, out) == 0;
}

static class_of_type base_class(Dwarf_Die *type, unsigned bytes) {
    Dwarf_Attribute attribute;
    Dwarf_Word encoding = 0;
    dwarf_formudata(dwarf_attr_integrate(type, DW_AT_encoding, &attribute), &encoding);
    bool other = encoding == DW_ATE_complex_float || encoding == DW_ATE_decimal_float || bytes > 8;
    return (class_of_type){other ? CLASS_OTHER : encoding == DW_ATE_float ? CLASS_FLOAT : CLASS_INTEGER, bytes};
}

static class_of_type class_of(Dwarf_Die *die) {
    Dwarf_Die type;
    Dwarf_Word bytes = 0;
    if (!type_of(die, &type)) return (class_of_type){CLASS_VOID, 0};
    dwarf_aggregate_size(&type, &bytes);
    switch (dwarf_tag(&type)) {
        case DW_TAG_base_type: return base_class(&type, (unsigned)bytes);
        case DW_TAG_enumeration_type: return (class_of_type){CLASS_INTEGER, (unsigned)bytes};
        case DW_TAG_pointer_type:
        case DW_TAG_reference_type: return (class_of_type){CLASS_POINTER, 8};
        case DW_TAG_unspecified_type: return (class_of_type){CLASS_VOID, 0};
        default: return (class_of_type){CLASS_OTHER, (unsigned)bytes};
    }
}

static void read_signature(Dwarf_Die *function, signature *out, bool with_callbacks);

/* What an argument that points to a function points to; NULL for any other. */
static signature *callback_of(Dwarf_Die *argument) {
    Dwarf_Die pointer, function;
    if (!type_of(argument, &pointer) || dwarf_tag(&pointer) != DW_TAG_pointer_type) return NULL;
    if (!type_of(&pointer, &function) || dwarf_tag(&function) != DW_TAG_subroutine_type) return NULL;
    signature *found = calloc(1, sizeof *found);
    if (found) read_signature(&function, found, false);
    return found;
}

void signatures_free(signature *list, unsigned count) {
    for (unsigned i = 0; list && i < count; i++)
        for (unsigned a = 0; a < SIGNATURE_ARGS; a++) free(list[i].callbacks[a]);
    free(list);
}

/* A subprogram or a subroutine type. */
static void read_signature(Dwarf_Die *function, signature *out, bool with_callbacks) {
    Dwarf_Die child;
    Dwarf_Attribute attribute;
    *out = (signature){.found = true, .returns = class_of(function)};
    bool prototyped = dwarf_attr_integrate(function, DW_AT_prototyped, &attribute) != NULL;
    if (dwarf_child(function, &child) != 0) {
        /* In C++ and in C23 every function has a prototype; in C an empty list of `()` has none. */
        out->unprototyped = !prototyped && dwarf_tag(function) == DW_TAG_subroutine_type;
        return;
    }
    do {
        if (dwarf_tag(&child) == DW_TAG_unspecified_parameters) out->variadic = true;
        if (dwarf_tag(&child) != DW_TAG_formal_parameter || out->count == SIGNATURE_ARGS) continue;
        if (with_callbacks) out->callbacks[out->count] = callback_of(&child);
        out->args[out->count++] = class_of(&child);
    } while (dwarf_siblingof(&child, &child) == 0);
}

/* ---------------------------------------------------------------------------------------------------------- files -- */

typedef struct {
    const syrinx_bound_function *functions; /* NULL: an object made from headers */
    unsigned count;
    signature *signatures;
} search;

static int found_function(Dwarf_Die *die, void *context) {
    const search *s = context;
    const char *name = dwarf_diename(die);
    for (unsigned i = 0; name && i < s->count; i++)
        if (!s->signatures[i].found && strcmp(name, s->functions[i].symbol) == 0) read_signature(die, &s->signatures[i], true);
    return DWARF_CB_OK;
}

static void found_variable(Dwarf_Die *die, const search *s) {
    unsigned index = 0;
    const char *name = dwarf_diename(die);
    Dwarf_Die pointer, function;
    if (!name || sscanf(name, "syrinx_bind_%u", &index) != 1 || index >= s->count) return;
    if (s->signatures[index].found) return;
    if (type_of(die, &pointer) && type_of(&pointer, &function) && dwarf_tag(&function) == DW_TAG_subroutine_type)
        read_signature(&function, &s->signatures[index], true);
}

static void read_variables(Dwarf_Die *unit, const search *s) {
    Dwarf_Die child;
    if (dwarf_child(unit, &child) != 0) return;
    do
        if (dwarf_tag(&child) == DW_TAG_variable) found_variable(&child, s);
    while (dwarf_siblingof(&child, &child) == 0);
}

static void read_file(const char *file, search *s) {
    static char *path;
    static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
                                             .find_debuginfo = dwfl_standard_find_debuginfo,
                                             .section_address = dwfl_offline_section_address,
                                             .debuginfo_path = &path};
    Dwfl *session = dwfl_begin(&callbacks);
    Dwfl_Module *module = session ? dwfl_report_offline(session, "", file, -1) : NULL;
    if (session) dwfl_report_end(session, NULL, NULL);
    Dwarf_Addr bias;
    Dwarf_Die *unit = NULL;
    while (module && (unit = dwfl_module_nextcu(module, unit, &bias))) {
        if (s->functions)
            dwarf_getfuncs(unit, found_function, s, 0);
        else
            read_variables(unit, s);
    }
    if (session) dwfl_end(session);
}

void read_debug_information(const char *file, const syrinx_bound_function *functions, unsigned count,
                            signature *signatures) {
    search s = {functions, count, signatures};
    read_file(file, &s);
}

void read_object(const char *file, unsigned count, signature *signatures) {
    search s = {NULL, count, signatures};
    read_file(file, &s);
}
