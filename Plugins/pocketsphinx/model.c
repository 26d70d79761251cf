/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include <ctype.h>
#include <sphinxbase/jsgf.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "jsgf_statements.h"
#include "library.h"
#include "lm.h"

/* ----------------------------------------------------------------------------------------------- installed files -- */

syx_status model_base_open(model_base *base, const char *dir, syx_err *err) {
    snprintf(base->hmm, sizeof base->hmm, "%s/en-us", dir);
    snprintf(base->lm, sizeof base->lm, "%s/en-us.lm.bin", dir);
    snprintf(base->dict, sizeof base->dict, "%s/cmudict-en-us.dict", dir);
    const char *const wanted[] = {base->hmm, base->lm, base->dict};
    for (size_t i = 0; i < 3; i++)
        if (access(wanted[i], R_OK) != 0)
            return syx_fail(err, SYX_ENOTFOUND,
                            "pocketsphinx: no model at %s; install it with: apt-get install pocketsphinx-en-us", wanted[i]);
    if (!dictionary_open(&base->dictionary, base->dict))
        return syx_fail(err, SYX_ENOTFOUND, "pocketsphinx: the dictionary %s cannot be read", base->dict);
    return SYX_OK;
}

void model_base_close(model_base *base) { dictionary_close(&base->dictionary); }

/* ----------------------------------------------------------------------------------------------------- compiling -- */

typedef struct {
    const model_base *base;
    word_set words;
    bool *known; /* by word number, once the dictionary was asked */
    buffer dict, search;
    syx_err *err;
} compiler;

/* Decodes a JSON string into fresh memory. */
static char *decode(syx_str value) {
    char *text = malloc(value.len + 1);
    if (text && syx_json_string(value, text, value.len + 1, NULL)) return text;
    free(text);
    return NULL;
}

static void add_words(compiler *c, const char *text) {
    char word[LONGEST_WORD + 1];
    size_t len;
    while (next_word(&text, word, &len)) word_set_add(&c->words, word, len);
}

static syx_status ask_dictionary(compiler *c) {
    c->known = calloc(c->words.count + 1, sizeof *c->known);
    if (!c->known || c->words.failed) return syx_fail(c->err, SYX_ENOMEM, "pocketsphinx: out of memory");
    dictionary_select(&c->base->dictionary, &c->words, c->known, &c->dict);
    return SYX_OK;
}

static bool word_known(const compiler *c, const char *word, size_t len) {
    int number = word_set_find(&c->words, word, len);
    return number >= 0 && c->known[number];
}

/* The first word without a pronunciation, or NULL. */
static const char *unknown_word(const compiler *c) {
    for (size_t i = 0; i < c->words.count; i++)
        if (!c->known[i]) return c->words.items[i];
    return NULL;
}

static void warn_unknown(const compiler *c) {
    for (size_t i = 0; i < c->words.count; i++)
        if (!c->known[i])
            syx_logf(c->base->core, c->base->host, 0, SYX_LOG_WARNING,
                     "pocketsphinx: a hint's word is not in the dictionary and was skipped: %s", c->words.items[i]);
}

/* ------------------------------------------------------------------------------------------------------- hints -- */

static void add_phrase(compiler *c, phrase_list *phrases, const char *text) {
    char word[LONGEST_WORD + 1];
    size_t len;
    while (next_word(&text, word, &len))
        if (word_known(c, word, len)) phrase_list_add(phrases, word_set_find(&c->words, word, len));
    phrase_list_add(phrases, LM_END_OF_PHRASE);
}

/* Calls `take` with each string of a JSON array. */
static syx_status each_string(compiler *c, syx_str array, void (*take)(compiler *, phrase_list *, const char *),
                              phrase_list *phrases) {
    size_t cursor = 0, count = 0;
    syx_str key, value;
    while (syx_json_next(array, &cursor, &key, &value)) {
        char *text = decode(value);
        if (!text || ++count > SPEC_PHRASES) {
            free(text);
            return syx_fail(c->err, SYX_EINVAL, "pocketsphinx: hints must be at most %d strings", SPEC_PHRASES);
        }
        take(c, phrases, text);
        free(text);
    }
    return SYX_OK;
}

static void take_words(compiler *c, phrase_list *unused, const char *text) {
    (void)unused;
    add_words(c, text);
}

static syx_status compile_hints(compiler *c, syx_str json) {
    syx_status status = each_string(c, json, take_words, NULL);
    if (status == SYX_OK) status = ask_dictionary(c);
    if (status < 0) return status;
    warn_unknown(c);
    phrase_list phrases = {0};
    status = each_string(c, json, add_phrase, &phrases);
    if (status == SYX_OK && !lm_build(&phrases, &c->words, &c->search))
        status = syx_fail(c->err, SYX_EINVAL, "pocketsphinx: no word of the hints is in the dictionary");
    phrase_list_free(&phrases);
    return status;
}

/* ----------------------------------------------------------------------------------------------------- grammar -- */

/* Words of a JSGF text: what is left without <rules>, {tags}, /weights/, comments and the statements before "=". */
static void grammar_words(compiler *c, const char *text) {
    buffer plain = {0};
    bool declaration = true; /* up to "=" of a rule, or a whole header line */
    for (const char *p = text; *p; p++) {
        const char *close = *p == '<' ? ">" : *p == '{' ? "}" : *p == '/' ? (p[1] == '*' ? "*/" : p[1] == '/' ? "\n" : "/") : NULL;
        const char *end = close ? strstr(p + 1, close) : NULL;
        if (end) {
            p = end + strlen(close) - 1;
            buffer_puts(&plain, " ");
            continue;
        }
        if (*p == '=') declaration = false;
        if (*p == ';') declaration = true;
        char out = declaration || *p == '=' || *p == ';' ? ' ' : *p;
        buffer_add(&plain, &out, 1);
    }
    buffer_add(&plain, "", 1);
    if (!plain.failed) add_words(c, plain.data);
    buffer_free(&plain);
}

/* The dictionary is lower case; JSGF's header line is not. */
static void put_lower(buffer *out, const char *text) {
    const char *header = text + strspn(text, " \t\r\n");
    const char *body = strncmp(header, "#JSGF", 5) == 0 ? strchr(header, ';') : NULL;
    if (body)
        buffer_add(out, header, (size_t)(body - header));
    else
        buffer_puts(out, "#JSGF V1.0");
    if (!body) buffer_puts(out, ";\ngrammar syrinx;\n");
    for (const char *p = body ? body : header; *p; p++) {
        char lower = (char)tolower((unsigned char)*p);
        buffer_add(out, &lower, 1);
    }
    buffer_puts(out, "\n");
}

static bool has_statements(buffer *text) {
    buffer_add(text, "", 1);
    bool ok = !text->failed && jsgf_statements_begin_well(text->data);
    text->len--;
    return ok;
}

/* False when the text is no grammar or has no public rule. */
static bool is_grammar(buffer *text) {
    buffer_add(text, "", 1);
    jsgf_t *grammar = text->failed ? NULL : jsgf_parse_string(text->data, NULL);
    text->len--;
    bool ok = grammar && jsgf_get_public_rule(grammar);
    if (grammar) jsgf_grammar_free(grammar);
    return ok;
}

static syx_status check_grammar(compiler *c, const char *text) {
    if (strstr(text, "import")) /* would read other files of this machine */
        return syx_fail(c->err, SYX_EINVAL, "pocketsphinx: a grammar cannot import");
    put_lower(&c->search, text);
    sphinx_silence();
    if (!has_statements(&c->search))
        return syx_fail(c->err, SYX_EINVAL, "pocketsphinx: no grammar: a statement is neither a rule nor a declaration");
    if (!is_grammar(&c->search))
        return syx_fail(c->err, SYX_EINVAL, "pocketsphinx: no grammar with a public rule: %s", sphinx_last_error());
    grammar_words(c, text);
    syx_status status = ask_dictionary(c);
    const char *unknown = status == SYX_OK ? unknown_word(c) : NULL;
    return unknown ? syx_fail(c->err, SYX_EINVAL, "pocketsphinx: a word of the grammar is not in the dictionary: %s", unknown)
                   : status;
}

static syx_status compile_grammar(compiler *c, syx_str json) {
    char *text = decode(json);
    if (!text) return syx_fail(c->err, SYX_EINVAL, "pocketsphinx: grammar must be a string");
    syx_status status = check_grammar(c, text);
    free(text);
    return status;
}

/* -------------------------------------------------------------------------------------------------- key phrases -- */

static syx_status add_keyphrase(compiler *c, syx_str object) {
    syx_str value;
    char *phrase = syx_json_field(object, "phrase", &value) ? decode(value) : NULL;
    if (!phrase) return syx_fail(c->err, SYX_EINVAL, "pocketsphinx: a key phrase needs the text \"phrase\"");
    double threshold = syx_opt_number(object, "threshold", 1e-50, 1, 1e-20);
    const char *p = phrase;
    char word[LONGEST_WORD + 1];
    size_t len, count = 0;
    while (next_word(&p, word, &len)) {
        word_set_add(&c->words, word, len);
        buffer_printf(&c->search, "%s%s", count++ ? " " : "", word);
    }
    free(phrase);
    if (count == 0) return syx_fail(c->err, SYX_EINVAL, "pocketsphinx: a key phrase is empty");
    /* The list's format is "phrase /threshold/"; a power of ten needs no decimal point, and so no locale. */
    buffer_printf(&c->search, " /1e%ld/\n", lround(log10(threshold)));
    return SYX_OK;
}

static syx_status compile_keyphrases(compiler *c, syx_str json) {
    size_t cursor = 0, count = 0;
    syx_str key, value;
    while (syx_json_next(json, &cursor, &key, &value)) {
        if (++count > SPEC_KEYPHRASES_MOST)
            return syx_fail(c->err, SYX_EINVAL, "pocketsphinx: more than %d key phrases", SPEC_KEYPHRASES_MOST);
        syx_status status = add_keyphrase(c, value);
        if (status < 0) return status;
    }
    syx_status status = ask_dictionary(c);
    const char *unknown = status == SYX_OK ? unknown_word(c) : NULL;
    return unknown ? syx_fail(c->err, SYX_EINVAL, "pocketsphinx: a key phrase's word is not in the dictionary: %s", unknown)
                   : status;
}

/* -------------------------------------------------------------------------------------------------------- models -- */

static syx_status compile_spec(compiler *c, const spec *s) {
    syx_str json = syx_cstr(s->json);
    switch (s->kind) {
        case SPEC_HINTS:
            return compile_hints(c, json);
        case SPEC_GRAMMAR:
            return compile_grammar(c, json);
        case SPEC_KEYPHRASES:
            return compile_keyphrases(c, json);
        default:
            return SYX_OK;
    }
}

static syx_status store(compiler *c, model *m) {
    m->dict_fd = buffer_to_file(&c->dict, "syrinx-dict");
    m->search_fd = buffer_to_file(&c->search, "syrinx-search");
    bool ok = m->dict_fd >= 0 && m->search_fd >= 0;
    return ok ? SYX_OK : syx_fail(c->err, SYX_ENOMEM, "pocketsphinx: no memory for a model's files");
}

syx_status model_compile(const model_base *base, const spec *wanted, model **out, syx_err *err) {
    model *m = calloc(1, sizeof *m);
    if (!m) return syx_fail(err, SYX_ENOMEM, "pocketsphinx: out of memory");
    m->dict_fd = m->search_fd = -1;
    atomic_init(&m->references, 1);
    compiler c = {.base = base, .err = err};
    syx_status status = spec_copy(wanted, &m->spec) ? compile_spec(&c, wanted) : SYX_ENOMEM;
    if (status == SYX_OK && wanted->kind != SPEC_GENERAL) status = store(&c, m);
    word_set_free(&c.words);
    free(c.known);
    buffer_free(&c.dict);
    buffer_free(&c.search);
    if (status < 0)
        model_release(m);
    else
        *out = m;
    return status;
}

model *model_retain(model *m) {
    atomic_fetch_add(&m->references, 1);
    return m;
}

void model_release(model *m) {
    if (!m || atomic_fetch_sub(&m->references, 1) > 1) return;
    if (m->dict_fd >= 0) close(m->dict_fd);
    if (m->search_fd >= 0) close(m->search_fd);
    spec_free(&m->spec);
    free(m);
}
