/* SPDX-License-Identifier: Apache-2.0
 *
 * syrinx_plugin.h -- Syrinx plugin ABI 1.1.
 *
 * The whole contract between the Syrinx host and a plugin. C99, no dependency beyond <stddef.h> and <stdint.h>;
 * 64-bit little-endian only. A plugin is a shared object that exports ONE function, syrinx_plugin_entry_1, which
 * returns an immutable table of providers. Nothing is resolved against the host: every service arrives as a table.
 *
 * RULES
 *  R1  Growth.     Released structs only grow at the end. Each growable struct starts with struct_size, set to
 *                  SYX_SIZEOF(type, last_field_you_know), and travels by pointer. Read a field of the other side's
 *                  struct only if SYX_HAS(p, type, field).
 *  R2  Ownership.  Every pointer argument is borrowed for the call, unless it is a syx_buf that you retained. Nobody
 *                  frees the other side's memory. Strings are UTF-8 (ptr, len), not NUL-terminated, except const char*.
 *  R3  Re-entry.   A host function never calls the plugin before it returns.
 *  R4  Threads.    Each function carries a tag:
 *                    [ctl]  the session's control executor: may allocate, returns within 5 ms, never blocks;
 *                    [rt]   the media path: no malloc, no lock, no system call, at most 10 % of the frame's duration;
 *                    [work] a host worker thread (see syx_core.run): may block;
 *                    [any]  any thread, concurrently with everything.
 *                  All [ctl] and [rt] calls into one session are serialised, on varying OS threads. Only cancel()
 *                  and that session's own [work] function overlap them.
 *  R5  Unwinding.  No exception, panic or longjmp crosses the boundary. Plugin threads are joined before close returns.
 *  R6  Generation. Every event and frame carries the generation it belongs to: for agent, tts and s2s the response it
 *                  is part of; for stt and turn the utterance. They grow, but each is cancelled by itself. After cancel(generation) the host drops every event of
 *                  that generation at once, whatever the plugin does; the plugin answers SYX_EV_CANCELLED in 100 ms.
 *  R7  Terminals.  Each request has exactly one terminal event with its generation (and id): END_OF_INPUT -> FINAL,
 *                  SPEAK -> DONE, PROMPT -> DONE; or CANCELLED, or ERROR, in place of these. After a cancel only requests
 *                  without a terminal get CANCELLED. A negative status from handle() refuses the request: no event
 *                  follows for it. */
#ifndef SYRINX_PLUGIN_H
#define SYRINX_PLUGIN_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define SYX_MAGIC 0x31585953 /* "SYX1" as bytes in memory */
#define SYX_ABI_MAJOR 1
#define SYX_ABI_MINOR 1

/* Size up to and including a field: unlike sizeof it never counts tail padding, where a new field could hide. */
#define SYX_SIZEOF(T, last) ((uint32_t)(offsetof(T, last) + sizeof(((T *)0)->last)))
/* True when the struct behind p is large enough to hold field f. */
#define SYX_HAS(p, T, f) ((p)->struct_size >= SYX_SIZEOF(T, f))

#if UINTPTR_MAX != 0xffffffffffffffffu
#error "Syrinx ABI 1 is 64-bit only"
#endif
#if defined(__GNUC__)
#define SYX_EXPORT __attribute__((visibility("default"), used))
#else
#define SYX_EXPORT
#endif
#if defined(__swift__)
#define SYX_SENDABLE __attribute__((swift_attr("@Sendable")))
#else
#define SYX_SENDABLE
#endif

/* ------------------------------------------------------------------------------------------------ basic types -- */

/* UTF-8 text, not NUL-terminated; {NULL, 0} is the empty string. */
typedef struct {
    const char *ptr;
    size_t len;
} syx_str;

/* Host-owned, reference-counted block of audio memory; may lie in shared memory. */
typedef struct syx_buf syx_buf;

/* Host objects are handles with a generation, not pointers: a call through a dead one answers SYX_ECLOSED. */
typedef uint64_t syx_hprovider;
typedef uint64_t syx_hsession;

/* The plugin's own objects: a provider per (plugin version, configuration), a session per live conversation. */
typedef struct syx_provider syx_provider;
typedef struct syx_session syx_session;

/* 0 = ok, > 0 = ok with a meaning, < 0 = error. */
typedef int32_t syx_status;
enum {
    SYX_OK = 0,
    SYX_PENDING = 1, /* accepted; the result arrives as an event */
    SYX_SKIP = 2,    /* nothing to do for this input */
    SYX_EINVAL = -1,
    SYX_EUNSUPPORTED = -2,
    SYX_ENOTFOUND = -3,
    SYX_EPERM = -4,
    SYX_EAUTH = -5,
    SYX_EQUOTA = -6,
    SYX_EAGAIN = -7, /* over credit: wait for SYX_EV_WRITABLE, then send again */
    SYX_ESTALE = -8, /* its generation was cancelled: stop working on it */
    SYX_EDEADLINE = -9,
    SYX_EUNAVAILABLE = -10,
    SYX_EINTERNAL = -11,
    SYX_ECLOSED = -12,
    SYX_ENOMEM = -13
};

enum {
    SYX_ERR_RETRYABLE = 1,     /* the same call may succeed later */
    SYX_ERR_FATAL_PROVIDER = 2 /* the whole provider is unusable, not only this session */
};

/* Error details in the caller's memory: no error objects, no thread-local state. msg is NUL-terminated UTF-8. */
typedef struct syx_err {
    uint32_t struct_size;
    syx_status code;
    uint32_t flags, retry_after_ms;
    int64_t vendor_code;
    char msg[232];
} syx_err;

typedef uint32_t syx_kind;
enum {
    SYX_BACKEND = 1,
    SYX_TRANSPORT = 2,
    SYX_STT = 3,
    SYX_TTS = 4,
    SYX_S2S = 5,
    SYX_AGENT = 6,
    SYX_VAD = 7,
    SYX_TURN = 8,
    SYX_FILTER = 9
};

/* ------------------------------------------------------------------------------------------------------ audio -- */

enum { SYX_FMT_S16 = 1, SYX_FMT_F32 = 2, SYX_FMT_PCMU = 16, SYX_FMT_PCMA = 17, SYX_FMT_OPUS = 18, SYX_FMT_G722 = 19 };

/* An audio format. Frozen for ever, so it may be embedded by value. samples = per channel and frame, 0 = any. */
typedef struct {
    uint32_t format, rate, channels, samples;
} syx_format;

enum {
    SYX_FR_SILENCE = 1,    /* digital silence: data may be skipped */
    SYX_FR_DISCONT = 2,    /* audio is missing before this frame */
    SYX_FR_EOS = 4,        /* last frame of its stream */
    SYX_FR_CONCEALED = 8,  /* invented by loss concealment */
    SYX_FR_ECHO_REF = 16   /* what the agent played: the echo canceller's reference, not the caller */
};

/* A block of interleaved audio. */
typedef struct syx_frame {
    uint32_t struct_size;
    uint32_t format, rate, channels;
    uint32_t samples; /* per channel */
    uint32_t flags;
    uint64_t generation; /* R6 */
    int64_t pts;         /* samples since the session began, at `rate` */
    int64_t t_ns;        /* host clock when captured, 0 = not told (process); or when the first byte came */
    size_t bytes;        /* in: length of data; out: capacity before the call, length after it */
    void *data;          /* aligned to its sample's size or better; read-only for `in` frames */
    syx_buf *buf;        /* NULL, or what to retain in order to keep the data without a copy */
} syx_frame;

/* ----------------------------------------------------------------------------------------------------- events -- */

/* One flat event type for both directions, so that a ring in shared memory can carry it unchanged. */
typedef struct syx_event {
    uint32_t struct_size;
    uint16_t space; /* 0 = core */
    uint16_t type;
    uint32_t flags, stream;
    uint64_t generation; /* R6 */
    uint64_t id;         /* correlates: clause of SPEAK, timer, task, tool call, health probe */
    int64_t t_ns;        /* host clock */
    int64_t i0, i1;
    double f0;
    syx_str text; /* transcript, delta, text to speak, message */
    syx_str json; /* structured extras, an object, or empty */
    const syx_frame *audio;
} syx_event;

enum {
    /* host -> plugin */
    SYX_EV_AUDIO_IN = 1,     /* audio; generation = utterance (0 = between utterances) */
    SYX_EV_SPEAK = 2,        /* text = a clause, id = clause number; json {"language","voice"}; SYX_SPEAK_LAST in flags */
    SYX_EV_PROMPT = 3,       /* text = the user's turn; json {"history":[{"role","text"}],"tools":[...],"language"} */
    SYX_EV_TOOL_RESULT = 4,  /* id = the call; text = result; i0 = SYX_OK or an error */
    SYX_EV_DTMF_IN = 5,      /* text = digits: pressed by the caller; to transport: to be sent to the far end */
    SYX_EV_END_OF_INPUT = 6, /* the utterance `generation` is complete: answer FINAL */
    SYX_EV_CONFIG = 7,       /* json = changed session options */
    SYX_EV_WRITABLE = 8,     /* credit is back after SYX_EAGAIN */
    SYX_EV_TIMER = 9,        /* id = cookie */
    SYX_EV_TASK_DONE = 10,   /* id = cookie of run() */
    SYX_EV_DRAIN = 11,       /* finish what is under way, then answer DRAINED */
    SYX_EV_TRANSCRIPT = 12,  /* to turn: text = the turn so far, f0 = silence so far in seconds; answer TURN_END */
    SYX_EV_HEARD = 13,       /* to s2s, since 1.1: response `generation` was cut off; i0 = ms of it that were played, text = its words */

    /* Of the I/O services, since 1.1. id = the request or socket; generation = what it was started with. */
    SYX_EV_HTTP_HEAD = 32, /* i0 = status; json = headers, {"lower-case-name":"value"} */
    SYX_EV_HTTP_DATA = 33, /* text = raw bytes of the body, at most SYX_IO_PIECE; a character may be cut in two */
    SYX_EV_HTTP_DONE = 34, /* the end, exactly once: i0 = SYX_OK or an error, i1 = SYX_ERR_ flags, text = one sentence */
    SYX_EV_WS_OPEN = 35,   /* the upgrade succeeded; text = subprotocol; json = headers */
    SYX_EV_WS_DATA = 36,   /* text = raw bytes, at most SYX_IO_PIECE; flags = SYX_WS_BINARY, SYX_WS_PART */
    SYX_EV_WS_CLOSED = 37, /* the end, exactly once: i0 as HTTP_DONE, text = reason; json {"close_code","status",
                            * "retry_after_ms","headers","body"}, what of these there is */
    SYX_EV_IO_WRITABLE = 38, /* send() answered SYX_EAGAIN before and takes more now */
    SYX_EV_DIGEST = 39,      /* id = cookie; text = 32 raw bytes (20 of SHA-1); i0 = SYX_OK or an error */

    /* To transport and backend, since 1.1: "The caller's side" below. */
    SYX_EV_HTTP_REQUEST = 40, /* somebody asks at the door; id = request; text = raw body, at most SYX_IO_PIECE; json
                               * {"method","url","path","query":{},"headers":{"lower-case":"value"},"upgrade":"websocket"};
                               * url as the peer wrote it, path = what follows the door's own; answer HTTP_REPLY in 5 s */
    SYX_EV_NOTICE = 41,       /* json = an event of the session (docs/PROTOCOL.md), when caps_json has "events": true */

    /* plugin -> host */
    SYX_EV_READY = 128,        /* the session works on what it was given (after session_open answered SYX_PENDING) */
    SYX_EV_AUDIO_OUT = 129,    /* audio of `generation`, id = clause */
    SYX_EV_PARTIAL = 130,      /* text may still change; i0 = bytes of stable prefix; f0 = confidence */
    SYX_EV_FINAL = 131,        /* text of utterance `generation`, maybe empty; f0 = confidence 0...1 */
    SYX_EV_SPEECH_START = 132, /* the provider heard speech begin; i0 = pts */
    SYX_EV_SPEECH_STOP = 133,  /* ... and end; i0 = pts */
    SYX_EV_TURN_END = 134,     /* f0 = probability that the turn is complete */
    SYX_EV_DELTA = 135,        /* text = next piece of the agent's answer */
    SYX_EV_TOOL_CALL = 136,    /* id = call; text = tool name; json = arguments */
    SYX_EV_MARK = 137,         /* id = clause; i0 = byte offset in its text; i1 = sample offset in its audio; of a transport:
                                * i1 = samples of all AUDIO_IN that the far end has played or dropped */
    SYX_EV_DONE = 138,         /* terminal; for an agent SYX_DONE_HANGUP in flags ends the call after playout; of a transport
                                * with generation 0: the far end has hung up, text = why */
    SYX_EV_CANCELLED = 139,    /* terminal */
    SYX_EV_USAGE = 140,        /* json = counters */
    SYX_EV_STATE = 141,        /* text = connected | reconnecting | error ... */
    SYX_EV_HEALTH = 142,       /* id = probe; i0 = SYX_OK or an error */
    SYX_EV_ERROR = 143,        /* terminal; i0 = syx_status; i1 = SYX_ERR_ flags; text = one sentence */
    SYX_EV_DRAINED = 144,
    SYX_EV_DTMF_OUT = 145,   /* text = keys that the far end pressed */
    SYX_EV_PEER = 146,       /* the far end is there, the conversation may begin: json {"user","from","to","call",
                              * "language","metadata":{"name":"text"}}, what of these is known */
    SYX_EV_HTTP_REPLY = 147, /* id = the request; i0 = status; json = headers; text = body, at most 64 KiB; 101 takes a
                              * WebSocket: WS_OPEN with the request's id follows */
    SYX_EV_COMMAND = 148     /* json = a message as a client of docs/PROTOCOL.md sends it: text, say, interrupt, ... */
};

enum { SYX_SPEAK_LAST = 1 /* no further clause follows in this generation */ };
enum { SYX_DONE_HANGUP = 1 };
enum {
    SYX_WS_BINARY = 1, /* else text */
    SYX_WS_PART = 2    /* more of the same message follows */
};
#define SYX_IO_PIECE 16384   /* bytes of one HTTP_DATA or WS_DATA at most */
#define SYX_IO_WINDOW 262144 /* bytes that a request or socket holds before send() answers SYX_EAGAIN */
enum { SYX_LOG_TRACE = 0, SYX_LOG_DEBUG, SYX_LOG_INFO, SYX_LOG_NOTICE, SYX_LOG_WARNING, SYX_LOG_ERROR };

/* -------------------------------------------------------------------------------------------------- host side -- */

/* What every plugin may call. All functions are [any]; those marked rt may also be called on the media path.
 * Valid from open() (or init()) until close() returned. */
typedef struct SYX_SENDABLE syx_core {
    uint32_t struct_size, abi_minor;
    const char *host_name, *host_version;

    /* A service table by id ("syrinx.audio/1"), NULL = absent or not granted by the manifest. Immortal. */
    const void *(*SYX_SENDABLE service)(syx_hprovider, const char *id);
    /* Sends an event to the host; rt. Copies everything. SYX_EAGAIN: the queue is full, the event was not taken;
     * SYX_ESTALE: its generation was cancelled; SYX_EINVAL: not an event this kind may send, or malformed. */
    syx_status (*SYX_SENDABLE emit)(syx_hsession, const syx_event *);
    /* The same for events of no session (HEALTH, STATE). */
    syx_status (*SYX_SENDABLE emit_provider)(syx_hprovider, const syx_event *);
    /* Monotonic nanoseconds; rt. Virtual under the fake host: never read a clock of your own. */
    int64_t (*SYX_SENDABLE now_ns)(syx_hprovider);
    /* Log; rt; bounded, drops when full. session may be 0. fields_json = object or empty. */
    void (*SYX_SENDABLE log)(syx_hprovider, syx_hsession, uint32_t level, syx_str msg, syx_str fields_json);
    /* Adds to a counter or observes a histogram, by its index in desc->metrics_json; rt. session may be 0. */
    void (*SYX_SENDABLE metric)(syx_hprovider, syx_hsession, uint32_t index, double value);
    /* A buffer with one reference, NULL when over quota; rt. */
    syx_buf *(*SYX_SENDABLE buf_alloc)(syx_hprovider, size_t bytes);
    void *(*SYX_SENDABLE buf_data)(syx_buf *, size_t *capacity);
    void (*SYX_SENDABLE buf_retain)(syx_buf *);
    void (*SYX_SENDABLE buf_release)(syx_buf *);
    /* SYX_EV_TIMER with id = cookie after delay_ms. 0 = refused (session closed, or more than 64 timers). */
    uint64_t (*SYX_SENDABLE timer)(syx_hsession, uint32_t delay_ms, uint64_t cookie);
    void (*SYX_SENDABLE timer_cancel)(syx_hsession, uint64_t timer);
    /* Runs fn(arg) once on a worker thread [work], then sends SYX_EV_TASK_DONE with id = cookie. The tasks of one
     * session run one after another, in order; session_close comes only after the last has returned: those that wait
     * when a session ends run as well, without TASK_DONE, and should look whether they are still wanted. SYX_EAGAIN:
     * the session has 64 tasks waiting. SYX_ECLOSED: it is closing. SYX_EPERM: the manifest does not ask for it
     * ("permissions": {"run": true}). In these cases fn will not run. */
    syx_status (*SYX_SENDABLE run)(syx_hsession, void (*SYX_SENDABLE fn)(void *), void *arg, uint64_t cookie);
} syx_core;

/* Service "syrinx.audio/1": resampling and sample formats (s16, f32), mono or interleaved. convert is [rt] and
 * belongs to one thread at a time; the others are [any]. */
typedef struct SYX_SENDABLE syx_audio_v1 {
    uint32_t struct_size, reserved;
    /* 0 = unsupported pair. */
    uint64_t (*SYX_SENDABLE converter)(syx_hsession, const syx_format *from, const syx_format *to);
    /* out->bytes: capacity before, length after. SYX_EINVAL when the capacity does not hold the result. */
    syx_status (*SYX_SENDABLE convert)(syx_hsession, uint64_t converter, const syx_frame *in, syx_frame *out);
    void (*SYX_SENDABLE converter_free)(syx_hsession, uint64_t converter);
} syx_audio_v1;
#define SYX_SERVICE_AUDIO_1 "syrinx.audio/1"

/* ---- I/O, since 1.1. The host connects, speaks TLS and follows the operator's rules on where a plugin may reach: what
 * `net` in the manifest names, and what the operator wrote as a URL into the provider's configuration. In a request's
 * headers "${secret:NAME}" stands for a secret, put in at the socket: NAME is a configuration property that the schema
 * marks "x-secret" (its value in config_json is already "${secret:NAME}"; inside objects NAME is "outer.inner").
 * A session's requests and sockets end with it, and those of a cancelled generation with the generation: their terminal
 * event then carries SYX_ESTALE. Tables are NULL for a plugin that may reach nothing. */

enum {
    SYX_REQ_STREAM_BODY = 1, /* more of the body follows by send(); `body` is its beginning */
    SYX_REQ_HTTP2 = 2,       /* nothing but HTTP/2 will do */
    SYX_REQ_KEEP = 4         /* goes on when its generation is cancelled */
};

typedef struct syx_request {
    uint32_t struct_size, flags;
    uint32_t connect_ms;  /* name look-up, connection, TLS, upgrade; 0 = 5000 */
    uint32_t silence_ms;  /* no byte from the other side for so long = SYX_EDEADLINE; 0 = 15000 (HTTP), never (WebSocket) */
    uint64_t generation;  /* R6; 0 = of no generation */
    syx_str method;       /* HTTP only; empty = GET, or POST with a body */
    syx_str url;          /* http, https, ws or wss; at most 8192 bytes */
    syx_str headers;      /* "Name: value\n" for each; at most 16384 bytes */
    syx_str body;         /* raw bytes; HTTP only */
} syx_request;

/* Service "syrinx.http/1". All functions [any]. Ids are of the session and never 0. */
typedef struct SYX_SENDABLE syx_http_v1 {
    uint32_t struct_size, reserved;
    /* 0 = refused: err says why. Everything later arrives as events, from HTTP_HEAD to HTTP_DONE. */
    uint64_t (*SYX_SENDABLE start)(syx_hsession, const syx_request *, syx_err *);
    /* More of the body; `last` ends it (count may be 0). SYX_EAGAIN: nothing was taken, wait for IO_WRITABLE. */
    syx_status (*SYX_SENDABLE send)(syx_hsession, uint64_t id, const void *bytes, size_t count, uint32_t last);
    /* 0 = let no more HTTP_DATA come for now: the other side is held up. */
    syx_status (*SYX_SENDABLE read)(syx_hsession, uint64_t id, uint32_t on);
    /* Ends it; HTTP_DONE with SYX_ESTALE follows, nothing else. */
    void (*SYX_SENDABLE abort)(syx_hsession, uint64_t id);
    /* Connects to where this URL points, so that the next request or socket need not wait. May do nothing. */
    syx_status (*SYX_SENDABLE prewarm)(syx_hprovider, syx_str url);
} syx_http_v1;
#define SYX_SERVICE_HTTP_1 "syrinx.http/1"

/* Service "syrinx.ws/1": WebSocket clients (RFC 6455), without extensions. Pings are answered by the host. All [any]. */
typedef struct SYX_SENDABLE syx_ws_v1 {
    uint32_t struct_size, reserved;
    /* 0 = refused. WS_OPEN or WS_CLOSED follows. What is sent before WS_OPEN waits. */
    uint64_t (*SYX_SENDABLE open)(syx_hsession, const syx_request *, syx_err *);
    /* flags = SYX_WS_BINARY, SYX_WS_PART. SYX_EAGAIN: nothing was taken, wait for IO_WRITABLE. */
    syx_status (*SYX_SENDABLE send)(syx_hsession, uint64_t id, uint32_t flags, const void *bytes, size_t count);
    syx_status (*SYX_SENDABLE read)(syx_hsession, uint64_t id, uint32_t on);
    /* Sends what waits, then closes with this code; 0 = cut at once. WS_CLOSED follows. */
    void (*SYX_SENDABLE close)(syx_hsession, uint64_t id, uint32_t code, syx_str reason);
} syx_ws_v1;
#define SYX_SERVICE_WS_1 "syrinx.ws/1"

/* Service "syrinx.secret/1": signatures with secrets that the plugin never sees. [any] */
typedef struct SYX_SENDABLE syx_secret_v1 {
    uint32_t struct_size, reserved;
    /* HMAC-SHA-256 of `bytes` (at most 1 MiB); `key` is text in which "${secret:NAME}" is replaced ("AWS4${secret:k}").
     * SYX_EV_DIGEST with id = cookie follows. SYX_ENOTFOUND: there is no such secret. A key that is one reference and
     * nothing else, to a secret as Standard Webhooks writes it ("whsec_" and base64), is the bytes; SYX_EINVAL: it is no
     * base64. */
    syx_status (*SYX_SENDABLE hmac_sha256)(syx_hsession, syx_str key, const void *bytes, size_t count, uint64_t cookie);
    /* The same with SHA-1, for vendors that ask for it. */
    syx_status (*SYX_SENDABLE hmac_sha1)(syx_hsession, syx_str key, const void *bytes, size_t count, uint64_t cookie);
    /* SHA-256 of text (at most 4096 bytes) in which "${secret:NAME}" is replaced: for signatures over requests that carry
     * a secret, such as the session token of AWS. The answer as of hmac_sha256. */
    syx_status (*SYX_SENDABLE sha256)(syx_hsession, syx_str text, uint64_t cookie);
} syx_secret_v1;
#define SYX_SERVICE_SECRET_1 "syrinx.secret/1"

/* ---- The caller's side, since 1.1: kinds SYX_TRANSPORT and SYX_BACKEND.
 *
 * A transport stands behind a door of the host's HTTP port, `doors` in the configuration. For each request at the door's
 * own path the host opens a session and gives it HTTP_REQUEST; a path below it that begins with the session's id, as the
 * session's own URL does ("<door>/<syx_session_params.session>"), leads to that session. The plugin judges whoever asks
 * (signature, token), answers HTTP_REPLY, and
 *   - is done with it: emits DONE (a webhook), or
 *   - takes a WebSocket: replies 101, gets WS_OPEN, WS_DATA, WS_CLOSED and sends by syx_ws_v1.send with that id, or
 *   - brings media of its own (WebRTC).
 * A backend has no door: the host opens its session in order to reach somebody (a room), options_json says whom.
 *
 * When the far end is there it emits PEER, once; the conversation begins. From then on AUDIO_OUT is the caller's audio at
 * params.out (generation 0, any length, in real time), AUDIO_IN the agent's at params.in, 20 ms each, in real time, its
 * generation that of the answer. cancel(generation): the caller shall not hear the rest of it, throw away what waits at
 * the far end. DTMF_OUT are keys of the caller, DTMF_IN keys for it. MARK tells what was played, where the far end tells.
 * DONE with generation 0 or ERROR: the far end is gone. session_close: hang up, last words may still be sent. */


/* ------------------------------------------------------------------------------------------------ plugin side -- */

typedef struct syx_provider_params {
    uint32_t struct_size, reserved;
    syx_str tenant;
    syx_str config_json; /* valid by config_schema, defaults filled in */
    syx_str data_dir;    /* the plugin's own folder: models, voices; read-only */
    syx_str instance_name;
    const struct syx_plugin_desc *descriptor; /* the one of the module's table that is being opened */
} syx_provider_params;

typedef struct syx_session_params {
    uint32_t struct_size, max_frame_samples;
    syx_str tenant, session, user, traceparent, locale;
    syx_str options_json; /* valid by session_schema, defaults filled in */
    syx_format in, out;   /* chosen by the host from caps_json */
    uint32_t credit_ms;   /* audio that AUDIO_OUT may run ahead of playout before SYX_EAGAIN */
    uint32_t deadline_ms;
} syx_session_params;

/* What process() found in a frame. */
typedef struct syx_result {
    uint32_t struct_size, flags;
    float probability; /* vad: of speech; turn: of the turn's end; 0...1 */
    float level_dbfs;
    int64_t pts;
} syx_result;

/* A provider's functions. Optional ones ("opt") may be NULL. The calls that take a syx_provider are serialised for it;
 * its sessions run beside them and beside each other. */
typedef struct SYX_SENDABLE syx_plugin_vt {
    uint32_t struct_size, reserved;
    /* [ctl] Makes a provider. On error *err is filled and nothing is left behind. May load models (up to 30 s): the
     * host calls it off the media threads. */
    syx_status (*SYX_SENDABLE open)(
        const syx_core *, syx_hprovider, const syx_provider_params *, syx_provider **, syx_err *);
    /* [ctl] Ends it; no session is left. */
    void (*SYX_SENDABLE close)(syx_provider *);
    /* [ctl] opt. Takes a new configuration; SYX_EUNSUPPORTED = the host opens a new provider instead. */
    syx_status (*SYX_SENDABLE reconfigure)(syx_provider *, syx_str config_json, syx_err *);
    /* [ctl] opt. SYX_OK, an error, or SYX_PENDING and then SYX_EV_HEALTH with this id. */
    syx_status (*SYX_SENDABLE health)(syx_provider *, uint64_t id, syx_err *);
    /* [ctl] Begins a session. SYX_PENDING = SYX_EV_READY or ERROR (generation 0) follows; until then the plugin keeps
     * what it is given, for the host does not wait. */
    syx_status (*SYX_SENDABLE session_open)(
        syx_provider *, syx_hsession, const syx_session_params *, syx_session **, syx_err *);
    /* [ctl] Ends it: no event and no host call for this session afterwards. */
    void (*SYX_SENDABLE session_close)(syx_session *);
    /* [ctl] Every input but [rt] audio. Unknown types: answer SYX_SKIP. */
    syx_status (*SYX_SENDABLE handle)(syx_session *, const syx_event *);
    /* [rt] opt; vad, filter, turn. A filter writes `out` (which may be `in`'s memory); a vad gets out = NULL. A frame with
     * SYX_FR_ECHO_REF is only to be learned from: `out` stays as it is, or is NULL. */
    syx_status (*SYX_SENDABLE process)(syx_session *, const syx_frame *in, syx_frame *out, syx_result *);
    /* [any] opt. Stop working on this generation: set a flag and return. */
    void (*SYX_SENDABLE cancel)(syx_session *, uint64_t generation);
    /* [ctl] opt. Back to the state after session_open. */
    void (*SYX_SENDABLE reset)(syx_session *);
    /* [any] opt. An optional table by id, NULL = unknown. */
    const void *(*SYX_SENDABLE extension)(syx_provider *, const char *id);
} syx_plugin_vt;

enum {
    SYX_PF_GLOBAL_STATE = 1,  /* the library behind it has one state per process */
    SYX_PF_RT_PROCESS = 2,    /* process() keeps the [rt] rules */
    SYX_PF_UNTRUSTED_OK = 4,
    SYX_PF_RUNTIME_SWIFT = 8, /* uses the Swift runtime: never unload */
    SYX_PF_NO_UNLOAD = 16
};

/* One provider that a module offers. Immutable and immortal, as all that it points to. */
typedef struct SYX_SENDABLE syx_plugin_desc {
    uint32_t struct_size;
    syx_kind kind;
    uint32_t flags, max_sessions; /* max_sessions 0 = no limit */
    const char *id;               /* [a-z][a-z0-9_-]*, at most 64 bytes */
    const char *version;          /* semantic version */
    const char *name, *vendor, *license;
    const char *config_schema;  /* JSON Schema (2020-12) of provider_params.config_json; "x-secret": true marks secrets */
    const char *session_schema; /* the same for session_params.options_json; NULL = takes no options */
    const char *caps_json;      /* {"formats":[{"format","rates","channels"}],"streaming","languages","voices",...} */
    const char *metrics_json;   /* [{"name","type":"counter"|"histogram","help"}], NULL = none */
    const syx_plugin_vt *vt;
} syx_plugin_desc;

typedef struct SYX_SENDABLE syx_module {
    uint32_t magic, struct_size;
    uint16_t abi_major, abi_minor;
    uint32_t n_plugins;
    const char *build_info; /* toolchain and SDK, "gcc-12 sdk-1.0.0" */
    const syx_plugin_desc *const *plugins;
    /* opt. Once, before anything else; fast; no I/O, no threads. */
    syx_status (*SYX_SENDABLE init)(const syx_core *, syx_err *);
    /* opt. No object is left, all threads are joined. */
    void (*SYX_SENDABLE deinit)(void);
} syx_module;

/* The only exported symbol. The ABI's major is in its name, so one file can serve two. Pure: no side effects, the
 * same pointer each time. */
SYX_EXPORT const syx_module *syrinx_plugin_entry_1(void);

#ifdef __cplusplus
}
#endif
#endif
