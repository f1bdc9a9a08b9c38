/* SPDX-License-Identifier: ISC */
#include "vault/ready.h"

#include <stdio.h>
#include <stdlib.h>

void
ready_free(struct ready_history *h)
{
	for (size_t i = 0; i < h->count; i++)
		json_decref(h->items[i].index);
	free(h->items);
	*h = (struct ready_history){ 0 };
}

#define KEY_MAX 512

/* Under which a domain's pin stands in an index. */
static const char *
index_key(char out[static KEY_MAX], const char *domain, const struct pin *pin)
{
	char text[PIN_TEXT];

	pin_encode(pin, text);
	(void)snprintf(out, KEY_MAX, "%s %s", domain, text);
	return out;
}

const json_t *
ready_held(const struct ready_item *m, const char *domain, const struct pin *pin)
{
	char key[KEY_MAX];

	return json_object_get(m->index, index_key(key, domain, pin));
}

/* What a manifest says of a pin: {"deployed", "ready"}, seconds, where it is known. */
static json_t *
said_of(const struct manifest_pin *p)
{
	json_t *said = json_object();

	if (p->deployed != CLOCK_NONE)
		json_object_set_new(said, "deployed", json_integer(p->deployed));
	if (p->ready != CLOCK_NONE)
		json_object_set_new(said, "ready", json_integer(p->ready));
	return said;
}

/* "example.org" -> its max_age; "example.org X3pGTSOu..." -> true or, of the base, what it says. */
static bool
index_manifest(const struct manifest *m, bool base, json_t *index)
{
	char key[KEY_MAX];
	int failed = 0;

	for (size_t i = 0; i < m->domain_count; i++) {
		const struct manifest_domain *d = &m->domains[i];

		failed |= json_object_set_new(index, d->domain, json_integer(d->max_age));
		for (size_t j = 0; j < d->pin_count; j++) {
			index_key(key, d->domain, &d->pins[j].pin);
			failed |= json_object_set_new(
				index, key, base ? said_of(&d->pins[j]) : json_true());
		}
	}
	return failed == 0;
}

static bool
load_index(const struct store *s, const struct state_manifest *m, json_t **out, struct err *e)
{
	MANIFEST_AUTO manifest = { 0 };
	JSON_AUTO index = json_object();

	if (!store_manifest(s, m->serial, &manifest, e))
		return false;
	if (!index_manifest(&manifest, m->serial == s->state.rebuilt.serial, index))
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = index;
	index = NULL;
	return true;
}

/* Mostly they go live in the order of their serials: then this moves nothing. */
static void
insert(struct ready_history *h, struct ready_item item)
{
	size_t i = h->count++;

	for (; i > 0 && h->items[i - 1].deployed > item.deployed; i--)
		h->items[i] = h->items[i - 1];
	h->items[i] = item;
}

bool
ready_load(const struct store *s, struct ready_history *out, struct err *e)
{
	READY_HISTORY_AUTO h = { 0 };
	size_t count = s->state.manifest_count;

	h.items = calloc(count + 1, sizeof *h.items);
	if (!h.items)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const struct state_manifest *m = &s->state.manifests[i];
		struct ready_item item = {
			.deployed = m->deployed,
			.base = m->serial == s->state.rebuilt.serial,
		};

		item.assumed = item.base && m->deployed == CLOCK_NONE;
		if (item.assumed)
			item.deployed = m->created;
		if (item.deployed == CLOCK_NONE)
			continue;
		if (!load_index(s, m, &item.index, e))
			return false;
		insert(&h, item);
	}
	*out = h;
	h = (struct ready_history){ 0 };
	return true;
}

static void
raise(int64_t *to, int64_t t)
{
	if (t > *to)
		*to = t;
}

static int64_t
said(const json_t *of, const char *name)
{
	const json_t *t = json_object_get(of, name);

	return t ? (int64_t)json_integer_value(t) : CLOCK_NONE;
}

/* The manifests before the base are lost, but it says what came of them. Where it says nothing,
 * they lacked the pin, and were replaced when the base went live: at the latest when the next did.
 */
static void
go_on(const struct ready_history *h, size_t i, const json_t *held, int64_t max_age, int64_t *first,
	int64_t *when)
{
	const struct ready_item *base = &h->items[i];
	bool late = base->assumed && i + 1 < h->count;
	int64_t ready = said(held, "ready");

	*first = said(held, "deployed");
	if (*first == CLOCK_NONE && !base->assumed)
		*first = base->deployed;
	raise(when,
		ready != CLOCK_NONE ? ready : (late ? base[1].deployed : base->deployed) + max_age);
}

void
ready_when(const struct ready_history *h, const char *domain, const struct pin *pin,
	int64_t prior_max_age, int64_t *deployed, int64_t *ready)
{
	char key[KEY_MAX];
	int64_t first = CLOCK_NONE, domain_first = CLOCK_NONE, when = INT64_MIN;
	bool missing_now = false;

	index_key(key, domain, pin); /* once, for all manifests */
	for (size_t i = 0; i < h->count; i++) {
		const struct ready_item *m = &h->items[i];
		const json_t *max_age = json_object_get(m->index, domain);

		if (!max_age)
			continue;
		if (domain_first == CLOCK_NONE)
			domain_first = m->deployed;
		const json_t *held = json_object_get(m->index, key);
		missing_now = !held;
		if (held && m->base)
			go_on(h, i, held, json_integer_value(max_age), &first, &when);
		else if (held && first == CLOCK_NONE)
			first = m->deployed;
		/* One that lacks it went out of production when the next one went live. */
		if (missing_now && i + 1 < h->count)
			raise(&when, h->items[i + 1].deployed + json_integer_value(max_age));
	}
	*deployed = first;
	*ready = CLOCK_NONE;
	if (first == CLOCK_NONE || missing_now)
		return;
	raise(&when, first);
	if (prior_max_age != CLOCK_NONE)
		raise(&when, domain_first + prior_max_age);
	*ready = when;
}
