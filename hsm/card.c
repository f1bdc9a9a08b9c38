/* SPDX-License-Identifier: ISC */
#include "hsm/card.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

/* OpenPGP first, which is one PIN and no more; where its object is too small for a share with its
 * sealed key, as on a YubiKey, the next one that the card has. */
const struct card_driver *const card_drivers[] = { &card_openpgp, &card_piv, &card_schsm, NULL };
#define ROOMY 512 /* bytes */

const struct card_driver *
card_driver_find(const char *name, size_t len)
{
	for (size_t i = 0; card_drivers[i]; i++)
		if (strlen(card_drivers[i]->name) == len &&
			memcmp(card_drivers[i]->name, name, len) == 0)
			return card_drivers[i];
	return NULL;
}

static bool
try_driver(const struct card_driver *driver, const struct apdu_link *link, struct card *c,
	struct err *e)
{
	struct card fresh = { .link = link, .driver = driver, .tries = CARD_TRIES_UNKNOWN };

	for (size_t i = 0; i < CARD_ADMINS_MAX; i++)
		fresh.admin_tries[i] = CARD_TRIES_UNKNOWN;
	if (!driver->select(&fresh, e))
		return false;
	*c = fresh;
	return true;
}

/* Each driver's reason why not, one after the other. */
struct reasons {
	char text[600];
	size_t used;
};

static void
add_reason(struct reasons *r, const char *reason)
{
	if (r->used < sizeof(r->text))
		r->used += (size_t)snprintf(r->text + r->used, sizeof(r->text) - r->used, "%s%s",
			r->used ? "; " : "", reason);
}

/* The drivers from number *i on: the first that selects. False with e->code ERR_MISSING at the end.
 */
static bool
select_next(
	size_t *i, const struct apdu_link *link, struct card *c, struct reasons *r, struct err *e)
{
	for (; card_drivers[*i]; ++*i) {
		if (try_driver(card_drivers[*i], link, c, e))
			return true;
		if (e->code != ERR_MISSING)
			return false;
		add_reason(r, e->message);
	}
	return err_set(e, ERR_MISSING, "%s", r->text);
}

/* *c has little room: is there another one with more? Else that one again. */
static bool
select_roomier(size_t i, const struct apdu_link *link, struct card *c, struct err *e)
{
	struct card small = *c;
	struct reasons ignored = { 0 };
	bool other = select_next(&i, link, c, &ignored, e);

	if (other && c->room >= ROOMY) {
		(void)snprintf(c->why, sizeof(c->why), "for its %s has room for %zu bytes only",
			small.driver->title, small.room);
		return true;
	}
	if (!other && e->code != ERR_MISSING)
		return false;
	if (!try_driver(small.driver, link, c, e))
		return false;
	memcpy(c->why, small.why, sizeof(c->why));
	return true;
}

static bool
select_any(const struct apdu_link *link, struct card *c, struct err *e)
{
	struct reasons reasons = { 0 };
	struct err why = { 0 };
	size_t i = 0;

	if (select_next(&i, link, c, &reasons, &why)) {
		(void)snprintf(
			c->why, sizeof(c->why), "the first that the card has an application for");
		return c->room >= ROOMY || select_roomier(i + 1, link, c, e);
	}
	*e = why;
	return false;
}

bool
card_select(const struct card_driver *driver, const struct apdu_link *link, struct card *c,
	struct err *e)
{
	bool ok = driver ? try_driver(driver, link, c, e) : select_any(link, c, e);

	if (ok && driver)
		(void)snprintf(c->why, sizeof(c->why), "as asked for");
	if (ok || e->code != ERR_MISSING)
		return ok;
	err_wrap(e, "this card cannot keep shares");
	e->code = ERR_DEVICE;
	return err_hint(e, "docs/hardware.md lists the cards that can");
}

bool
card_pin_usable(const struct card *c, struct err *e)
{
	if (c->tries != 0)
		return true;
	err_set(e, ERR_AUTH, "the PIN of the %s %s is blocked", c->driver->title, c->serial);
	return err_hint(e,
		"unblock it with the card's own tools and its PUK, reset code or SO-PIN; "
		"its shares stay");
}

bool
card_pin_check(const struct card *c, const struct secret *pin, struct err *e)
{
	return (pin->len >= c->driver->pin_min && pin->len <= c->driver->pin_max) ||
	       err_set(e, ERR_AUTH,
		       "the PIN of a %s has %zu to %zu characters: not tried, no try was spent",
		       c->driver->title, c->driver->pin_min, c->driver->pin_max);
}

bool
card_pin_is_factory(const struct card *c, const struct secret *pin)
{
	size_t len = strlen(c->driver->factory_pin);

	return pin->len == len && sodium_memcmp(pin->data, c->driver->factory_pin, len) == 0;
}

const struct card_admin *
card_admin_to_write(const struct card *c)
{
	for (size_t i = 0; i < CARD_ADMINS_MAX; i++)
		if (c->driver->admins[i].to_write)
			return &c->driver->admins[i];
	return NULL;
}

static bool
is_factory_word(const struct secret *typed)
{
	size_t len = strlen(CARD_FACTORY_WORD);

	return typed->len == len && sodium_memcmp(typed->data, CARD_FACTORY_WORD, len) == 0;
}

bool
card_admin_is_factory(const struct card_admin *a, const struct secret *typed)
{
	return is_factory_word(typed) ||
	       (typed->len > 0 && typed->len <= strlen(a->factory) &&
		       sodium_memcmp(typed->data, a->factory, typed->len) == 0);
}

bool
card_admin_value(
	const struct card_admin *a, const struct secret *typed, struct secret *out, struct err *e)
{
	return is_factory_word(typed) ? secret_copy(out, a->factory, strlen(a->factory), e)
				      : secret_copy(out, typed->data, typed->len, e);
}

bool
card_select_aid(struct card *c, const uint8_t *aid, size_t len, struct secret *reply, struct err *e)
{
	const struct apdu select = { 0x00, 0xa4, 0x04, 0x00, aid, len, 256 };
	uint16_t sw = 0;

	if (!apdu_exchange(c->link, &select, reply, &sw, e))
		return false;
	return sw == APDU_OK ||
	       err_set(e, ERR_MISSING, "no %s application (%04X)", c->driver->title, sw);
}

/* Which of a card's secrets a command is about. */
struct subject {
	const char *name;
	int *tries;
};

static struct subject
subject_pin(struct card *c)
{
	return (struct subject){ "PIN", &c->tries };
}

static struct subject
subject_admin(struct card *c, size_t admin)
{
	return (struct subject){ c->driver->admins[admin].name, &c->admin_tries[admin] };
}

/* The one way of saying no to them. */
static bool
refused(struct card *c, struct subject s, uint16_t sw, struct err *e)
{
	if ((sw & 0xfff0) == 0x63c0)
		*s.tries = sw & 0xf;
	else if (sw == 0x6983)
		*s.tries = 0;
	else if (sw != 0x6982)
		return apdu_refused(sw, s.name, e);
	if (*s.tries == 0) {
		err_set(e, ERR_AUTH, "the %s of the %s %s is blocked now", s.name, c->driver->title,
			c->serial);
		return err_hint(e, "unblock it with the card's own tools; its shares stay");
	}
	err_set(e, ERR_AUTH, "wrong %s for the %s %s", s.name, c->driver->title, c->serial);
	return *s.tries < 0 ? false
			    : err_hint(e, "%d tries are left, then the card is blocked", *s.tries);
}

bool
card_pin_answer(struct card *c, uint16_t sw, struct err *e)
{
	return sw == APDU_OK || refused(c, subject_pin(c), sw, e);
}

static bool
verify(struct card *c, struct subject s, uint8_t reference, const struct secret *bytes,
	struct err *e)
{
	const struct apdu verify = { 0x00, 0x20, 0x00, reference, bytes->data, bytes->len, 0 };
	uint16_t sw = 0;

	if (!apdu_exchange(c->link, &verify, NULL, &sw, e))
		return false;
	return sw == APDU_OK || refused(c, s, sw, e);
}

static bool
change(struct card *c, struct subject s, uint8_t reference, const struct secret *old,
	const struct secret *fresh, struct err *e)
{
	SECRET_AUTO both = SECRET_NONE;
	uint16_t sw = 0;

	if (!secret_new(&both, old->len + fresh->len, e))
		return false;
	memcpy(both.data, old->data, old->len);
	memcpy(both.data + old->len, fresh->data, fresh->len);
	const struct apdu change = { 0x00, 0x24, 0x00, reference, both.data, both.len, 0 };
	if (!apdu_exchange(c->link, &change, NULL, &sw, e))
		return false;
	return sw == APDU_OK || refused(c, s, sw, e);
}

bool
card_verify(struct card *c, uint8_t reference, const struct secret *bytes, struct err *e)
{
	return verify(c, subject_pin(c), reference, bytes, e);
}

bool
card_verify_admin(
	struct card *c, size_t admin, uint8_t reference, const struct secret *bytes, struct err *e)
{
	return verify(c, subject_admin(c, admin), reference, bytes, e);
}

bool
card_change_pin(struct card *c, uint8_t reference, const struct secret *old,
	const struct secret *fresh, struct err *e)
{
	return change(c, subject_pin(c), reference, old, fresh, e);
}

bool
card_change_admin(struct card *c, size_t admin, uint8_t reference, const struct secret *old,
	const struct secret *fresh, struct err *e)
{
	return change(c, subject_admin(c, admin), reference, old, fresh, e);
}

bool
card_ask_tries(struct card *c, uint8_t reference, uint16_t *sw, struct err *e)
{
	const struct apdu ask = { .ins = 0x20, .p2 = reference };

	if (!apdu_exchange(c->link, &ask, NULL, sw, e))
		return false;
	if ((*sw & 0xfff0) == 0x63c0)
		c->tries = *sw & 0xf;
	else if (*sw == 0x6983)
		c->tries = 0;
	return true;
}
