/* SPDX-License-Identifier: Apache-2.0
 *
 * sphinxbase's process-wide and per-thread logging, tamed. */
#ifndef SPHINX_LIBRARY_H
#define SPHINX_LIBRARY_H

/* Call before entering the library: it prints to a stream that it keeps per thread, stderr at first. */
void sphinx_silence(void);
/* What it complained of last on this thread, since sphinx_silence. */
const char *sphinx_last_error(void);

#endif
