/* SPDX-License-Identifier: ISC */
#include "vault/successor.h"

#include <string.h>

static const struct state_certificate *
valid_certificate(const struct state_key *k, int64_t now)
{
	const struct state_certificate *last = state_certificate(k);

	return last && last->not_before <= now && now <= last->not_after ? last : NULL;
}

static struct successor
look_at(const struct store *s, const struct ready_history *h, const struct state_domain *d,
	const struct state_key *k, int64_t now)
{
	struct successor c = { .key = k, .certificate = valid_certificate(k, now) };
	int64_t deployed;

	ready_when(h, d->name, &k->pin, state_policy_of(&s->state, d).prior_max_age, &deployed,
		&c.ready_at);
	c.ready = c.ready_at != CLOCK_NONE && c.ready_at <= now;
	return c;
}

/* How soon it can serve: a lower one is better. */
static int
rank(const struct successor *c)
{
	if (c->ready)
		return c->certificate ? 0 : 1;
	return c->ready_at != CLOCK_NONE ? 2 : 3;
}

/* Is `a` to be taken before `b`, which is older? */
static bool
is_better(const struct successor *a, const struct successor *b, const char *algorithm)
{
	bool same_a = strcmp(a->key->algorithm, algorithm) == 0;
	bool same_b = strcmp(b->key->algorithm, algorithm) == 0;

	if (rank(a) != rank(b))
		return rank(a) < rank(b);
	if (rank(a) == 2 && a->ready_at != b->ready_at)
		return a->ready_at < b->ready_at;
	if (a->key->released != b->key->released)
		return !a->key->released;
	return same_a && !same_b;
}

bool
successor_choose(const struct store *s, const struct ready_history *h, const struct state_domain *d,
	const char *algorithm, int64_t now, struct successor *out)
{
	struct successor best = { 0 };

	for (size_t i = 0; i < d->key_count; i++) {
		const struct state_key *k = d->keys[i];
		if (!state_is_spare(k))
			continue;
		struct successor c = look_at(s, h, d, k, now);
		if (!best.key || is_better(&c, &best, algorithm))
			best = c;
	}
	if (best.key)
		*out = best;
	return best.key != NULL;
}

void
successor_describe(const struct successor *c, struct buf *out)
{
	char text[CLOCK_TEXT];

	if (c->certificate) {
		clock_format(c->certificate->not_after, text);
		buf_addf(out, "presigned until %s, ", text);
	} else {
		buf_adds(out, "without a certificate, ");
	}
	clock_format(c->ready_at, text);
	if (c->ready)
		buf_adds(out, "ready");
	else if (c->ready_at != CLOCK_NONE)
		buf_addf(out, "ready only from %s on", text);
	else
		buf_adds(out, "not known to be deployed, so not ready");
	if (c->key->released)
		buf_adds(out, "; released: no longer cold");
}
