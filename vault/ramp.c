/* SPDX-License-Identifier: ISC */
#include "vault/ramp.h"

#include "base/clock.h"

/* How many steps were deployed: each manifest counts for one at most. */
static unsigned
steps_done(const struct state_policy *p, const struct ready_history *h, const char *domain)
{
	unsigned done = 0;

	for (size_t i = 0; i < h->count && done < p->ramp_count; i++) {
		const json_t *max_age = json_object_get(h->items[i].index, domain);

		if (max_age && h->items[i].deployed >= p->ramp_since &&
			json_integer_value(max_age) >= p->ramp[done])
			done++;
	}
	return done;
}

int64_t
ramp_max_age(const struct state *s, const struct ready_history *h, const struct state_domain *d,
	struct ramp *out)
{
	const struct state_policy p = state_policy_of(s, d);
	unsigned at;

	*out = (struct ramp){ .now = p.max_age, .next = CLOCK_NONE };
	if (p.ramp_count == 0)
		return p.max_age;
	at = steps_done(&p, h, d->name);
	if (at == p.ramp_count)
		at--;
	*out = (struct ramp){
		.step = at + 1,
		.steps = p.ramp_count,
		.now = p.ramp[at],
		.next = at + 1 < p.ramp_count ? p.ramp[at + 1] : CLOCK_NONE,
	};
	return out->now;
}
