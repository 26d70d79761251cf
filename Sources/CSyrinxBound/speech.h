/* SPDX-License-Identifier: Apache-2.0
 *
 * A TTS session: the clause queue of syrinx_speaker.h, with the manifest's "speak" as its engine. */
#ifndef BOUND_SPEECH_H
#define BOUND_SPEECH_H
#include "bound.h"

/* True while the session's clause is wanted: it speaks, and was neither cancelled nor ended. session may be NULL.
 * From any thread that the library calls on. */
bool bound_speaking(syx_session *session);
/* True for a session of this module; false for NULL. */
bool bound_is_of(const syx_session *session, const bound_module *module);
/* Takes audio or a mark from the library. */
void bound_emit(syx_session *session, const bound_op *op, bound_cell first, bound_cell second);
/* A variable's or constant's value for a callback's event. */
bound_cell bound_variable_cell(const syx_session *session, const bound_value *value);
#endif
