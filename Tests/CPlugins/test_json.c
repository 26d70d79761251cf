/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "syrinx_json.h"

static void check_string(const char *json, const char *expected) {
    char text[64];
    bool ok = syx_json_string(syx_cstr(json), text, sizeof text, NULL);
    CHECK(expected ? ok && strcmp(text, expected) == 0 : !ok, "the string %s decodes", json);
}

static void strings(void) {
    check_string("\"plain\"", "plain");
    check_string("\"a\\n\\t\\\"\\\\\\/\"", "a\n\t\"\\/");
    check_string("\"\\u00e9\\u20ac\"", "\xC3\xA9\xE2\x82\xAC");
    check_string("\"\\ud83d\\ude00\"", "\xF0\x9F\x98\x80");
    check_string("\"\\ud83d\"", "\xEF\xBF\xBD");
    check_string("\"\\u0000\"", NULL);
    check_string("\"\\x\"", NULL);
    check_string("\"\\u12\"", NULL);
    check_string("12", NULL);
}

static void check_valid(const char *json, bool expected) {
    CHECK(syx_json_valid(syx_cstr(json)) == expected, "%s is %s", json, expected ? "well formed" : "malformed");
}

static void validity(void) {
    check_valid("{}", true);
    check_valid(" {\"a\":[1,2.5e3,-1,true,null,{\"b\":\"]\"}]} ", true);
    check_valid("{\"a\":1,}", false);
    check_valid("{\"a\" 1}", false);
    check_valid("[1,2", false);
    check_valid("{\"a\":nope}", false);
    check_valid("\"open", false);
    check_valid("", false);
    char deep[4096];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = 0;
    CHECK(!syx_json_valid(syx_cstr(deep)), "4095 brackets neither overflow the stack nor pass");
}

static void fields(void) {
    syx_str object = syx_cstr("{\"x\":{\"n\":1},\"n\":-2.5e-1,\"s\":\"t\",\"b\":true,\"z\":null,\"list\":[\"a\",\"b\"]}"), value;
    CHECK(syx_opt_number(object, "n", -10, 10, 0) == -0.25, "a nested field of the same name is not mistaken");
    CHECK(syx_opt_number(object, "n", 0, 10, 5) == 0, "a number is kept within its bounds");
    CHECK(syx_opt_number(object, "missing", 0, 10, 5) == 5, "an absent number is its default");
    CHECK(syx_opt_bool(object, "b", false) && syx_opt_bool(object, "missing", true), "booleans");
    CHECK(!syx_json_field(object, "z", &value), "null counts as absent");
    size_t cursor = 0, count = 0;
    syx_str key, list;
    syx_json_field(object, "list", &list);
    while (syx_json_next(list, &cursor, &key, &value)) count++;
    CHECK(count == 2, "an array has its elements");
}

/* Every truncation of a good text must be handled within its bounds; the sanitizer watches. */
static void truncations(void) {
    const char *text = "{\"a\":[1,\"\\u00e9\\ud83d\\ude00\",{\"k\":false}],\"b\":\"\\\\\"}";
    size_t len = strlen(text), valid = 0;
    for (size_t n = 0; n <= len; n++) {
        char *copy = malloc(n + 1);
        memcpy(copy, text, n);
        syx_str part = syx_span(copy, n), key, value;
        valid += syx_json_valid(part);
        for (size_t cursor = 0; syx_json_next(part, &cursor, &key, &value);) {
            char out[8];
            syx_json_string(value, out, sizeof out, NULL);
        }
        free(copy);
    }
    CHECK(valid == 1, "only the whole text is well formed");
}

void test_json(void) {
    strings();
    validity();
    fields();
    truncations();
}
