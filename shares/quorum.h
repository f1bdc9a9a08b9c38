/* SPDX-License-Identifier: ISC */
/*
 * quorum: from a heap of share records to k good shares of one set, every bad one named.
 *
 * Records are parsed, authenticated against the trust anchor, and grouped by vault key and set. A
 * record that does not belong is kept with the reason, for the report; it never stops good ones.
 */
#ifndef SHARES_QUORUM_H
#define SHARES_QUORUM_H

#include "base/minisign.h"
#include "shares/medium.h"
#include "shares/share.h"

/* One record that cannot be used, and why. */
struct quorum_reject {
	char *label;
	struct err err;
};

struct quorum {
	struct share *shares; /* usable ones, first come; after quorum_settle all of one set */
	char **labels;        /* of each */
	size_t count;
	struct quorum_reject *rejects;
	size_t reject_count;
};
#define QUORUM_AUTO __attribute__((cleanup(quorum_free))) struct quorum
void quorum_free(struct quorum *q);

/* What is wanted. */
struct quorum_want {
	const char *key; /* key id, a prefix of one, or a pin in base64 or hex */
	const struct minisign_pub
		*anchor; /* NULL: each share is checked against the key it names */
	const struct minisign_pub *before; /* keys that were the vault's before, for old shares */
	size_t before_count;
	const char *vault_pin; /* the pin on the vault's own record, or NULL */
	const char *set;       /* only this set, or NULL for any */
	/* Has the last word on an authentic share that would do; NULL: none has. */
	bool (*accept)(const void *context, const struct share *s, struct err *why);
	const void *context;
};

/* Parses, authenticates and files every record; the texts are wiped as they are consumed. The
 * same share twice (same set and number) is a reject naming the first. */
bool quorum_add(struct quorum *q, const struct quorum_want *want, struct medium_records *records,
	struct err *e) FALLIBLE;

/*
 * Settles on the one group with at least k shares; shares of other groups become rejects. A prefix
 * that fits two keys, or two complete groups: ERR_REFUSED, listing them (vault key, key, set).
 * None complete: ERR_REFUSED, saying how many of which set are there and how many are missing.
 */
bool quorum_settle(struct quorum *q, const struct quorum_want *want, struct err *e) FALLIBLE;

/* The key-encryption key from the first k shares of a settled quorum. */
bool quorum_kek(const struct quorum *q, struct secret *kek, struct err *e) FALLIBLE;

/* The sealed record that any of its shares carries (its hash was checked), or NULL. */
const struct sealed *quorum_sealed(const struct quorum *q);

/*
 * Combines the k-subsets of the settled shares, every one of them, or `limit` drawn at random when
 * there are more, and compares each with `kek`; *done says how many. ERR_INTERNAL on a mismatch.
 */
bool quorum_prove(const struct quorum *q, const struct secret *kek, uint64_t limit, uint64_t *done,
	struct err *e) FALLIBLE;

/* The same for the k-subsets that hold the last of the shares alone. */
bool quorum_prove_last(const struct quorum *q, const struct secret *kek, uint64_t limit,
	uint64_t *done, struct err *e) FALLIBLE;

/* Exchanges two of the shares: the first k are those that are combined. */
void quorum_swap(struct quorum *q, size_t i, size_t j);

/* What the share with another number would be (gf.h), from the first k. */
bool quorum_interpolate(
	const struct quorum *q, unsigned number, struct secret *out, struct err *e) FALLIBLE;

#endif
