/* SPDX-License-Identifier: Apache-2.0
 *
 * Values for a JSON Schema: the defaults, random ones that are valid, and random ones that are not. Knows what the host
 * knows: type, properties, required, additionalProperties, enum, const, bounds, lengths, items, anyOf, oneOf, local $ref. */
#ifndef SCHEMA_H
#define SCHEMA_H
#include "check.h"

/* What is wrong with the schema itself, at which place; NULL = nothing. */
const char *schema_fault(const json *schema);
/* An object with every default filled in; a required property without one gets a generated value. */
char *schema_defaults(ck *, const json *schema);
char *schema_valid(ck *, const json *schema);
char *schema_invalid(ck *, const json *schema);
/* The first property that is marked x-secret, or NULL. */
const char *schema_secret(const json *schema);
/* `base` (an object) with one field set to the value, which is JSON. */
char *schema_with(const char *base, const char *key, const char *value);
#endif
