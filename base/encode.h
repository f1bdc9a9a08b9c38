/* SPDX-License-Identifier: ISC */
/*
 * encode: base64 and hex, strict and constant in time (libsodium's codecs behind our errors).
 *
 * Decoding takes canonical text only: RFC 4648 section 4 with padding and zero trailing bits;
 * lower-case hex. Nothing is skipped, nothing is guessed. Errors: ERR_FORMAT.
 */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

#define ENCODE_HEX_SIZE(n) (2 * (n) + 1)              /* with NUL */
#define ENCODE_BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1) /* with NUL */

void encode_hex(char *out, const uint8_t *data, size_t len);    /* out: ENCODE_HEX_SIZE(len) */
void encode_base64(char *out, const uint8_t *data, size_t len); /* out: ENCODE_BASE64_SIZE(len) */
void encode_base64_buf(struct buf *out, const uint8_t *data, size_t len);

/* Exactly `len` bytes or failure; `text` need not be NUL-terminated. `out` is undefined (but
 * wiped) on failure, so it may be secret memory. */
bool encode_unhex(
	uint8_t *out, size_t len, const char *text, size_t text_len, struct err *e) FALLIBLE;
bool encode_unbase64(
	uint8_t *out, size_t len, const char *text, size_t text_len, struct err *e) FALLIBLE;

/* How many bytes a canonical base64 text of this length and ending decodes to; SIZE_MAX when it
 * cannot be one. */
size_t encode_base64_len(const char *text, size_t text_len);

/* BLAKE2b-256 (RFC 7693, unkeyed): the project's hash for everything but pins. */
#define ENCODE_HASH_LEN 32
#define ENCODE_HASH_HEX ENCODE_HEX_SIZE(ENCODE_HASH_LEN)
void encode_hash(uint8_t out[static ENCODE_HASH_LEN], const void *data, size_t len);
void encode_hash_hex(char out[static ENCODE_HASH_HEX], const void *data, size_t len);

#endif
