/* SPDX-License-Identifier: ISC */
/* Combining a settled quorum: once to recover, in every way to prove. */
#include "shares/quorum.h"

#include "shares/gf.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert(SHARE_DATA_LEN == GF_SECRET_LEN, "a share is as long as what was split");
_Static_assert(SEALED_KEK_LEN == GF_SECRET_LEN, "what was split is the key-encryption key");

/* `pick`: k indexes into q->shares. */
static bool
combine(const struct quorum *q, const unsigned *pick, unsigned k, struct secret *out, struct err *e)
{
	uint8_t numbers[SHARE_COUNT_MAX];
	const uint8_t *data[SHARE_COUNT_MAX];

	for (unsigned i = 0; i < k; i++) {
		numbers[i] = (uint8_t)q->shares[pick[i]].number;
		data[i] = q->shares[pick[i]].data.data;
	}
	return gf_combine(k, numbers, data, out->data, e);
}

/* k of a settled quorum; 0 with an err when it cannot be one. */
static unsigned
threshold_of(const struct quorum *q, struct err *e)
{
	if (q->count > 0 && q->count <= SHARE_COUNT_MAX &&
		q->shares[0].threshold >= SHARE_THRESHOLD_MIN && q->shares[0].threshold <= q->count)
		return q->shares[0].threshold;
	err_set(e, ERR_INTERNAL, "combining %zu shares that were not settled", q->count);
	return 0;
}

static void
first_subset(unsigned *pick, unsigned k)
{
	for (unsigned i = 0; i < k; i++)
		pick[i] = i;
}

bool
quorum_kek(const struct quorum *q, struct secret *kek, struct err *e)
{
	SECRET_AUTO out = SECRET_NONE;
	unsigned pick[SHARE_COUNT_MAX];
	unsigned k = threshold_of(q, e);

	if (k == 0 || !secret_new(&out, SEALED_KEK_LEN, e))
		return false;
	first_subset(pick, k);
	if (!combine(q, pick, k, &out, e))
		return false;
	secret_move(kek, &out);
	return true;
}

/* The next k-subset of 0..n-1 in lexicographic order; false after the last. */
static bool
next_subset(unsigned *pick, unsigned k, unsigned n)
{
	for (unsigned i = k; i-- > 0;) {
		if (pick[i] == n - k + i)
			continue;
		pick[i]++;
		for (unsigned j = i + 1; j < k; j++)
			pick[j] = pick[j - 1] + 1;
		return true;
	}
	return false;
}

/* A k-subset of 0..n-1, each equally likely: the first k steps of a Fisher-Yates shuffle. */
static void
random_subset(unsigned *pick, unsigned k, unsigned n)
{
	unsigned all[SHARE_COUNT_MAX];

	first_subset(all, n);
	for (unsigned i = 0; i < k; i++) {
		unsigned j = i + randombytes_uniform(n - i);
		pick[i] = all[j];
		all[j] = all[i];
	}
}

/* Whether there are at most `limit` k-subsets of n. C(n-k+i, i) only grows with i, and every step
 * divides evenly. */
static bool
at_most(unsigned n, unsigned k, uint64_t limit)
{
	uint64_t count = 1;

	for (unsigned i = 1; i <= k; i++) {
		if (__builtin_mul_overflow(count, n - k + i, &count))
			return false;
		count /= i;
		if (count > limit)
			return false;
	}
	return true;
}

static bool
prove_one(const struct quorum *q, const unsigned *pick, unsigned k, const struct secret *kek,
	struct secret *room, struct err *e)
{
	char list[256] = "";
	size_t len = 0;

	if (!combine(q, pick, k, room, e))
		return false;
	if (sodium_memcmp(room->data, kek->data, SEALED_KEK_LEN) == 0)
		return true;
	for (unsigned i = 0; i < k && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%u", i > 0 ? ", " : "",
			q->shares[pick[i]].number);
	return err_set(e, ERR_INTERNAL, "set %s of %s: shares %s do not give the key back",
		q->shares[0].set, q->shares[0].key, list);
}

void
quorum_swap(struct quorum *q, size_t i, size_t j)
{
	struct share share = q->shares[i];
	char *label = q->labels[i];

	q->shares[i] = q->shares[j];
	q->shares[j] = share;
	q->labels[i] = q->labels[j];
	q->labels[j] = label;
}

/* The subsets of all shares or, with `last`, those that hold the last one: k-1 of the others. */
static bool
prove(const struct quorum *q, bool last, const struct secret *kek, uint64_t limit, uint64_t *done,
	struct err *e)
{
	SECRET_AUTO room = SECRET_NONE;
	unsigned pick[SHARE_COUNT_MAX];
	unsigned k = threshold_of(q, e);
	unsigned n = (unsigned)q->count - last, from = k - last;
	uint64_t count = 0;

	if (k == 0)
		return false;
	if (kek->len != SEALED_KEK_LEN)
		return err_set(e, ERR_INTERNAL, "a key-encryption key of %zu bytes", kek->len);
	if (!secret_new(&room, SEALED_KEK_LEN, e))
		return false;
	bool every = at_most(n, from, limit);
	first_subset(pick, from);
	pick[k - 1] = last ? n : pick[k - 1];
	do {
		if (!every)
			random_subset(pick, from, n);
		if (!prove_one(q, pick, k, kek, &room, e))
			return false;
		count++;
	} while (every ? next_subset(pick, from, n) : count < limit);
	*done = count;
	return true;
}

bool
quorum_prove(const struct quorum *q, const struct secret *kek, uint64_t limit, uint64_t *done,
	struct err *e)
{
	return prove(q, false, kek, limit, done, e);
}

bool
quorum_prove_last(const struct quorum *q, const struct secret *kek, uint64_t limit, uint64_t *done,
	struct err *e)
{
	return prove(q, true, kek, limit, done, e);
}

bool
quorum_interpolate(const struct quorum *q, unsigned number, struct secret *out, struct err *e)
{
	SECRET_AUTO data = SECRET_NONE;
	uint8_t numbers[SHARE_COUNT_MAX];
	const uint8_t *shares[SHARE_COUNT_MAX];
	unsigned k = threshold_of(q, e);

	if (k == 0 || !secret_new(&data, SHARE_DATA_LEN, e))
		return false;
	for (unsigned i = 0; i < k; i++) {
		numbers[i] = (uint8_t)q->shares[i].number;
		shares[i] = q->shares[i].data.data;
	}
	if (!gf_interpolate(k, numbers, shares, number, data.data, e))
		return false;
	secret_move(out, &data);
	return true;
}
