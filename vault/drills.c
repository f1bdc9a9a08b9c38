/* SPDX-License-Identifier: ISC */
#include "vault/drills.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

void
drills_free(struct drills *d)
{
	free(d->items);
	*d = (struct drills){ 0 };
}

static struct drills_item *
item_of(struct drills *d, const char *custodian, struct err *e)
{
	struct drills_item *grown;

	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->items[i].custodian, custodian) == 0)
			return &d->items[i];
	grown = reallocarray(d->items, d->count + 1, sizeof(*grown));
	if (!grown) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	d->items = grown;
	grown[d->count] = (struct drills_item){ .custodian = custodian, .seen = INT64_MAX };
	return &grown[d->count++];
}

static bool
note_share(
	struct drills *d, const struct state_key *k, const struct state_share *share, struct err *e)
{
	struct drills_item *item;

	if (!state_share_counts(share))
		return true;
	item = item_of(d, share->custodian, e);
	if (!item)
		return false;
	item->shares++;
	if (share->seen >= item->seen)
		return true;
	item->seen = share->seen;
	item->key = k->id;
	item->medium = share->medium;
	return true;
}

/* A key whose shares may yet be needed. */
static bool
is_wanted(const struct state_key *k)
{
	return k->state == STATE_STANDBY || k->state == STATE_PRESIGNED || k->state == STATE_ACTIVE;
}

bool
drills_make(const struct state *s, int64_t now, struct drills *out, struct err *e)
{
	DRILLS_AUTO d = { 0 };

	for (size_t i = 0; i < s->key_count; i++) {
		const struct state_set *set = state_current_set(s->keys[i]);

		for (size_t j = 0; set && is_wanted(s->keys[i]) && j < set->share_count; j++)
			if (state_share_counts(&set->shares[j]) &&
				!note_share(&d, s->keys[i], &set->shares[j], e))
				return false;
	}
	for (size_t i = 0; i < d.count; i++) {
		struct drills_item *item = &d.items[i];

		item->due = item->seen == CLOCK_NONE ? CLOCK_NONE : item->seen + s->drill_every;
		item->overdue = now > item->due;
	}
	*out = d;
	d = (struct drills){ 0 };
	return true;
}
