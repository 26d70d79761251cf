/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PLUGIN_CALL_NULL_VAD_H
#define PLUGIN_CALL_NULL_VAD_H
#include <syrinx_plugin.h>

/* The detector's work without any table: no structs, no status. */
typedef float (*null_vad_bare_fn)(syx_session *, const int16_t *samples, uint32_t count);
#define NULL_VAD_BARE "null_vad_bare"

#endif
