/* SPDX-License-Identifier: Apache-2.0
 *
 * The messages between the host and a helper: fixed structs, followed by the bytes that they count. A reader takes them
 * from its private copy of the message and checks every length against the message's size. */
#ifndef SYRINX_WIRE_H
#define SYRINX_WIRE_H
#include "syrinx_ring.h"
#include <syrinx_plugin.h>

#define SYRINX_WIRE_STRINGS 8
/* In the head of FRAME, and back in FRAME_DONE: the answer goes to nobody. */
#define SYRINX_FRAME_UNHEARD 1

enum {
    /* host -> helper */
    SYRINX_MSG_PROVIDER_OPEN = 1, /* slot = provider; wire_provider + strings */
    SYRINX_MSG_PROVIDER_CLOSE,    /* slot = provider */
    SYRINX_MSG_HEALTH,            /* slot = provider; u64 id */
    SYRINX_MSG_SESSION_OPEN,      /* slot = session; wire_session + strings */
    SYRINX_MSG_SESSION_CLOSE,     /* slot = session */
    SYRINX_MSG_EVENT,             /* slot = session; wire_event + audio, text, json */
    SYRINX_MSG_FRAME,             /* slot = session; wire_frame + audio */
    SYRINX_MSG_CANCEL,            /* slot = session; u64 generation */
    SYRINX_MSG_RESET,             /* slot = session */
    SYRINX_MSG_STOP,
    SYRINX_MSG_IO_TAKEN,          /* slot = session, serial = its generation; wire_io: so many bytes were taken */
    /* helper -> host */
    SYRINX_MSG_MODULE = 64,    /* wire_module, then wire_descriptor + strings for each */
    SYRINX_MSG_FAILED,         /* strings: code, sentence */
    SYRINX_MSG_REPLY,          /* serial; wire_reply */
    SYRINX_MSG_EMIT,           /* slot = session, serial = its generation; wire_event ... */
    SYRINX_MSG_EMIT_PROVIDER,  /* slot = provider; wire_event ... */
    SYRINX_MSG_FRAME_DONE,     /* slot = session, serial = its generation; wire_frame_done + audio */
    SYRINX_MSG_LOG,            /* slot = provider; wire_log + strings */
    SYRINX_MSG_METRIC,         /* slot = provider; wire_metric */
    SYRINX_MSG_TIMER,          /* slot = session, serial = its generation; wire_timer */
    SYRINX_MSG_TIMER_CANCEL,   /* the same */
    SYRINX_MSG_SESSION_CLOSED, /* slot = session, serial = its generation */
    /* The I/O services: slot = session, serial = its generation. */
    SYRINX_MSG_IO_BEGIN, /* wire_io_begin + strings + the beginning of the body */
    SYRINX_MSG_IO_BODY,  /* wire_io + more of what IO_BEGIN has counted */
    SYRINX_MSG_IO_SEND,  /* wire_io + bytes; flags = SYX_WS_..., or 1 = the end of a streamed body */
    SYRINX_MSG_IO_READ,  /* wire_io; flags = on */
    SYRINX_MSG_IO_ABORT, /* wire_io */
    SYRINX_MSG_IO_CLOSE, /* wire_io + reason; flags = code */
    SYRINX_MSG_PREWARM   /* slot = provider; syrinx_wire_strings: url */
};

/* Strings that follow a fixed struct: their lengths, then their bytes, one after another. */
typedef struct {
    uint32_t count, lengths[SYRINX_WIRE_STRINGS + 1];
} syrinx_wire_strings;

typedef struct {
    uint64_t handle;
    uint32_t descriptor, services; /* services: SYRINX_IO_... that the host has for it */
    syrinx_wire_strings strings; /* tenant, config, data_dir, instance name */
} syrinx_wire_provider;

typedef struct {
    uint64_t handle;
    uint32_t provider, max_frame_samples, credit_ms, deadline_ms;
    syx_format in, out;
    syrinx_wire_strings strings; /* tenant, session, user, traceparent, locale, options */
} syrinx_wire_session;

typedef struct {
    uint16_t space, type;
    uint32_t flags, stream, text_bytes, json_bytes;
    uint32_t has_audio, format, rate, channels, samples, frame_flags;
    uint64_t generation, id;
    int64_t t_ns, i0, i1;
    double f0;
    uint64_t frame_generation;
    int64_t pts, frame_t_ns;
    uint64_t audio_bytes;
} syrinx_wire_event;

typedef struct {
    uint32_t format, rate, channels, samples, flags, has_output;
    uint64_t generation;
    int64_t pts, t_ns;
    uint64_t audio_bytes;
} syrinx_wire_frame;

typedef struct {
    int64_t pts;
    int32_t status;
    float probability;
    uint64_t audio_bytes; /* 0 = nothing was written */
} syrinx_wire_frame_done;

typedef struct {
    int32_t status, code;
    uint32_t flags, retry_after_ms;
    int64_t vendor_code;
    char message[232];
} syrinx_wire_reply;

typedef struct {
    uint32_t level, reserved;
    uint64_t session;
    syrinx_wire_strings strings; /* message, fields */
} syrinx_wire_log;

typedef struct {
    uint32_t index, reserved;
    double value;
} syrinx_wire_metric;

typedef struct {
    uint64_t timer, cookie;
    uint32_t delay_ms, reserved;
} syrinx_wire_timer;

typedef struct {
    uint16_t abi_major, abi_minor;
    uint32_t count;
    syrinx_wire_strings strings; /* build_info, report of the confinement */
} syrinx_wire_module;

enum {
    SYRINX_HAS_HEALTH = 1,
    SYRINX_HAS_HANDLE = 2,
    SYRINX_HAS_PROCESS = 4,
    SYRINX_HAS_CANCEL = 8,
    SYRINX_HAS_RESET = 16,
    SYRINX_HAS_SESSION_SCHEMA = 32,
    SYRINX_HAS_METRICS = 64,
    SYRINX_HAS_CONFIG_SCHEMA = 128
};

typedef struct {
    uint32_t kind, flags, max_sessions, has;
    syrinx_wire_strings strings; /* id, version, name, vendor, license, config, session schema, caps; metrics as 9th */
} syrinx_wire_descriptor;

/* ---- the I/O services ---- */

enum { SYRINX_IO_HTTP = 1, SYRINX_IO_WS = 2, SYRINX_IO_SIGN = 4 };
/* Of a signature, in IO_BEGIN's flags: HMAC with SHA-1 instead of SHA-256; the SHA-256 of its first text. */
enum { SYRINX_SIGN_SHA1 = 1, SYRINX_SIGN_HASH = 2 };
/* Requests and sockets of one session; an id is its place in the low bits and a number above, never 0. The helper makes
 * ids, and uses a place again when it has the terminal event of what was there. */
#define SYRINX_EXCHANGES 64
/* Ids below are of the host's: requests at the door of a session, and the socket that comes of one. The helper's own ids
 * are above, so that neither side has to translate the other's. A session has one such socket, in a place of its own. */
#define SYRINX_DOOR_IDS ((uint64_t)1 << 32)
#define SYRINX_PLACES (SYRINX_EXCHANGES + 1)
/* Bytes of one message's payload, of a body, of what is signed, and of one call to send. */
#define SYRINX_IO_PART 65536
#define SYRINX_IO_BODY ((uint64_t)32 << 20)
#define SYRINX_IO_SIGNED ((uint64_t)1 << 20)
#define SYRINX_IO_SEND ((uint64_t)4 << 20)
/* What a helper may have under way that the host has not told to be taken: beyond it the helper refuses. The last call
 * may go over it, so the host ends a helper only beyond twice as much. */
#define SYRINX_IO_UNDER_WAY ((uint64_t)48 << 20)

typedef struct {
    uint64_t id;
    uint32_t what, flags, connect_ms, silence_ms; /* what: one of SYRINX_IO_ */
    uint64_t generation, cookie, body_bytes;
    uint32_t part_bytes, reserved; /* of the body, in this message */
    syrinx_wire_strings strings; /* url or key, method, headers */
} syrinx_wire_io_begin;

/* Where the exchange of this id is kept. */
static inline uint32_t syrinx_place(uint64_t id) {
    return id < SYRINX_DOOR_IDS ? SYRINX_EXCHANGES : (uint32_t)(id % SYRINX_EXCHANGES);
}

/* Of each message the host tells the bytes as taken; of IO_BEGIN the whole body and one more. */
typedef struct {
    uint64_t id;
    uint32_t flags, bytes;
} syrinx_wire_io;

/* ---- reading ---- */

/* The body behind a message's head. */
typedef struct {
    const unsigned char *at;
    size_t left;
} syrinx_cursor;

syrinx_cursor syrinx_body(const void *message);
/* Copies `size` bytes out; false when the message is too short. */
bool syrinx_take(syrinx_cursor *cursor, void *into, size_t size);
/* Lends `size` bytes; NULL when the message is too short. */
const void *syrinx_lend(syrinx_cursor *cursor, size_t size);
/* Lends `count` strings; false when there are not exactly so many, or they do not fit. */
bool syrinx_take_strings(syrinx_cursor *cursor, const syrinx_wire_strings *strings, uint32_t count, syx_str *into);

/* An event out of a message; it points into the message and into *frame. */
bool syrinx_take_event(syrinx_cursor *cursor, syx_event *event, syx_frame *frame);

/* ---- writing ---- */

#define SYRINX_EVENT_PARTS 4
/* Fills the struct and the parts for an event; the event's memory is borrowed. */
int syrinx_event_parts(const syx_event *event, syrinx_wire_event *wire, struct iovec parts[SYRINX_EVENT_PARTS]);
/* Fills lengths and parts for strings; returns the number of parts. */
int syrinx_string_parts(const syx_str *strings, uint32_t count, syrinx_wire_strings *wire, struct iovec *parts);
#endif
