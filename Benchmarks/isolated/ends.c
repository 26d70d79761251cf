/* SPDX-License-Identifier: Apache-2.0
 *
 * How long a helper takes to start, and the host to notice its end. */
#include "bench.h"

#include <semaphore.h>

enum { MOST = 64 };

static sem_t ended;
static int64_t ended_at;

static void lost(void *context, const syrinx_death *death) {
    (void)context, (void)death;
    ended_at = now_ns();
    sem_post(&ended);
}

double measure_start(const char *program, const char *module, int times) {
    double took[MOST];
    for (int i = 0; i < times; i++) {
        int64_t begin = now_ns();
        held h = hold(program, module, 0, "", 0, NULL);
        took[i] = (double)(now_ns() - begin) / 1e6;
        let_go(&h);
    }
    return median(took, times);
}

double measure_end(const char *program, const char *chaos, syx_kind kind, const char *config, int times) {
    double took[MOST];
    syrinx_helper_callbacks callbacks = {.lost = lost};
    sem_init(&ended, 0, 0);
    for (int i = 0; i < times; i++) {
        held h = hold(program, chaos, kind, config, 0, &callbacks);
        syx_session *session = open_session(&h, 1);
        syx_frame frame = a_frame(0);
        int64_t begin = now_ns();
        h.vt->process(session, &frame, NULL, NULL);
        while (sem_wait(&ended) != 0) {}
        took[i] = (double)(ended_at - begin) / 1e6;
        h.vt->session_close(session);
        let_go(&h);
        while (sem_trywait(&ended) == 0) {}
    }
    sem_destroy(&ended);
    return median(took, times);
}
