/* SPDX-License-Identifier: Apache-2.0
 *
 * What a manifest may get wrong, and what is said about it. Each fault is made by one change to a manifest that works. */
#include "bound_test.h"

static const char good[] =
    "{\"bind\":1,\"kind\":\"vad\",\"id\":\"toy\",\"library\":\"./libtoy.so\",\"types\":{\"t\":\"ptr\"},"
    "\"functions\":{\"create\":{\"symbol\":\"toy_vad_create\",\"returns\":\"t\",\"args\":[\"cstr\"]},"
    "\"run\":{\"symbol\":\"toy_vad_run\",\"returns\":\"i32\",\"args\":[\"t\",\"ptr\",\"i32\",\"ptr\"]},"
    "\"destroy\":{\"symbol\":\"toy_destroy\",\"returns\":\"void\",\"args\":[\"t\"]}},"
    "\"variables\":{\"percent\":\"i32\"},\"format\":{\"format\":\"s16\",\"rates\":[8000,16000],\"frame_ms\":10},"
    "\"open\":[{\"call\":\"create\",\"args\":[\"$config.name\"],\"into\":\"v\",\"fail_if\":\"null\"}],"
    "\"process\":[{\"call\":\"run\",\"args\":[\"$v\",\"$inout\",\"$samples\",{\"i32\":\"$percent\"}]}],"
    "\"close\":[{\"call\":\"destroy\",\"args\":[\"$v\"]}],\"result\":{\"probability\":\"$percent\"},"
    "\"config_schema\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"default\":\"x\"}}}}";

typedef struct {
    const char *from, *to;   /* the change */
    const char *code, *says; /* what is answered; `says` lies in the sentence */
} fault;

static const fault faults[] = {
    {"{\"bind\"", "\"bind\"", "json", "line 1"},
    {"\"bind\":1,", "", "invalid", "$.bind: is missing"},
    {"\"bind\":1,", "\"bind\":2,", "invalid", "$.bind"},
    {"\"bind\":1,", "\"bind\":1,\"bind\":1,", "json", "duplicate"},
    {"\"kind\":\"vad\"", "\"kind\":\"vaad\"", "invalid", "did you mean `vad`"},
    {"\"kind\":\"vad\"", "\"kind\":\"stt\"", "invalid", "$.kind"},
    {"\"kind\":\"vad\"", "\"kind\":\"filter\"", "mismatch", "plugin.json"},
    {"\"id\":\"toy\"", "\"id\":\"toys\"", "mismatch", "toys"},
    {"\"id\":\"toy\"", "\"id\":\"Toy\"", "invalid", "$.id"},
    {"\"library\":\"./libtoy.so\",", "", "invalid", "$.library: is missing"},
    {"./libtoy.so", "libno-such-thing.so.9", "library_not_found", "libno-such-thing.so.9"},
    {"./libtoy.so", "./libno.so", "library_not_found", "libno.so"},
    {"./libtoy.so", "../libtoy.so", "invalid", "leaves the package"},
    {"./libtoy.so", "x/../../libtoy.so", "invalid", "leaves the package"},
    {"./libtoy.so", "/lib/libtoy.so", "invalid", "absolute"},
    {"./libtoy.so", "libtoy", "invalid", "soname"},
    {"./libtoy.so", "libm.so.6", "symbol_not_found", "$.functions.create.symbol"},
    {"toy_vad_create", "toy_vad_creat", "symbol_not_found", "toy_vad_creat"},
    {"toy_vad_create", "toy_live", "symbol_not_found", "a variable"},
    {"toy_vad_create", "malloc", "symbol_not_found", "not the library's own"},
    {"\"variables\"", "\"varables\"", "invalid", "did you mean `variables`"},
    {"\"symbol\":\"toy_destroy\"", "\"symbl\":\"toy_destroy\"", "invalid", "did you mean `symbol`"},
    {"\"returns\":\"void\",", "", "invalid", "$.functions.destroy.returns: is missing"},
    {"\"returns\":\"void\",\"args\":[\"t\"]", "\"returns\":\"void\"", "invalid", "$.functions.destroy.args: is missing"},
    {"\"returns\":\"i32\"", "\"returns\":\"csr\"", "unknown_name", "did you mean `cstr`"},
    {"\"returns\":\"i32\"", "\"returns\":\"int\"", "unknown_name", "i32 or i64"},
    {"\"args\":[\"t\"]", "\"args\":[\"void\"]", "invalid", "cannot be void"},
    {"{\"t\":\"ptr\"}", "{\"t\":\"void\"}", "invalid", "$.types.t"},
    {"{\"t\":\"ptr\"}", "{\"ptr\":\"i32\"}", "invalid", "is a type already"},
    {"\"args\":[\"$v\"]", "\"args\":[\"$w\"]", "unknown_name", "$.close[0].args[0]"},
    {"\"args\":[\"$v\"]", "\"args\":[]", "signature", "`destroy` takes 1 arguments, not 0"},
    {"\"args\":[\"$v\"]", "\"args\":[\"$v\",1]", "signature", "not 2"},
    {"\"args\":[\"$v\"]", "\"args\":[1]", "signature", "a number cannot be a t"},
    {"\"args\":[\"$v\"]", "\"args\":[\"$percent\"]", "signature", "`$percent` is i32, not t"},
    {"\"args\":[\"$v\"]", "\"args\":[\"$inout\"]", "unknown_name", "not known here"},
    {"\"args\":[\"$v\"]", "\"args\":[\"@sink\"]", "signature", "callback"},
    {"\"args\":[\"$v\"]", "\"args\":[{\"i32\":1}]", "signature", "address"},
    {"\"args\":[\"$v\"]", "\"args\":[[]]", "invalid", "no value"},
    {"\"args\":[\"$v\"]", "\"args\":[\"$0\"]", "unknown_name", "callbacks only"},
    {"\"call\":\"destroy\"", "\"call\":\"destoy\"", "unknown_name", "did you mean `destroy`"},
    {"{\"i32\":\"$percent\"}", "{\"i64\":\"$percent\"}", "signature", "`$percent` is i32, not i64"},
    {"{\"i32\":\"$percent\"}", "{\"u8\":256}", "signature", "256 does not fit into u8"},
    {"{\"i32\":\"$percent\"}", "{\"i32\":1,\"u8\":1}", "invalid", "one type and its value"},
    {"\"$samples\"", "\"$sample\"", "unknown_name", "did you mean `$samples`"},
    {"\"$samples\"", "1.5", "signature", "whole number"},
    {"\"$samples\"", "3000000000", "signature", "does not fit"},
    {"\"$config.name\"", "\"$config.nam\"", "unknown_name", "did you mean `name`"},
    {"\"$config.name\"", "\"$options.name\"", "unknown_name", "session_schema"},
    {"\"type\":\"string\"", "\"type\":\"integer\"", "signature", "cannot be a cstr"},
    {",\"default\":\"x\"", "", "invalid", "default"},
    {"\"config_schema\":{\"type\":\"object\"", "\"config_schema\":{\"type\":\"array\"", "invalid", "$.config_schema.type"},
    {"\"fail_if\":\"null\"", "\"fail_if\":\"nul\"", "invalid", "did you mean `null`"},
    {"\"fail_if\":\"null\"", "\"fail_if\":\"negative\"", "invalid", "signed number"},
    {"\"fail_if\":\"null\"", "\"message\":\"oh\"", "invalid", "fail_if"},
    {"\"into\":\"v\"", "\"into\":\"percent\"", "invalid", "another type"},
    {"\"into\":\"v\"", "\"into\":\"1v\"", "invalid", "no name"},
    {"\"format\":\"s16\"", "\"format\":\"s24\"", "invalid", "$.format.format"},
    {"\"rates\":[8000,16000]", "\"rates\":[]", "invalid", "empty"},
    {"\"rates\":[8000,16000]", "\"rates\":[800]", "invalid", "$.format.rates[0]"},
    {"\"rates\":[8000,16000]", "\"rates\":[22050]", "invalid", "no whole number of samples"},
    {"\"frame_ms\":10", "\"frame_ms\":100", "invalid", "1 to 60"},
    {"\"frame_ms\":10", "\"frame_ms\":10,\"channels\":2", "invalid", "$.format.channels"},
    {"\"probability\":\"$percent\"", "\"probability\":\"$v\"", "invalid", "no number"},
    {"\"probability\":\"$percent\"", "\"probability\":\"$x\"", "unknown_name", "$.result.probability"},
    {"\"result\":{\"probability\":\"$percent\"},", "", "invalid", "$.result"},
    {"\"$inout\"", "null", "invalid", "never takes the audio"},
    {"\"process\"", "\"speak\"", "invalid", "$.process: is missing"},
    {"\"process\":[", "\"setup\":[{\"call\":\"destroy\",\"args\":[\"$v\"]}],\"process\":[", "unknown_name", "$.setup[0]"},
    {"\"process\":[", "\"process\":[{\"emit\":\"AUDIO_OUT\"},", "invalid", "only a tts"},
};

static bool change(const fault *f, char *out, size_t size) {
    const char *at = strstr(good, f->from);
    if (!at) return false;
    snprintf(out, size, "%.*s%s%s", (int)(at - good), good, f->to, at + strlen(f->from));
    return true;
}

static void callbacks(void) {
    static const char head[] =
        "\"functions\":{\"set\":{\"symbol\":\"toy_call\",\"returns\":\"i32\",\"args\":[\"ptr\",\"i32\"]}},"
        "\"format\":{\"format\":\"s16\",\"rates\":[16000]},\"speak\":[{\"call\":\"set\",\"args\":[null,0]}],";
    char text[2048];
    const struct {
        const char *members, *code, *says;
    } cases[] = {
        {"\"setup\":[{\"call\":\"set\",\"args\":[\"@a\",0]}],\"callbacks\":{\"a\":{\"returns\":\"void\",\"args\":[]}}", "invalid",
         "cannot tell sessions apart"},
        {"\"callbacks\":{\"a\":{\"returns\":\"i32\",\"args\":[]}}", "invalid", "$.callbacks.a.return: is missing"},
        {"\"callbacks\":{\"a\":{\"returns\":\"f32\",\"args\":[]}}", "invalid", "whole number"},
        {"\"callbacks\":{\"a\":{\"returns\":\"i8\",\"args\":[],\"return\":200}}", "invalid", "200 is no i8"},
        {"\"callbacks\":{\"a\":{\"returns\":\"void\",\"args\":[\"i32\"],\"self\":0}}", "invalid", "$.callbacks.a.self"},
        {"\"callbacks\":{\"a\":{\"returns\":\"void\",\"args\":[\"ptr\"],\"on\":[{\"emit\":\"AUDIO_OUT\",\"data\":\"$0\","
         "\"samples\":\"$1\"}]}}", "unknown_name", "no argument `$1`"},
        {"\"callbacks\":{\"a\":{\"returns\":\"void\",\"args\":[],\"on\":[{\"emit\":\"AUDIO\"}]}}", "invalid", "AUDIO_OUT"},
        {"\"callbacks\":{\"a\":{\"returns\":\"void\",\"args\":[],\"on\":[{\"call\":\"set\"}]}}", "invalid", "emit"},
        {"\"open\":[],\"global_state\":true", "invalid", "$.open"},
        {"\"voices\":{\"en\":1}", "invalid", "$.voices.en"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "%s%s", head, cases[i].members);
        load_result r = bound_load_toy("tts", text);
        bool as_said = !r.module && strcmp(r.code + strlen("plugin.bind."), cases[i].code) == 0 && strstr(r.error, cases[i].says);
        CHECK(as_said, "callback %zu: wanted %s `%s`, got %s `%s`", i, cases[i].code, cases[i].says, r.code, r.error);
    }
}

void test_refusals(void) {
    load_result r = bound_load_text("vad", good);
    CHECK(r.module != NULL, "the manifest works before it is broken: %s %s", r.code, r.error);
    static char text[8192];
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        const fault *f = &faults[i];
        bool changed = change(f, text, sizeof text);
        r = bound_load_text("vad", text);
        bool named = changed && !r.module && strncmp(r.code, "plugin.bind.", 12) == 0 && strcmp(r.code + 12, f->code) == 0;
        CHECK(named && strstr(r.error, f->says), "%s -> %s: wanted %s `%s`, got %s `%s`", f->from, f->to, f->code, f->says, r.code,
              r.error);
    }
    callbacks();
    /* A verified copy lies elsewhere; the package's folder has the rest. */
    char path[512], error[600];
    const char *code = "";
    bound_load_text("vad", good);
    snprintf(path, sizeof path, "%s/bind.json", work_dir);
    CHECK(syrinx_bound_module_in(path, work_dir, &code, error, sizeof error) != NULL, "the folder may be named: %s", error);
    CHECK(!syrinx_bound_module_in(path, plugins_dir, &code, error, sizeof error) && strstr(error, "plugin.json"), "%s", error);
    r = bound_load_package("no-such-folder");
    CHECK(!r.module && strcmp(r.code, "plugin.bind.unreadable") == 0, "%s", r.error);
}
