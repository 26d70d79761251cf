/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of a module that does not exist. */
#include <string.h>

#include "hostile.h"

typedef struct {
    unsigned char bytes[4096];
    size_t size;
} message;

static void add(message *m, const void *from, size_t length) {
    memcpy(m->bytes + m->size, from, length);
    m->size += length;
}

static void add_texts(message *m, const char *const *texts, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) add(m, texts[i], strlen(texts[i]));
}

static syrinx_wire_strings lengths_of(const char *const *texts, uint32_t count) {
    syrinx_wire_strings strings = {.count = count};
    for (uint32_t i = 0; i < count; i++) strings.lengths[i] = (uint32_t)strlen(texts[i]);
    return strings;
}

static void spoil(hostile *h, message *m) {
    static const uint32_t lies[] = {0, 1, 2, 9, 10, 64, 65, 0x7fffffff, 0x80000000, 0xffffffff};
    for (unsigned changes = (unsigned)(any(h) % 3); changes > 0; changes--) {
        uint32_t lie = lies[any(h) % (sizeof lies / sizeof *lies)];
        memcpy(m->bytes + any(h) % (m->size / 4) * 4, &lie, sizeof lie);
    }
}

static void tell_part(hostile *h, message *m, uint32_t index, bool lies) {
    if (lies) spoil(h, m);
    uint32_t shown = lies && any(h) % 8 == 0 ? (uint32_t)any(h) : index;
    tell(h, SYRINX_MSG_MODULE, shown, 0, m->bytes, lies && any(h) % 8 == 0 ? any(h) % m->size : m->size);
}

void tell_table(hostile *h, bool lies) {
    static const char *const about[] = {"hostile", "none"};
    static const char *const texts[] = {"hostile", "1.0.0", "Hostile", "Nobody", "Apache-2.0", "{}", "{}", "{}", "[]"};
    static const syx_kind kinds[] = {SYX_AGENT, SYX_VAD};
    message head = {.size = 0};
    syrinx_wire_module module = {.abi_major = SYX_ABI_MAJOR, .count = 2, .strings = lengths_of(about, 2)};
    add(&head, &module, sizeof module);
    add_texts(&head, about, 2);
    tell_part(h, &head, 0, lies);
    for (uint32_t i = 0; i < 2; i++) {
        message m = {.size = 0};
        syrinx_wire_descriptor wire = {.kind = kinds[i], .has = SYRINX_HAS_HANDLE | SYRINX_HAS_PROCESS,
            .strings = lengths_of(texts, 9)};
        add(&m, &wire, sizeof wire);
        add_texts(&m, texts, 9);
        tell_part(h, &m, i + 1, lies);
    }
}
