/* SPDX-License-Identifier: ISC */
#include "vault/leave.h"

#include <string.h>

static bool
stands(const struct state_domain *d, const struct pin *pin)
{
	const struct state_pin *p = state_find_pin(d, pin);

	return p && !p->removed;
}

bool
leave_is_external(const struct leave *l, const struct state *s)
{
	for (size_t i = 0; i < s->domain_count; i++)
		if (stands(&s->domains[i], &l->pin))
			return true;
	return false;
}

static bool
check_key(const struct state_key *k, struct err *e)
{
	if (!k->domain) {
		err_set(e, ERR_REFUSED, "%s is pinned nowhere", k->id);
		return err_hint(e, "`coldspare rekey` replaces it");
	}
	return k->state != STATE_VOID || err_set(e, ERR_REFUSED, "%s is void", k->id);
}

/* A pin from outside that left before: known, but in no manifest to come. */
static bool
left_before(const struct state *s, const struct pin *pin)
{
	for (size_t i = 0; i < s->domain_count; i++)
		if (state_find_pin(&s->domains[i], pin))
			return true;
	return false;
}

static bool
find_key(const struct state *s, const char *wanted, bool is_pin, struct leave *l, struct err *e)
{
	if (state_find_key(s, wanted, &l->key, e))
		return check_key(l->key, e);
	if (!is_pin || !left_before(s, &l->pin))
		return false;
	err_set(e, ERR_REFUSED, "%s was retired or compromised already", wanted);
	return err_hint(e, "it is in no manifest to come; `coldspare log` says since when");
}

bool
leave_find(const struct state *s, const char *wanted, struct leave *out, struct err *e)
{
	struct leave l = { 0 };
	struct err no_pin;
	bool is_pin = pin_parse(wanted, &l.pin, &no_pin);

	if (is_pin)
		l.key = state_key_by_pin(s, &l.pin);
	if (!is_pin || (!l.key && !leave_is_external(&l, s))) {
		if (!find_key(s, wanted, is_pin, &l, e))
			return false;
		l.pin = l.key->pin;
	}
	if (l.key && !check_key(l.key, e))
		return false;
	/* What is compromised for good may stand from outside still, by an older version. */
	if (l.key && l.key->state == STATE_COMPROMISED && leave_is_external(&l, s))
		l.key = NULL;
	pin_encode(&l.pin, l.text);
	*out = l;
	out->name = l.key ? l.key->id : out->text;
	return true;
}

bool
leave_is_key_of(const struct leave *l, const struct state_domain *d)
{
	return l->key && strcmp(l->key->domain, d->name) == 0;
}

bool
leave_is_of(const struct leave *l, const struct state_domain *d)
{
	return leave_is_key_of(l, d) || stands(d, &l->pin);
}

const char *
leave_algorithm(const struct leave *l, const struct state_domain *d)
{
	return l->key ? l->key->algorithm : state_find_pin(d, &l->pin)->algorithm;
}

static bool
is_served(const struct state_pin *p, bool with_ca)
{
	return !p->removed && !p->displaced &&
	       (p->role == ROLE_ACTIVE || (with_ca && p->role == ROLE_CA));
}

bool
leave_is_served(const struct leave *l, const struct state_domain *d, bool with_ca)
{
	return leave_is_key_of(l, d) ? l->key->state == STATE_ACTIVE
				     : is_served(state_find_pin(d, &l->pin), with_ca);
}

size_t
leave_served_left(const struct leave *l, const struct state_domain *d)
{
	size_t left = 0;

	for (size_t i = 0; i < d->key_count; i++)
		left += d->keys[i]->state == STATE_ACTIVE && d->keys[i] != l->key;
	for (size_t i = 0; i < d->pin_count; i++)
		left += is_served(&d->pins[i], true) && !pin_equal(&d->pins[i].pin, &l->pin);
	return left;
}

bool
leave_needs_backup(const struct leave *l, const struct state_domain *d)
{
	bool gone = leave_is_key_of(l, d) && l->key->state == STATE_COMPROMISED;

	return leave_is_served(l, d, false) ||
	       ((gone || leave_is_served(l, d, true)) && leave_served_left(l, d) == 0);
}

size_t
leave_backups_left(const struct leave *l, const struct state_domain *d)
{
	size_t left = 0;

	for (size_t i = 0; i < d->key_count; i++)
		left += state_is_backup(d->keys[i]) && d->keys[i] != l->key;
	return left;
}
