/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage_text[] =
    "usage: loadgen echo|converse|churn --url ws://HOST:PORT/PATH?QUERY [options]\n"
    "  --sessions N   live sessions (100)\n"
    "  --seconds S    length of the measured window (10)\n"
    "  --ramp S       time over which the sessions open (1)\n"
    "  --warm S       time between the last opening and the window (1)\n"
    "  --churn N      churn: further sessions started and stopped a second (50)\n"
    "  --life S       churn: how long each of these lives (1)\n"
    "  --pid PID      the server: also report its CPU time and memory\n"
    "  --json         one JSON object instead of text\n"
    "The query's rate (16000) and reply_ms (1000) are taken over. HOST is an IPv4 address.\n";

static void usage(const char *problem) {
    fprintf(stderr, "loadgen: %s\n%s", problem, usage_text);
    exit(2);
}

static enum mode parse_mode(const char *word) {
    if (strcmp(word, "echo") == 0) return MODE_ECHO;
    if (strcmp(word, "converse") == 0) return MODE_CONVERSE;
    if (strcmp(word, "churn") == 0) return MODE_CHURN;
    usage("the mode must be echo, converse or churn");
    return MODE_ECHO;
}

static double parse_number(const char *text, double low, double high) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value >= low && value <= high)) usage("a number is out of range");
    return value;
}

/* An integer of the URL's query, or what stands for it when absent. */
static int query_number(const char *path, const char *name, int otherwise) {
    const char *query = strchr(path, '?');
    size_t len = strlen(name);
    while (query) {
        query++;
        if (strncmp(query, name, len) == 0 && query[len] == '=') return atoi(query + len + 1);
        query = strchr(query, '&');
    }
    return otherwise;
}

static void parse_url(struct options *o, const char *url) {
    if (sscanf(url, "ws://%63[^:/]:%d%511s", o->host, &o->port, o->path) != 3 || o->path[0] != '/')
        usage("--url must be ws://HOST:PORT/PATH");
    o->rate = query_number(o->path, "rate", 16000);
    o->reply_ms = query_number(o->path, "reply_ms", 1000);
    if (o->rate < 8000 || o->rate > 48000 || o->rate % 50) usage("rate must be 8000 to 48000");
    if (o->reply_ms < 900) usage("reply_ms must be at least 900, or a barge-in finds nothing left to cut");
    o->frame_bytes = (size_t)o->rate / 50 * 2;
}

static void parse_option(struct options *o, int option) {
    switch (option) {
    case 'u': parse_url(o, optarg); break;
    case 'n': o->sessions = (int)parse_number(optarg, 1, 20000); break;
    case 's': o->seconds = parse_number(optarg, 0.1, 86400); break;
    case 'r': o->ramp = parse_number(optarg, 0, 600); break;
    case 'w': o->warm = parse_number(optarg, 0, 600); break;
    case 'c': o->churn = parse_number(optarg, 0, 1000); break;
    case 'l': o->life = parse_number(optarg, 0.5, 60); break;
    case 'p': o->pid = (pid_t)parse_number(optarg, 1, 1 << 22); break;
    case 'j': o->json = true; break;
    default: usage("unknown option");
    }
}

struct options options_parse(int argc, char **argv) {
    static const struct option known[] = {
        {"url", required_argument, 0, 'u'},   {"sessions", required_argument, 0, 'n'},
        {"seconds", required_argument, 0, 's'}, {"ramp", required_argument, 0, 'r'},
        {"warm", required_argument, 0, 'w'},  {"churn", required_argument, 0, 'c'},
        {"life", required_argument, 0, 'l'},  {"pid", required_argument, 0, 'p'},
        {"json", no_argument, 0, 'j'},        {0, 0, 0, 0}};
    if (argc < 2) usage("no mode");
    struct options o = {.sessions = 100, .seconds = 10, .ramp = 1, .warm = 1, .churn = 50, .life = 1};
    o.mode = parse_mode(argv[1]);
    optind = 2;
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) parse_option(&o, option);
    if (optind != argc) usage("unexpected argument");
    if (!o.path[0]) usage("no --url");
    if (o.mode != MODE_CHURN) o.churn = 0;
    return o;
}
