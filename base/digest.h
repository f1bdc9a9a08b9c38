/* SPDX-License-Identifier: ISC */
/*
 * digest: 32-byte digests shown so that people can compare them: hex and words, row by row.
 *
 *	5f0c 7c1e  eyeglass armistice keyboard breakaway
 *	... seven more
 *
 * Four bytes a row: hex in groups of four, and the same bytes as PGP words (words.h). The one form
 * for what is compared at a ceremony: plan, vault key, journal's head, manifest.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/buf.h"

#define DIGEST_ROWS 8

struct digest_row {
	char hex[10];
	char words[48];
};

/* `hex`: 64 lower-case hex digits. ERR_FORMAT. */
bool digest_rows(
	const char *hex, struct digest_row out[static DIGEST_ROWS], struct err *e) FALLIBLE;

/* The rows as lines, each after `indent` and ended by LF. */
bool digest_text(const char *hex, const char *indent, struct buf *out, struct err *e) FALLIBLE;

/* All 32 words in one line, without its end. */
bool digest_words(const char *hex, struct buf *out, struct err *e) FALLIBLE;

#endif
