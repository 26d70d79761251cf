/* SPDX-License-Identifier: Apache-2.0 */
#include "execute.h"

#include <stdlib.h>

#include "callback.h"
#include "speech.h"
#include "types.h"

/* ------------------------------------------------------------------------------------------------------- linking -- */

static bound_cell option_cell(bound_cell value, const bound_option *option, bound_base base) {
    if (option->kind != BOUND_NUMBER) return value;
    if (base == BOUND_F32) return (bound_cell){.f = (float)value.d};
    return value;
}

static bound_cell builtin_cell(const bound_frame *frame, const bound_value *v) {
    bound_cell cell = frame->builtins[v->index];
    if (v->type.base == BOUND_F32) return (bound_cell){.f = (float)cell.i};
    if (v->type.base == BOUND_F64) return (bound_cell){.d = (double)cell.i};
    return cell;
}

/* The value of what is fixed between two fills. */
static bound_cell evaluate(const bound_frame *frame, const bound_value *v) {
    const bound_module *m = frame->module;
    switch (v->source) {
        case BOUND_FROM_CONFIG: return option_cell(frame->config[v->index], &m->config[v->index], v->type.base);
        case BOUND_FROM_OPTION: return option_cell(frame->options[v->index], &m->options[v->index], v->type.base);
        case BOUND_FROM_CALLBACK: return (bound_cell){.p = bound_hook_code(frame->hooks[v->index])};
        case BOUND_FROM_BUILTIN: return builtin_cell(frame, v);
        default: return v->constant;
    }
}

/* The cell that a value is read from where it lies, or NULL when it is copied at a fill. */
static bound_cell *lying(const bound_frame *frame, const bound_value *v) {
    if (v->source == BOUND_FROM_VARIABLE) return &frame->variables[v->variable->scope][v->variable->slot];
    if (v->source == BOUND_FROM_BUILTIN && v->index < BOUND_MEDIA) return &frame->builtins[v->index];
    return NULL;
}

static unsigned arity(const bound_op *op) { return op->kind == BOUND_CALL ? op->function->count : 2; }

/* Memory of a linked program, handed out piece by piece. */
typedef struct {
    bound_cell *cells;
    void **args;
    bound_reset *resets;
} supply;

static void link_argument(const bound_value *v, const bound_frame *frame, bound_step *step, unsigned index, supply *from) {
    bound_cell *place = lying(frame, v);
    if (!place) place = from->cells++;
    step->args[index] = place;
    if (!v->by_pointer) return;
    bound_cell *pointer = from->cells++;
    pointer->p = place;
    step->args[index] = pointer;
}

static void link_step(const bound_op *op, const bound_frame *frame, bound_step *step, supply *from) {
    unsigned count = arity(op);
    step->op = op;
    step->args = from->args;
    step->resets = from->resets;
    from->args += count;
    from->resets += count;
    for (unsigned i = 0; i < count; i++) link_argument(&op->args[i], frame, step, i, from);
    step->result = op->into ? &frame->variables[op->into->scope][op->into->slot] : from->cells++;
}

static void fill_step(bound_step *step, const bound_frame *frame) {
    step->reset_count = 0;
    for (unsigned i = 0; i < arity(step->op); i++) {
        const bound_value *v = &step->op->args[i];
        if (lying(frame, v)) continue;
        bound_cell value = evaluate(frame, v), *cell = step->args[i];
        if (v->by_pointer) {
            cell = cell->p;
            step->resets[step->reset_count++] = (bound_reset){cell, value};
        }
        *cell = value;
    }
}

void bound_fill(bound_linked *linked, const bound_frame *frame) {
    for (unsigned i = 0; i < linked->count; i++) fill_step(&linked->steps[i], frame);
}

bool bound_link(const bound_program *program, const bound_frame *frame, bound_linked *out) {
    size_t args = 0;
    for (unsigned i = 0; i < program->count; i++) args += arity(&program->ops[i]);
    size_t cells = 2 * args + program->count, size = program->count * sizeof(bound_step) + args * sizeof(bound_reset) +
                                                     cells * sizeof(bound_cell) + args * sizeof(void *);
    out->memory = calloc(1, size + 1);
    if (!out->memory) return false;
    out->steps = out->memory;
    out->count = program->count;
    supply from = {.resets = (bound_reset *)(out->steps + program->count)};
    from.cells = (bound_cell *)(from.resets + args);
    from.args = (void **)(from.cells + cells);
    for (unsigned i = 0; i < program->count; i++) link_step(&program->ops[i], frame, &out->steps[i], &from);
    bound_fill(out, frame);
    return true;
}

void bound_unlink(bound_linked *linked) {
    free(linked->memory);
    *linked = (bound_linked){0};
}

/* ------------------------------------------------------------------------------------------------------- running -- */

static bool failed(const bound_op *op, bound_cell result) {
    result = bound_widen(result, op->function->returns.base);
    switch (op->fail) {
        case BOUND_IF_NULL: return !result.p;
        case BOUND_IF_NEGATIVE: return result.i < 0;
        case BOUND_IF_NONZERO: return result.u != 0;
        case BOUND_IF_ZERO: return result.u == 0;
        case BOUND_NEVER: break;
    }
    return false;
}

static void call(const bound_step *step) {
    const bound_function *f = step->op->function;
    for (unsigned i = 0; i < step->reset_count; i++) *step->resets[i].target = step->resets[i].value;
    ffi_call((ffi_cif *)(uintptr_t)&f->cif, f->address, step->result, step->args);
}

static void emit(const bound_step *step, syx_session *session) {
    const bound_op *op = step->op;
    bound_cell values[2];
    for (int i = 0; i < 2; i++) values[i] = bound_load(step->args[i], op->args[i].type.base);
    if (session) bound_emit(session, op, values[0], values[1]);
}

const bound_op *bound_run(const bound_linked *linked, syx_session *session) {
    for (unsigned i = 0; i < linked->count; i++) {
        const bound_step *step = &linked->steps[i];
        if (step->op->kind != BOUND_CALL) {
            emit(step, session);
            continue;
        }
        call(step);
        if (step->op->fail != BOUND_NEVER && failed(step->op, *step->result)) return step->op;
    }
    return NULL;
}

static bool has_null(const bound_step *step) {
    for (unsigned i = 0; i < arity(step->op); i++) {
        const bound_value *v = &step->op->args[i];
        bool pointer = v->source == BOUND_FROM_VARIABLE && !v->by_pointer && bound_is_pointer(v->type.base);
        if (pointer && !((bound_cell *)step->args[i])->p) return true;
    }
    return false;
}

void bound_run_close(const bound_linked *linked) {
    for (unsigned i = 0; i < linked->count; i++)
        if (!has_null(&linked->steps[i])) call(&linked->steps[i]);
}

const char *bound_complaint(const bound_op *op, char *out, size_t size) {
    if (op->message)
        snprintf(out, size, "%s", op->message);
    else
        snprintf(out, size, "%s failed", op->function->symbol);
    return out;
}
