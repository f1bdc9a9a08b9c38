/* SPDX-License-Identifier: ISC */
/*
 * shareset: for tests: a vault key, one sealed private key, its signed shares, and what becomes of
 * them.
 */
#ifndef TESTS_SHARESET_H
#define TESTS_SHARESET_H

#include "shares/quorum.h"

#define SHARESET_SIGNING_LEN 64
#define SHARESET_PLAIN "-----BEGIN PRIVATE KEY-----\nfor tests\n-----END PRIVATE KEY-----\n"

struct shareset {
	const char *vault; /* its name */
	struct minisign_pub pub;
	uint8_t signing[SHARESET_SIGNING_LEN];
	struct secret kek;
	struct sealed sealed;
	struct share *shares; /* all carry the sealed key */
	unsigned count;
};
#define SHARESET_AUTO __attribute__((cleanup(shareset_free))) struct shareset
void shareset_free(struct shareset *d);

/* A vault of this name, whose key comes from it, splits a key of `domain` k of n. The key's id and
 * pin come from the domain, the set is the one given, the numbers are 1..n. */
void shareset_make(struct shareset *d, const char *vault, const char *domain, const char *set,
	unsigned threshold, unsigned shares);

/* Signs again after a change. */
void shareset_sign(const struct shareset *d, struct share *s);

/* The whole text of a share as a C string. */
void shareset_text(const struct share *s, struct buf *out);
/* `text` with the first `from` in it, which must be there, replaced by `to`. */
void shareset_replaced(const char *text, const char *from, const char *to, struct buf *out);

/* One more record, as if read from a medium. */
void shareset_put(struct medium_records *r, const char *label, const void *text, size_t len);
/* The set's shares from..to (counted from 1), each labelled "<prefix><count>". */
void shareset_put_range(struct medium_records *r, const char *prefix, const struct shareset *d,
	unsigned from, unsigned to);
/* Hands the records to the quorum and empties the list. */
void shareset_add(struct quorum *q, const struct quorum_want *want, struct medium_records *r);

/* The first k shares of a settled quorum open the sealed key that one of them carries. */
void shareset_assert_opens(const struct quorum *q);
/* Reject i has this label and code, `message` in its message, and a hint. */
void shareset_assert_rejected(const struct quorum *q, size_t i, const char *label,
	enum err_code code, const char *message);

#endif
