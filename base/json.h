/* SPDX-License-Identifier: ISC */
/*
 * json: jansson behind our errors: strict reading, typed getters, deterministic writing.
 *
 * Parsing refuses duplicate names, anything after the value, invalid UTF-8, NUL in strings and
 * nesting beyond jansson's own limit (2048). Getters name the member that is missing or ill-typed
 * (ERR_FORMAT). Strings handed out are borrowed from the object.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>
#include <stdint.h>

#define JSON_AUTO __attribute__((cleanup(json_free_auto))) json_t *
void json_free_auto(json_t **j);

bool json_parse(const char *text, size_t len, json_t **out, struct err *e) FALLIBLE;

/* As json_parse, of the one value that `text` begins with; *used: how many bytes that took. */
bool json_parse_next(
	const char *text, size_t len, json_t **out, size_t *used, struct err *e) FALLIBLE;

bool json_get_str(const json_t *o, const char *name, const char **out, struct err *e) FALLIBLE;
bool json_get_int(const json_t *o, const char *name, int64_t *out, struct err *e) FALLIBLE;
bool json_get_bool(const json_t *o, const char *name, bool *out, struct err *e) FALLIBLE;
bool json_get_array(const json_t *o, const char *name, json_t **out, struct err *e) FALLIBLE;
bool json_get_object(const json_t *o, const char *name, json_t **out, struct err *e) FALLIBLE;
/* NULL when the member is null or absent; ill-typed otherwise fails. */
bool json_get_str_opt(const json_t *o, const char *name, const char **out, struct err *e) FALLIBLE;

/* Null for CLOCK_NONE; otherwise the time as text, or the number of seconds. */
json_t *json_time(int64_t t);
json_t *json_seconds(int64_t t);

/* Appends to `out`, compact on one line, or indented by two with a final LF; members in the order
 * they were set. On failure `out` is as it was. */
bool json_write(const json_t *j, bool pretty, struct buf *out, struct err *e) FALLIBLE;
/* Pretty, to standard output: what --json prints. */
bool json_print(const json_t *j, struct err *e) FALLIBLE;

#endif
