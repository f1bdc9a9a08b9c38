/* SPDX-License-Identifier: ISC */
/*
 * fields: lines of "name: value" in a fixed order: the form of sealed records and of shares.
 *
 * One table describes a format in both directions. Every value has exactly one text: a reader's
 * result is written again and compared, so that the bytes that were signed or hashed can be
 * rebuilt from what was parsed. Errors are ERR_FORMAT and name the line, never its content: a
 * mangled line may hold a payload.
 */
#ifndef SHARES_FIELDS_H
#define SHARES_FIELDS_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

/* A kind of value, kept in memory at `to` or `from` as the comment at each kind below says. */
struct field_type {
	/* `value` is not NUL-terminated. What it allocated by a failure is the record's to free. */
	bool (*read)(void *to, const char *value, size_t len, struct err *e);
	/* NULL for secret values, which never enter a struct buf. */
	void (*write)(const void *from, struct buf *out);
};

enum field_presence {
	FIELD_MUST,
	FIELD_MAY,  /* absent when its value's text is empty */
	FIELD_ELSE, /* in place of the field before it: one of the two, not both */
	FIELD_WITH, /* with the field before it: both or neither */
};

struct field {
	const char *name;
	enum field_presence presence;
	const struct field_type *type;
	size_t offset; /* in the record */
};

extern const struct field_type fields_key_id;     /* char[SEALED_KEY_ID_MAX + 1] */
extern const struct field_type fields_pin;        /* char[SEALED_PIN_TEXT] */
extern const struct field_type fields_set;        /* char[SEALED_SET_TEXT] */
extern const struct field_type fields_nonce;      /* uint8_t[SEALED_NONCE_LEN] */
extern const struct field_type fields_ciphertext; /* struct buf */

/*
 * Reads the `title` line and then the fields of the table, in its order and nothing else. Takes LF
 * and CRLF, and blank lines before the first and after the last line. The record is partly filled
 * on failure.
 */
bool fields_read(const char *title, const struct field *table, size_t count, const char *text,
	size_t len, void *record, struct err *e) FALLIBLE;

/* Writes these fields, a line each; those that may be absent only when they have a text. */
void fields_write(const struct field *table, size_t count, const void *record, struct buf *out);

/* Copies `value` as a C string after its check passed. */
void fields_copy(char *to, const char *value, size_t len);

/* 1 to SEALED_KEY_ID_MAX of [a-z0-9._-], not beginning with '.' or '-': safe as a file's name. */
bool fields_is_key_id(const char *value, size_t len);

/* `digits` lower-case hex digits. */
bool fields_is_hex(const char *value, size_t len, size_t digits);

#endif
