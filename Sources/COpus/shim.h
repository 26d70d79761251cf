/* SPDX-License-Identifier: Apache-2.0 */
#include <opus/opus.h>

/* opus_encoder_ctl is variadic, which Swift cannot call; the requests that set something take one opus_int32. */
static inline int copus_encoder_set(OpusEncoder *encoder, int request, opus_int32 value) {
    return opus_encoder_ctl(encoder, request, value);
}
