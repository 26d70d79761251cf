/* SPDX-License-Identifier: Apache-2.0 */
#include "jsgf_statements.h"

#include <stddef.h>
#include <string.h>

static const char *after(const char *text, const char *end) {
    const char *found = strstr(text, end);
    return found ? found + strlen(end) : text + strlen(text);
}

/* White space and comments. */
static const char *skip_blank(const char *text) {
    for (;;) {
        text += strspn(text, " \t\r\n");
        if (strncmp(text, "//", 2) == 0)
            text = after(text, "\n");
        else if (strncmp(text, "/*", 2) == 0)
            text = after(text + 2, "*/");
        else
            return text;
    }
}

/* A quoted string or a tag; a backslash protects what follows it. */
static const char *skip_quoted(const char *text, char end) {
    for (text++; *text && *text != end; text++)
        if (*text == '\\' && text[1]) text++;
    return *text ? text + 1 : text;
}

/* Behind the semicolon that ends a statement. */
static const char *skip_statement(const char *text) {
    while (*text && *text != ';') {
        const char *next = skip_blank(text);
        if (next != text)
            text = next;
        else if (*text == '"' || *text == '{')
            text = skip_quoted(text, *text == '{' ? '}' : '"');
        else
            text++;
    }
    return *text ? text + 1 : text;
}

static bool begins_statement(const char *text) {
    static const char *const words[] = {"#JSGF", "grammar", "import", "public"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(text, words[i], strlen(words[i])) == 0) return true;
    size_t name = *text == '<' ? strcspn(text + 1, "<>") : 0;
    return name > 0 && text[name + 1] == '>';
}

bool jsgf_statements_begin_well(const char *text) {
    for (text = skip_blank(text); *text; text = skip_blank(skip_statement(text)))
        if (!begins_statement(text)) return false;
    return true;
}
