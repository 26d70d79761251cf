/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host would refuse is refused here already, so that a plugin hears the same answer in both places. The host
 * does not rely on it. */
#include "helper.h"

static bool is_one_of(uint16_t type, const uint16_t *types) {
    for (; *types; types++)
        if (*types == type) return true;
    return false;
}

bool helper_may_emit(syx_kind kind, uint16_t type) {
    static const uint16_t all[] = {SYX_EV_READY, SYX_EV_ERROR, SYX_EV_CANCELLED, SYX_EV_USAGE, SYX_EV_STATE,
        SYX_EV_HEALTH, SYX_EV_DRAINED, 0};
    static const uint16_t own[][12] = {
        [SYX_BACKEND] = {SYX_EV_AUDIO_OUT, SYX_EV_DTMF_OUT, SYX_EV_PEER, SYX_EV_MARK, SYX_EV_DONE, SYX_EV_HTTP_REPLY,
            SYX_EV_COMMAND, 0},
        [SYX_TRANSPORT] = {SYX_EV_AUDIO_OUT, SYX_EV_DTMF_OUT, SYX_EV_PEER, SYX_EV_MARK, SYX_EV_DONE, SYX_EV_HTTP_REPLY,
            SYX_EV_COMMAND, 0},
        [SYX_STT] = {SYX_EV_SPEECH_START, SYX_EV_SPEECH_STOP, SYX_EV_PARTIAL, SYX_EV_FINAL, SYX_EV_TURN_END, 0},
        [SYX_TTS] = {SYX_EV_AUDIO_OUT, SYX_EV_MARK, SYX_EV_DONE, 0},
        [SYX_S2S] = {SYX_EV_AUDIO_OUT, SYX_EV_DELTA, SYX_EV_PARTIAL, SYX_EV_FINAL, SYX_EV_TOOL_CALL,
            SYX_EV_SPEECH_START, SYX_EV_SPEECH_STOP, SYX_EV_TURN_END, SYX_EV_MARK, SYX_EV_DONE, 0},
        [SYX_AGENT] = {SYX_EV_DELTA, SYX_EV_TOOL_CALL, SYX_EV_DONE, 0},
        [SYX_VAD] = {SYX_EV_SPEECH_START, SYX_EV_SPEECH_STOP, 0},
        [SYX_TURN] = {SYX_EV_TURN_END, 0},
        [SYX_FILTER] = {0}};
    if (is_one_of(type, all)) return true;
    return kind < sizeof own / sizeof *own && is_one_of(type, own[kind]);
}

/* How many bytes the sequence has that this byte begins; 0 = none. */
static size_t sequence_length(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return 2;
    if (first >= 0xe0 && first <= 0xef) return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* The second byte has narrower bounds after some first ones: no overlong forms, surrogates, or beyond U+10FFFF. */
static bool is_second(unsigned char first, unsigned char second) {
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

bool helper_is_text(syx_str text) {
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    if (text.len == 0) return true;
    if (!bytes || text.len > 1 << 20) return false;
    for (size_t at = 0; at < text.len;) {
        size_t length = sequence_length(bytes[at]);
        if (length == 0 || length > text.len - at) return false;
        if (length > 1 && !is_second(bytes[at], bytes[at + 1])) return false;
        for (size_t i = 2; i < length; i++)
            if ((bytes[at + i] & 0xc0) != 0x80) return false;
        at += length;
    }
    return true;
}

/* Lengths that do not fit their format would make a copy read behind the plugin's memory. */
bool helper_is_audio(const syx_frame *frame, uint32_t rate) {
    if (frame->struct_size < SYX_SIZEOF(syx_frame, buf) || frame->channels != 1 || frame->rate != rate
        || frame->samples > 1 << 20)
        return false;
    size_t width = frame->format == SYX_FMT_S16 ? 2 : frame->format == SYX_FMT_F32 ? 4 : 0;
    return width && frame->bytes == frame->samples * width && frame->data;
}
