/* SPDX-License-Identifier: Apache-2.0
 *
 * A thousand times open and close. The leak checker of the sanitizer looks at the end; here the library counts. */
#include <dirent.h>

#include "bound_test.h"

static size_t open_files(void) {
    size_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d)) n++;
    if (d) closedir(d);
    return n;
}

static void cycle(bound *b, uint32_t rate, bool speaks) {
    enum { ROUNDS = 1000 };
    size_t before = open_files(), failed = 0;
    int16_t pcm[480] = {0};
    syx_result result;
    for (int i = 0; i < ROUNDS; i++) {
        fake_session *s = bound_session(b, rate, rate / 50, "");
        failed += s == NULL;
        if (!s) continue;
        if (!speaks) failed += bound_frame(s, pcm, pcm, rate / 50, rate, &result) < 0;
        if (speaks && i % 10 == 0) fake_send(s, SYX_EV_SPEAK, 1, 1, "one", "");
        fake_close(s);
    }
    CHECK(failed == 0 && open_files() == before, "%s: %d sessions open and close", b->desc->id, ROUNDS);
}

static const char talker[] =
    "\"types\":{\"t\":\"ptr\"},"
    "\"functions\":{\"create\":{\"symbol\":\"toy_plain_create\",\"returns\":\"t\",\"args\":[\"ptr\",\"ptr\"]},"
    "\"talk\":{\"symbol\":\"toy_plain_talk\",\"returns\":\"i32\",\"args\":[\"t\",\"cstr\"]},"
    "\"destroy\":{\"symbol\":\"toy_destroy\",\"returns\":\"void\",\"args\":[\"t\"]}},"
    "\"callbacks\":{\"sink\":{\"returns\":\"i32\",\"args\":[\"ptr\",\"i32\"],"
    "\"on\":[{\"emit\":\"AUDIO_OUT\",\"data\":\"$0\",\"samples\":\"$1\"}],\"return\":0},"
    "\"word\":{\"returns\":\"void\",\"args\":[\"i32\",\"i32\"]}},"
    "\"format\":{\"format\":\"s16\",\"rates\":[16000]},"
    "\"provider_open\":[{\"call\":\"create\",\"args\":[null,null],\"into\":\"shared\"}],"
    "\"provider_close\":[{\"call\":\"destroy\",\"args\":[\"$shared\"]}],"
    "\"open\":[{\"call\":\"create\",\"args\":[\"@sink\",\"@word\"],\"into\":\"t\"}],"
    "\"speak\":[{\"call\":\"talk\",\"args\":[\"$t\",\"$text\"]}],"
    "\"close\":[{\"call\":\"destroy\",\"args\":[\"$t\"]}]";

void test_leaks(void) {
    bound b = bound_open(bound_load_package("bound-speexdsp"), "");
    cycle(&b, 16000, false);
    bound_close(&b);
    b = bound_open(bound_load_package("bound-espeak-ng"), "");
    cycle(&b, 22050, true);
    bound_close(&b);
    load_result toy = bound_load_toy("tts", talker);
    int before = toy_number("toy_count");
    b = bound_open(toy, "");
    cycle(&b, 16000, true);
    bound_close(&b);
    for (int i = 0; i < 1000; i++) {
        b = bound_open(toy, "");
        bound_close(&b);
    }
    CHECK(before >= 0 && toy_number("toy_count") == before, "the library has nothing open (%d before, %d after)", before, toy_number("toy_count"));
}
