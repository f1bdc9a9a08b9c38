/* SPDX-License-Identifier: ISC */
#include "hsm/card.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

const struct card_driver *const card_drivers[] = { &card_openpgp, &card_schsm, NULL };

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

	if (!driver->select(&fresh, e))
		return false;
	*c = fresh;
	return true;
}

bool
card_select(const struct card_driver *driver, const struct apdu_link *link, struct card *c,
	struct err *e)
{
	char reasons[600] = "";
	size_t used = 0;

	for (size_t i = 0; card_drivers[i]; i++) {
		struct err why;

		if (driver && card_drivers[i] != driver)
			continue;
		if (try_driver(card_drivers[i], link, c, &why))
			return true;
		if (why.code != ERR_MISSING) {
			*e = why;
			return false;
		}
		if (used < sizeof(reasons))
			used += (size_t)snprintf(reasons + used, sizeof(reasons) - used, "%s%s",
				used ? "; " : "", why.message);
	}
	err_set(e, ERR_DEVICE, "this card cannot keep shares: %s", reasons);
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

bool
card_admin_is_factory(const struct card_admin *a, const struct secret *typed)
{
	return typed->len > 0 && typed->len <= strlen(a->factory) &&
	       sodium_memcmp(typed->data, a->factory, typed->len) == 0;
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

/* The PIN commands' one way of saying no. */
static bool
pin_refused(struct card *c, uint16_t sw, struct err *e)
{
	if ((sw & 0xfff0) == 0x63c0)
		c->tries = sw & 0xf;
	else if (sw == 0x6983)
		c->tries = 0;
	else if (sw != 0x6982)
		return apdu_refused(sw, "the PIN", e);
	if (c->tries == 0) {
		err_set(e, ERR_AUTH, "the PIN of the %s %s is blocked now", c->driver->title,
			c->serial);
		return err_hint(e, "unblock it with the card's own tools; its shares stay");
	}
	err_set(e, ERR_AUTH, "wrong PIN for the %s %s", c->driver->title, c->serial);
	return c->tries < 0 ? false
			    : err_hint(e, "%d tries are left, then the card is blocked", c->tries);
}

bool
card_verify(struct card *c, uint8_t reference, const struct secret *bytes, struct err *e)
{
	const struct apdu verify = { 0x00, 0x20, 0x00, reference, bytes->data, bytes->len, 0 };
	uint16_t sw = 0;

	if (!apdu_exchange(c->link, &verify, NULL, &sw, e))
		return false;
	return sw == APDU_OK || pin_refused(c, sw, e);
}

bool
card_change_pin(struct card *c, uint8_t reference, const struct secret *old,
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
	return sw == APDU_OK || pin_refused(c, sw, e);
}
