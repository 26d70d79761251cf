/* SPDX-License-Identifier: Apache-2.0
 *
 * check PLUGINS WORK [GROUP ...] -- bound mode, from the manifest to the library and back.
 * check --stdin -- verdicts for schema_test.py. */
#include "bound_test.h"

static const struct {
    const char *name;
    void (*run)(void);
} groups[] = {
    {"filters", test_filters_bound}, {"vad", test_vad_bound},         {"talkers", test_talkers}, {"espeak", test_espeak_bound},
    {"refusals", test_refusals},     {"mutations", test_mutations}, {"leaks", test_leaks},
};

static bool wanted(int argc, char **argv, const char *name) {
    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], name) == 0) return true;
    return argc == 3;
}

/* Reads paths of bind.json files and answers "taken" or the code of the refusal, a line each. */
static int judge(void) {
    char path[1024], error[600];
    while (fgets(path, sizeof path, stdin)) {
        const char *code = "";
        path[strcspn(path, "\n")] = 0;
        puts(syrinx_bound_module(path, &code, error, sizeof error) ? "taken" : code);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--stdin") == 0) return judge();
    if (argc < 3) return fprintf(stderr, "usage: check PLUGINS WORK [GROUP ...]\n"), 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    plugins_dir = argv[1];
    work_dir = argv[2];
    fake_start(2);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (!wanted(argc, argv, groups[i].name)) continue;
        printf("== %s\n", groups[i].name);
        groups[i].run();
    }
    fake_stop();
    CHECK(fake_breaches() == 0, "no module broke the contract (%d breaches)", fake_breaches());
    printf("%d passed, %d failed\n", checks_passed, checks_failed);
    return checks_failed > 0;
}
