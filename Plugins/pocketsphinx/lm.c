/* SPDX-License-Identifier: Apache-2.0
 *
 * Interpolated absolute discounting (Ney, Essen, Kneser, "On structuring probabilistic dependences in stochastic
 * language modelling", 1994): with D taken off each count,
 *
 *   p(w|h) = (c(hw) - D) / c(h) + b(h) p(w|h'),   b(h) = D n(h) / c(h)
 *
 * where n(h) counts the different words after h. An unseen w gets b(h) p(w|h'), so b(h) is at once the back-off weight
 * that ARPA files carry, and each distribution sums to one without a search for normalisers. */
#include "lm.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const double discount = 0.5;

/* Inside the model <s> is 0, </s> is 1 and word i is i + FIRST_WORD. */
enum { START = 0, END = 1, FIRST_WORD = 2 };

typedef struct {
    int w[3]; /* unused places are -1 */
    uint32_t count;
    double p, backoff;
} ngram;

typedef struct {
    ngram *items;
    size_t count;
} ngram_list;

void phrase_list_add(phrase_list *list, int token) {
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256;
        int *grown = realloc(list->tokens, capacity * sizeof *grown);
        if (!grown) {
            list->failed = true;
            return;
        }
        list->tokens = grown;
        list->capacity = capacity;
    }
    list->tokens[list->count++] = token;
}

void phrase_list_free(phrase_list *list) {
    free(list->tokens);
    *list = (phrase_list){0};
}

static int compare(const void *a, const void *b) {
    const ngram *x = a, *y = b;
    for (int i = 0; i < 3; i++)
        if (x->w[i] != y->w[i]) return x->w[i] < y->w[i] ? -1 : 1;
    return 0;
}

static void merge_equal(ngram_list *list) {
    qsort(list->items, list->count, sizeof *list->items, compare);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept > 0 && compare(&list->items[kept - 1], &list->items[i]) == 0)
            list->items[kept - 1].count++;
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
}

/* Adds the n-gram that ends at `last` of a phrase framed by <s> and </s>. */
static void add_at(ngram_list *list, const int *framed, size_t last, int order) {
    ngram *g = &list->items[list->count++];
    *g = (ngram){.w = {-1, -1, -1}, .count = 1};
    for (int i = 0; i < order; i++) g->w[i] = framed[last + 1 - (size_t)order + (size_t)i];
}

/* All n-grams of one order, sorted and counted. <s> only ever begins one. */
static bool collect(const phrase_list *phrases, int order, ngram_list *list) {
    int *framed = malloc((phrases->count + 2) * sizeof *framed);
    /* A phrase of n words yields n + 1 n-grams and occupies n + 1 tokens. */
    list->items = malloc((phrases->count + 1) * sizeof *list->items);
    list->count = 0;
    if (!framed || !list->items) return free(framed), false;
    size_t len = 1;
    framed[0] = START;
    for (size_t i = 0; i < phrases->count; i++) {
        int token = phrases->tokens[i];
        framed[len++] = token == LM_END_OF_PHRASE ? END : token + FIRST_WORD;
        if (token != LM_END_OF_PHRASE) continue;
        for (size_t last = 1; len > 2 && last < len; last++)
            if (last + 1 >= (size_t)order) add_at(list, framed, last, order);
        len = 1;
    }
    free(framed);
    merge_equal(list);
    return true;
}

static ngram *find(const ngram_list *list, int a, int b, int c) {
    ngram key = {.w = {a, b, c}};
    return bsearch(&key, list->items, list->count, sizeof key, compare);
}

/* Unigrams over all words and </s>; <s> is listed for its back-off weight only. */
static bool unigrams(ngram_list *list, size_t words) {
    size_t size = words + FIRST_WORD;
    ngram *all = calloc(size, sizeof *all);
    if (!all) return false;
    double total = 0;
    for (size_t i = 0; i < list->count; i++) all[list->items[i].w[0]].count = list->items[i].count;
    for (size_t i = END; i < size; i++) total += all[i].count + discount;
    for (size_t i = 0; i < size; i++) {
        memcpy(all[i].w, (int[]){(int)i, -1, -1}, sizeof all[i].w);
        all[i].p = i == START ? 0 : (all[i].count + discount) / total;
        all[i].backoff = 1;
    }
    free(list->items);
    *list = (ngram_list){all, size};
    return true;
}

/* Fills p of one order and the back-off weights of the order below. */
static void estimate(ngram_list *list, const ngram_list *lower, int order) {
    size_t history = (size_t)order - 1;
    for (size_t begin = 0, end; begin < list->count; begin = end) {
        double total = 0;
        for (end = begin; end < list->count; end++) {
            if (memcmp(list->items[end].w, list->items[begin].w, history * sizeof(int)) != 0) break;
            total += list->items[end].count;
        }
        const int *h = list->items[begin].w;
        double weight = discount * (double)(end - begin) / total;
        ngram *context = find(lower, h[0], history > 1 ? h[1] : -1, -1);
        if (context) context->backoff = weight;
        for (size_t i = begin; i < end; i++) {
            ngram *g = &list->items[i];
            const ngram *tail = find(lower, g->w[1], history > 1 ? g->w[2] : -1, -1);
            g->p = (g->count - discount) / total + weight * (tail ? tail->p : 0);
        }
    }
}

/* A base-10 logarithm in the form that needs no locale. */
static void put_log(buffer *out, double p) {
    long v = p > 0 ? lround(log10(p) * 10000) : -990000;
    buffer_printf(out, "%s%ld.%04ld", v < 0 ? "-" : "", labs(v) / 10000, labs(v) % 10000);
}

static void put_section(buffer *out, const ngram_list *list, int order, const word_set *words) {
    buffer_printf(out, "\n\\%d-grams:\n", order);
    for (size_t i = 0; i < list->count; i++) {
        const ngram *g = &list->items[i];
        put_log(out, g->p);
        for (int k = 0; k < order; k++) {
            int w = g->w[k];
            buffer_puts(out, k ? " " : "\t");
            buffer_puts(out, w == START ? "<s>" : w == END ? "</s>" : words->items[w - FIRST_WORD]);
        }
        if (order < 3) {
            buffer_puts(out, "\t");
            put_log(out, g->backoff > 0 ? g->backoff : 1);
        }
        buffer_puts(out, "\n");
    }
}

static bool build(const phrase_list *phrases, const word_set *words, ngram_list lists[3], buffer *out) {
    for (int i = 0; i < 3; i++)
        if (!collect(phrases, i + 1, &lists[i])) return false;
    if (lists[0].count < 2 || !unigrams(&lists[0], words->count)) return false;
    for (size_t i = 0; i < lists[1].count; i++) lists[1].items[i].backoff = 1;
    estimate(&lists[1], &lists[0], 2);
    estimate(&lists[2], &lists[1], 3);
    buffer_puts(out, "\\data\\\n");
    for (int i = 0; i < 3; i++) buffer_printf(out, "ngram %d=%zu\n", i + 1, lists[i].count);
    for (int i = 0; i < 3; i++) put_section(out, &lists[i], i + 1, words);
    buffer_puts(out, "\n\\end\\\n");
    return !out->failed;
}

bool lm_build(const phrase_list *phrases, const word_set *words, buffer *out) {
    ngram_list lists[3] = {{0}};
    bool ok = !phrases->failed && build(phrases, words, lists, out);
    for (int i = 0; i < 3; i++) free(lists[i].items);
    return ok;
}
