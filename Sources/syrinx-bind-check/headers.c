/* SPDX-License-Identifier: Apache-2.0
 *
 * What the library's headers declare: a compiler reads them and writes the types down as debug information. Nothing
 * that is compiled here is ever run. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "signature.h"

extern char **environ;

typedef struct {
    char folder[64], source[80], object[80], messages[80];
} workspace;

static bool make_workspace(workspace *w) {
    snprintf(w->folder, sizeof w->folder, "/tmp/syrinx-bind-check-XXXXXX");
    if (!mkdtemp(w->folder)) return false;
    snprintf(w->source, sizeof w->source, "%s/probe.c", w->folder);
    snprintf(w->object, sizeof w->object, "%s/probe.o", w->folder);
    snprintf(w->messages, sizeof w->messages, "%s/messages", w->folder);
    return true;
}

static void clear_workspace(const workspace *w) {
    unlink(w->source);
    unlink(w->object);
    unlink(w->messages);
    rmdir(w->folder);
}

/* `only` < count: declarations of this function alone. */
static bool write_source(const workspace *w, const syrinx_bound_description *d, unsigned only) {
    FILE *f = fopen(w->source, "w");
    if (!f) return false;
    fprintf(f, "#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n");
    for (unsigned i = 0; i < d->header_count; i++) fprintf(f, "#include <%s>\n", d->headers[i]);
    for (unsigned i = 0; i < d->function_count; i++)
        if (only == d->function_count || only == i)
            fprintf(f, "__typeof__(%s) *syrinx_bind_%u = 0;\n", d->functions[i].symbol, i);
    return fclose(f) == 0;
}

static bool compile(const workspace *w) {
    const char *compiler = getenv("CC");
    if (!compiler || !compiler[0] || strchr(compiler, ' ')) compiler = "cc";
    char *arguments[] = {(char *)(uintptr_t)compiler, "-std=gnu11", "-g", "-O0", "-w", "-c", "-o",
                         (char *)(uintptr_t)w->object, (char *)(uintptr_t)w->source, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, w->messages, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child;
    int status = -1, failure = posix_spawnp(&child, compiler, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure == 0) waitpid(child, &status, 0);
    return failure == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The first line in which the compiler complains. */
static void take_note(const workspace *w, char note[PROBLEM_BYTES]) {
    char line[400];
    FILE *f = fopen(w->messages, "r");
    while (f && !note[0] && fgets(line, sizeof line, f)) {
        const char *error = strstr(line, "error: ");
        if (error) snprintf(note, PROBLEM_BYTES, "%.*s", (int)strcspn(error + 7, "\n"), error + 7);
    }
    if (f) fclose(f);
    if (!note[0]) snprintf(note, PROBLEM_BYTES, "no C compiler could read the headers");
}

void read_headers(const syrinx_bound_description *d, signature *signatures, char note[PROBLEM_BYTES]) {
    workspace w;
    if (d->header_count == 0 || !make_workspace(&w)) return;
    if (write_source(&w, d, d->function_count) && compile(&w)) {
        read_object(w.object, d->function_count, signatures);
        return clear_workspace(&w);
    }
    take_note(&w, note);
    /* One that is not declared would spoil the others. */
    for (unsigned i = 0; i < d->function_count; i++)
        if (write_source(&w, d, i) && compile(&w)) read_object(w.object, d->function_count, signatures);
    clear_workspace(&w);
}
