/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOADGEN_OPTIONS_H
#define LOADGEN_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum mode { MODE_ECHO, MODE_CONVERSE, MODE_CHURN };

struct options {
    enum mode mode;
    char host[64];
    int port;
    char path[512];
    int sessions;
    double seconds; /* the measured window */
    double warm;    /* between the last session's opening and the window */
    double ramp;    /* over which the sessions open */
    double churn;   /* churn: starts (and stops) a second */
    double life;    /* churn: seconds that such a session lives */
    pid_t pid;      /* of the server, 0 = do not measure it */
    bool json;
    /* From the query of --url, which the server reads too. */
    int rate;
    int reply_ms;
    size_t frame_bytes; /* 20 ms */
};

/* Ends the process with a usage text when the arguments make no sense. */
struct options options_parse(int argc, char **argv);

#endif
