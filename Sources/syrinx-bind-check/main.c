/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx-bind-check [--json] PATH -- compares a bind.json with the library that it binds: first with the library's own
 * debug information, then with its headers; what neither knows is checked as a symbol only. Exit code 0 = agrees,
 * 1 = does not, or the manifest is refused, 2 = wrong usage. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "signature.h"

typedef struct {
    const char *source, *verdict;
    char problem[PROBLEM_BYTES];
} finding;

static const char usage[] = "usage: syrinx-bind-check [--json] FOLDER|bind.json\n";

static void print_refusal(bool json, const char *code, const char *message) {
    if (!json) {
        printf("refused: %s: %s\n", code, message);
        return;
    }
    json_t *report = json_pack("{s:b,s:s,s:s}", "ok", 0, "code", code, "message", message);
    json_dumpf(report, stdout, JSON_COMPACT);
    printf("\n");
    json_decref(report);
}

static finding examine(const syrinx_bound_function *f, const signature *debug, const signature *header) {
    finding result = {.source = "symbol only", .verdict = "unverified"};
    const signature *real = debug->found ? debug : header->found ? header : NULL;
    if (!real) return result;
    result.source = debug->found ? "dwarf" : "header";
    result.verdict = signature_agrees(f, real, result.problem) ? "ok" : "wrong";
    if (real->unprototyped) {
        result.verdict = "unverified";
        snprintf(result.problem, sizeof result.problem, "it is declared without its arguments");
    }
    return result;
}

/* A callback is compared with what the argument's type points to. */
static finding examine_callback(const syrinx_bound_callback_use *use, const signature *debug, const signature *header) {
    const signature *function = debug[use->function].found ? &debug[use->function] : &header[use->function];
    const signature *real = use->argument < SIGNATURE_ARGS ? function->callbacks[use->argument] : NULL;
    static const signature none;
    bool by_debug = debug[use->function].found;
    return examine(&use->callback, by_debug && real ? real : &none, !by_debug && real ? real : &none);
}

static void print_row(const char *mark, const char *name, const char *symbol, const finding *f) {
    printf("  %s%-*s %-36s %-12s %s%s%s\n", mark, mark[0] ? 15 : 16, name, symbol, f->source, f->verdict,
           f->problem[0] ? ": " : "", f->problem);
}

static void print_text(const syrinx_bound_description *d, const finding *list, const char *note) {
    printf("%s\n", d->library);
    for (unsigned i = 0; i < d->function_count; i++) print_row("", d->functions[i].name, d->functions[i].symbol, &list[i]);
    for (unsigned i = 0; i < d->callback_count; i++) {
        const syrinx_bound_callback_use *use = &d->callbacks[i];
        print_row("@", use->callback.name, d->functions[use->function].symbol, &list[d->function_count + i]);
    }
    if (note[0]) printf("  the headers: %s\n", note);
}

static json_t *json_row(const char *name, const char *symbol, const finding *f) {
    return json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", name, "symbol", symbol, "verified_by", f->source, "verdict", f->verdict,
                     "problem", f->problem);
}

static void print_json(const syrinx_bound_description *d, const finding *list, const char *note, bool ok) {
    json_t *functions = json_array(), *callbacks = json_array();
    for (unsigned i = 0; i < d->function_count; i++)
        json_array_append_new(functions, json_row(d->functions[i].name, d->functions[i].symbol, &list[i]));
    for (unsigned i = 0; i < d->callback_count; i++)
        json_array_append_new(callbacks, json_row(d->callbacks[i].callback.name,
                                                  d->functions[d->callbacks[i].function].symbol,
                                                  &list[d->function_count + i]));
    json_t *report = json_pack("{s:b,s:s,s:o,s:o,s:s}", "ok", ok, "library", d->library, "functions", functions,
                               "callbacks", callbacks, "note", note);
    json_dumpf(report, stdout, JSON_COMPACT);
    printf("\n");
    json_decref(report);
}

static int check(const syrinx_bound_description *d, bool json) {
    unsigned count = d->function_count, all = count + d->callback_count;
    signature *debug = calloc(count + 1, sizeof *debug), *header = calloc(count + 1, sizeof *header);
    finding *list = calloc(all + 1, sizeof *list);
    char note[PROBLEM_BYTES] = "";
    bool ok = debug && header && list;
    if (ok) {
        read_debug_information(d->library, d->functions, count, debug);
        read_headers(d, header, note);
        for (unsigned i = 0; i < all; i++) {
            list[i] = i < count ? examine(&d->functions[i], &debug[i], &header[i])
                                : examine_callback(&d->callbacks[i - count], debug, header);
            ok = ok && strcmp(list[i].verdict, "wrong") != 0;
        }
        if (json)
            print_json(d, list, note, ok);
        else
            print_text(d, list, note);
    }
    signatures_free(debug, count);
    signatures_free(header, count);
    free(list);
    return ok ? 0 : 1;
}

int main(int argc, char **argv) {
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    if (argc != 2 + json || argv[1 + json][0] == '-') return fputs(usage, stderr), 2;
    const char *path = argv[1 + json], *code = "plugin.bind.unreadable";
    char file[4200], error[700] = "";
    struct stat about;
    bool folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    snprintf(file, sizeof file, "%s%s", path, folder ? "/bind.json" : "");
    const syrinx_bound_description *d = syrinx_bound_describe(file, NULL, &code, error, sizeof error);
    if (d) return check(d, json);
    print_refusal(json, code, error);
    return 1;
}
