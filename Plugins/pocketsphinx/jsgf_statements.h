/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JSGF_STATEMENTS_H
#define JSGF_STATEMENTS_H

#include <stdbool.h>

/* True when every statement begins as one of JSGF can. The library's parser prints to the process's standard output
 * what it finds at another place, so such a text is not given to it. */
bool jsgf_statements_begin_well(const char *text);

#endif
