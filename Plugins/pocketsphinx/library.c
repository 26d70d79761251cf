/* SPDX-License-Identifier: Apache-2.0 */
#include "library.h"

#include <sphinxbase/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char last_error[160];

static void on_log(void *user, err_lvl_t level, const char *format, ...) {
    (void)user;
    if (level < ERR_ERROR) return;
    va_list args;
    va_start(args, format);
    vsnprintf(last_error, sizeof last_error, format, args);
    va_end(args);
    last_error[strcspn(last_error, "\n")] = 0;
}

void sphinx_silence(void) {
    err_set_callback(on_log, NULL);
    err_set_logfp(NULL);
    last_error[0] = 0;
}

const char *sphinx_last_error(void) { return last_error[0] ? last_error : "no reason given"; }
