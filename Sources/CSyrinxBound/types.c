/* SPDX-License-Identifier: Apache-2.0 */
#include "types.h"

static const char *const names[BOUND_BASES] = {"void", "i8",  "u8",  "i16", "u16", "i32", "u32",
                                               "i64",  "u64", "f32", "f64", "ptr", "cstr"};
static const uint8_t sizes[BOUND_BASES] = {0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 8, 8};

const char *bound_base_name(bound_base base) { return base < BOUND_BASES ? names[base] : "?"; }

bound_base bound_base_named(const char *name) {
    for (unsigned i = 0; i < BOUND_BASES; i++)
        if (strcmp(names[i], name) == 0) return (bound_base)i;
    return BOUND_BASES;
}

ffi_type *bound_ffi_type(bound_base base) {
    static ffi_type *const types[BOUND_BASES] = {
        &ffi_type_void,   &ffi_type_sint8,  &ffi_type_uint8,  &ffi_type_sint16, &ffi_type_uint16,
        &ffi_type_sint32, &ffi_type_uint32, &ffi_type_sint64, &ffi_type_uint64, &ffi_type_float,
        &ffi_type_double, &ffi_type_pointer, &ffi_type_pointer};
    return types[base];
}

bool bound_is_integer(bound_base base) { return base >= BOUND_I8 && base <= BOUND_U64; }
bool bound_is_signed(bound_base base) { return bound_is_integer(base) && (base - BOUND_I8) % 2 == 0; }
bool bound_is_float(bound_base base) { return base == BOUND_F32 || base == BOUND_F64; }
bool bound_is_pointer(bound_base base) { return base == BOUND_PTR || base == BOUND_CSTR; }

int64_t bound_lowest(bound_base base) {
    if (!bound_is_signed(base)) return 0;
    return sizes[base] == 8 ? INT64_MIN : -((int64_t)1 << (sizes[base] * 8 - 1));
}

int64_t bound_highest(bound_base base) {
    unsigned bits = sizes[base] * 8u - bound_is_signed(base);
    return bits >= 63 ? INT64_MAX : ((int64_t)1 << bits) - 1;
}

bool bound_fits(bound_type from, bound_type to) {
    if (bound_is_pointer(to.base) && bound_is_pointer(from.base)) return !to.handle || to.handle == from.handle;
    if (bound_is_integer(to.base) && bound_is_integer(from.base)) {
        if (to.base == from.base) return true;
        bool wider = sizes[to.base] > sizes[from.base];
        return wider && (bound_is_signed(to.base) || !bound_is_signed(from.base));
    }
    return to.base == from.base;
}

bound_cell bound_load(const void *memory, bound_base base) {
    bound_cell cell = {.u = 0};
    memcpy(&cell, memory, sizes[base]);
    return bound_widen(cell, base);
}

bound_cell bound_widen(bound_cell cell, bound_base base) {
    switch (base) {
        case BOUND_I8: cell.i = (int8_t)cell.u; break;
        case BOUND_U8: cell.u = (uint8_t)cell.u; break;
        case BOUND_I16: cell.i = (int16_t)cell.u; break;
        case BOUND_U16: cell.u = (uint16_t)cell.u; break;
        case BOUND_I32: cell.i = (int32_t)cell.u; break;
        case BOUND_U32: cell.u = (uint32_t)cell.u; break;
        default: break;
    }
    return cell;
}

double bound_number(bound_cell cell, bound_base base) {
    if (base == BOUND_F32) return (double)cell.f;
    if (base == BOUND_F64) return cell.d;
    return bound_is_signed(base) ? (double)bound_widen(cell, base).i : (double)bound_widen(cell, base).u;
}
