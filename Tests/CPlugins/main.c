/* SPDX-License-Identifier: Apache-2.0
 *
 * check PLUGINS_DIR [GROUP ...] -- loads the built plugins and holds them to their promises. */
#include <stdarg.h>

#include "check.h"

int checks_passed, checks_failed;
const char *plugins_dir;
#ifdef __SANITIZE_ADDRESS__
bool sanitized = true;
#else
bool sanitized = false;
#endif

void check_(bool ok, const char *file, int line, const char *format, ...) {
    if (ok) checks_passed++;
    if (!ok) checks_failed++;
    if (ok && !getenv("VERBOSE")) return;
    va_list args;
    va_start(args, format);
    printf("%s %s:%d: ", ok ? "ok" : "FAILED", file, line);
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

static const struct {
    const char *name;
    void (*run)(void);
} groups[] = {
    {"json", test_json},       {"modules", test_modules}, {"energy", test_energy},
    {"filters", test_filters}, {"flite", test_flite},     {"espeak", test_espeak},
    {"pocketsphinx", test_pocketsphinx}, {"onnx", test_onnx}, {"hostile", test_hostile},
    {"lifecycle", test_lifecycle},
};

static bool wanted(int argc, char **argv, const char *name) {
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], name) == 0) return true;
    return argc == 2;
}

int main(int argc, char **argv) {
    if (argc < 2) return fprintf(stderr, "usage: check PLUGINS_DIR [GROUP ...]\n"), 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    plugins_dir = argv[1];
    fake_start(2);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (!wanted(argc, argv, groups[i].name)) continue;
        printf("== %s\n", groups[i].name);
        groups[i].run();
    }
    fake_stop();
    CHECK(fake_breaches() == 0, "no plugin broke the contract (%d breaches)", fake_breaches());
    printf("%d passed, %d failed\n", checks_passed, checks_failed);
    return checks_failed > 0;
}
