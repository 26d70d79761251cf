/* SPDX-License-Identifier: Apache-2.0 */
#include "process.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static FILE *open_proc(pid_t pid, const char *name) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return fopen(path, "r");
}

static int64_t cpu_us(pid_t pid) {
    char line[1024];
    unsigned long long user = 0, system = 0;
    FILE *file = open_proc(pid, "stat");
    if (!file) return 0;
    size_t n = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[n] = 0;
    /* The command's name may hold spaces and brackets: fields are counted from its last bracket (proc(5)). */
    const char *rest = strrchr(line, ')');
    if (!rest || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2)
        return 0;
    return (int64_t)((user + system) * 1000000ULL / (unsigned long long)sysconf(_SC_CLK_TCK));
}

/* A number after "Name:" in one of the files that are lists of such lines. */
static int64_t field(pid_t pid, const char *name, const char *key) {
    char line[256];
    long long value = 0;
    size_t len = strlen(key);
    FILE *file = open_proc(pid, name);
    if (!file) return 0;
    while (fgets(line, sizeof line, file))
        if (strncmp(line, key, len) == 0 && sscanf(line + len, " %lld", &value) == 1) break;
    fclose(file);
    return value;
}

struct process_sample process_sample(pid_t pid) {
    struct process_sample sample = {0};
    if (pid == 0) return sample;
    sample.cpu_us = cpu_us(pid);
    sample.rss_kib = field(pid, "status", "VmRSS:");
    sample.pss_kib = field(pid, "smaps_rollup", "Pss:");
    sample.threads = (int)field(pid, "status", "Threads:");
    return sample;
}

int64_t own_cpu_us(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    int64_t seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    return seconds * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}
