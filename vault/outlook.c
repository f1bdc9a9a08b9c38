/* SPDX-License-Identifier: ISC */
#include "vault/outlook.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>

size_t
outlook_backups(const struct outlook_slot *slot)
{
	return slot->presigned + slot->standby;
}

/* Slots ------------------------------------------------------------------------------------ */

static struct outlook_slot *
slot_of(struct outlook *o, const char *algorithm)
{
	size_t i = 0;

	while (i < o->slot_count && strcmp(o->slots[i].algorithm, algorithm) != 0)
		i++;
	if (i == OUTLOOK_SLOTS_MAX)
		return &o->slots[i - 1]; /* there are not that many algorithms */
	if (i == o->slot_count)
		o->slots[o->slot_count++] = (struct outlook_slot){
			.algorithm = algorithm,
			.next_ready = CLOCK_NONE,
			.last_ready = CLOCK_NONE,
		};
	return &o->slots[i];
}

static void
note_ready(struct outlook_slot *slot, int64_t ready, int64_t now)
{
	if (ready == CLOCK_NONE)
		return;
	if (ready <= now) {
		slot->usable++;
		return;
	}
	if (slot->next_ready == CLOCK_NONE || ready < slot->next_ready)
		slot->next_ready = ready;
	if (ready > slot->last_ready)
		slot->last_ready = ready;
}

static void
note_expiry(struct outlook *o, const struct state_key *k)
{
	const struct state_certificate *c = state_certificate(k);

	if (!c || (o->expiring && o->expires <= c->not_after))
		return;
	o->expiring = k;
	o->expires = c->not_after;
}

static void
note_backup(
	struct outlook *o, const struct ready_history *h, const struct state_key *k, int64_t now)
{
	struct outlook_slot *slot = slot_of(o, k->algorithm);
	const struct state_certificate *c = state_certificate(k);
	int64_t deployed, ready;

	if (c && c->not_after > now)
		slot->presigned++;
	else
		slot->standby++;
	if (!c && !o->presign)
		o->presign = k;
	ready_when(h, o->domain->name, &k->pin, o->policy.prior_max_age, &deployed, &ready);
	note_ready(slot, ready, now);
}

static void
note_keys(struct outlook *o, const struct ready_history *h, int64_t now)
{
	for (size_t i = 0; i < o->domain->key_count; i++) {
		const struct state_key *k = o->domain->keys[i];

		slot_of(o, k->algorithm)->active += k->state == STATE_ACTIVE;
		o->served += k->state == STATE_ACTIVE;
		if (state_is_backup(k))
			note_backup(o, h, k, now);
		if (state_is_backup(k) || k->state == STATE_ACTIVE)
			note_expiry(o, k);
		if (k->displaced && o->displaced[0] == '\0')
			strcpy(o->displaced, k->id);
	}
}

static void
note_pins(struct outlook *o)
{
	for (size_t i = 0; i < o->domain->pin_count; i++) {
		const struct state_pin *p = &o->domain->pins[i];

		if (p->removed)
			continue;
		if (p->displaced && o->displaced[0] == '\0')
			pin_encode(&p->pin, o->displaced);
		if (state_pin_role(p) == ROLE_BACKUP)
			continue;
		o->served++;
		if (p->role == ROLE_ACTIVE)
			for (size_t j = 0; j < o->slot_count; j++)
				o->slots[j].active +=
					strcmp(o->slots[j].algorithm, p->algorithm) == 0;
	}
}

/* What is published ------------------------------------------------------------------------ */

/* Pin -> role. */
static json_t *
index_pins(const struct manifest_domain *d)
{
	json_t *index = json_object();
	char pin[PIN_TEXT];

	for (size_t i = 0; d && i < d->pin_count; i++) {
		pin_encode(&d->pins[i].pin, pin);
		json_object_set_new(index, pin, json_integer(d->pins[i].role));
	}
	return index;
}

static void
note_published(struct outlook *o, json_t *index, const struct pin *pin, bool wanted,
	enum manifest_role role, bool compromised)
{
	const json_t *has;
	char text[PIN_TEXT];

	pin_encode(pin, text);
	has = json_object_get(index, text);
	if (wanted)
		o->unpublished += !has || json_integer_value(has) != (json_int_t)role;
	else
		o->leftover += has != NULL;
	o->compromised_in |= compromised && has;
}

static void
note_manifest(struct outlook *o, const struct manifest *newest)
{
	const struct manifest_domain *published =
		newest ? manifest_find(newest, o->domain->name) : NULL;
	JSON_AUTO index = index_pins(published);

	if (published)
		o->max_age = published->max_age;
	for (size_t i = 0; i < o->domain->key_count; i++) {
		const struct state_key *k = o->domain->keys[i];

		note_published(o, index, &k->pin, state_is_pinned(k), state_key_role(k),
			k->state == STATE_COMPROMISED);
	}
	for (size_t i = 0; i < o->domain->pin_count; i++) {
		const struct state_pin *p = &o->domain->pins[i];

		note_published(o, index, &p->pin, !p->removed, state_pin_role(p), p->compromised);
	}
}

static void
note_compromised(struct outlook *o, const struct ready_item *item)
{
	for (size_t i = 0; i < o->domain->key_count; i++)
		o->compromised_live |= o->domain->keys[i]->state == STATE_COMPROMISED &&
				       ready_held(item, o->domain->name, &o->domain->keys[i]->pin);
	for (size_t i = 0; i < o->domain->pin_count; i++)
		o->compromised_live |= o->domain->pins[i].compromised &&
				       ready_held(item, o->domain->name, &o->domain->pins[i].pin);
}

void
outlook_make(const struct state *s, const struct ready_history *h, const struct manifest *newest,
	const struct state_domain *d, int64_t now, struct outlook *out)
{
	const struct state_manifest *last = state_last_manifest(s);

	*out = (struct outlook){
		.domain = d,
		.policy = state_policy_of(s, d),
		.serial = last ? last->serial : 0,
		.deployed = last && last->deployed != CLOCK_NONE,
		.max_age = CLOCK_NONE,
	};
	(void)ramp_max_age(s, h, d, &out->ramp);
	note_keys(out, h, now);
	note_pins(out);
	note_manifest(out, newest);
	if (h->count > 0)
		note_compromised(out, &h->items[h->count - 1]);
}
