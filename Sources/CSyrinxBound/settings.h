/* SPDX-License-Identifier: Apache-2.0
 *
 * A configuration or a session's options, read once into cells. */
#ifndef BOUND_SETTINGS_H
#define BOUND_SETTINGS_H
#include "bound.h"

typedef struct {
    json_t *json;       /* owns the texts that cells point to */
    bound_cell cells[]; /* by index of the option; a bound_option_kind each */
} bound_settings;

/* config = NULL: the provider's; else a session's, which falls back to it. NULL and *err filled when a value is missing
 * or does not fit. */
bound_settings *bound_settings_read(const bound_module *m, syx_str text, const bound_settings *config, syx_err *err);
/* The same after a CONFIG event: its members replace those of `old`, which may be NULL. */
bound_settings *bound_settings_change(const bound_module *m, syx_str text, const bound_settings *config,
                                      const json_t *old, syx_err *err);
void bound_settings_free(bound_settings *settings);
/* A text of the session's options, else of the configuration, else NULL. */
const char *bound_settings_text(const bound_settings *options, const bound_settings *config, const char *name);
#endif
