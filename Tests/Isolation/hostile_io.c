/* SPDX-License-Identifier: Apache-2.0
 *
 * Attacks through the I/O services. */
#include <string.h>

#include "hostile.h"

typedef struct {
    syrinx_wire_io_begin begin;
    char rest[1024];
} opening;

static opening sound(uint64_t id, uint32_t what, uint64_t body_bytes) {
    opening o = {.begin = {.id = id, .what = what, .body_bytes = body_bytes, .generation = 1}};
    o.begin.strings.count = 3;
    o.begin.strings.lengths[0] = 20;
    memcpy(o.rest, "https://a.example/ab", 20);
    return o;
}

static void begin(hostile *h, const opening *o) {
    tell(h, SYRINX_MSG_IO_BEGIN, h->slot, h->generation, o, sizeof *o);
}

static void io(hostile *h, uint16_t type, uint64_t id, uint32_t flags, uint32_t bytes) {
    static unsigned char body[sizeof(syrinx_wire_io) + SYRINX_IO_PART];
    syrinx_wire_io wire = {.id = id, .flags = flags, .bytes = bytes};
    memcpy(body, &wire, sizeof wire);
    size_t length = bytes <= SYRINX_IO_PART ? bytes : 16;
    tell(h, type, h->slot, h->generation, body, sizeof wire + length);
}

/* One of what an honest helper never says. */
void openings(hostile *h) {
    opening o = sound(SYRINX_DOOR_IDS + any(h) % 64, SYRINX_IO_HTTP, 100);
    switch (any(h) % 12) {
    case 0: o.begin.body_bytes = SYRINX_IO_BODY + 1; break;
    case 1: o.begin.body_bytes = UINT64_MAX - any(h) % 64; break;
    case 2: o.begin.part_bytes = 101; break;
    case 3: o.begin.strings.lengths[any(h) % 3] = 0xffffffff; break;
    case 4: o.begin.strings.count = 4; break;
    case 5: o.begin.what = 8; break;
    case 6: o.begin.id = 0; break;
    case 7: o.begin.what = SYRINX_IO_WS; break; /* which has no body */
    case 10: o.begin.id = 1 + any(h) % 64; break; /* one of the host's own */
    case 8: begin(h, &o); break; /* the same place twice */
    case 9:
        begin(h, &o);
        io(h, SYRINX_MSG_IO_BODY, o.begin.id, 0, 101);
        break;
    default:
        begin(h, &o);
        io(h, SYRINX_MSG_IO_SEND, o.begin.id, 0, 10); /* before it has begun */
    }
    begin(h, &o);
}

/* Whatever credit says: the host keeps some of it, and then no more. */
void hoard(hostile *h) {
    opening o = sound(SYRINX_DOOR_IDS + any(h) % 64, SYRINX_IO_WS, 0);
    begin(h, &o);
    for (int i = 0; i < 100; i++) io(h, SYRINX_MSG_IO_SEND, o.begin.id, SYX_WS_BINARY, SYRINX_IO_PART);
}

/* Bodies that never come: as many as there are places, as large as they may be. */
void bodies(hostile *h) {
    for (uint64_t i = 0; i < 64; i++) {
        opening o = sound(SYRINX_DOOR_IDS + i, SYRINX_IO_HTTP, SYRINX_IO_BODY);
        begin(h, &o);
    }
}

/* Sound messages in any order, of exchanges that are there and that are not. */
void orders(hostile *h) {
    static const uint16_t types[] = {SYRINX_MSG_IO_READ, SYRINX_MSG_IO_ABORT, SYRINX_MSG_IO_SEND, SYRINX_MSG_IO_CLOSE,
        SYRINX_MSG_IO_BODY};
    for (int i = 0; i < 200; i++) {
        uint64_t id = (any(h) % 4 ? SYRINX_DOOR_IDS : 1) + any(h) % 6;
        bool begins = id >= SYRINX_DOOR_IDS && any(h) % 4 == 0;
        uint32_t what = any(h) % 2 ? SYRINX_IO_WS : SYRINX_IO_HTTP;
        opening o = sound(id, what, what == SYRINX_IO_HTTP ? any(h) % 50 : 0);
        if (begins) begin(h, &o);
        else io(h, types[any(h) % 5], id, (uint32_t)(any(h) % 3), (uint32_t)(any(h) % 40));
    }
    syrinx_wire_strings url = {.count = 1};
    tell(h, SYRINX_MSG_PREWARM, (uint32_t)(any(h) % 70), 0, &url, sizeof url);
}
