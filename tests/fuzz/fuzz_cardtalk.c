/* SPDX-License-Identifier: ISC */
/*
 * fuzz_cardtalk: whatever a card answers, each driver ends with a card it knows or with an error,
 * and what was read of it can be written.
 *
 * The first byte chooses the driver. Each reply follows as its length (one byte; FF: 258 bytes) and
 * its bytes; after the last one the card is pulled.
 */
#include "hsm/cardslots.h"
#include "tests/fuzz.h"

#include <sodium.h>
#include <string.h>

struct replies {
	const uint8_t *at;
	size_t left;
};

static bool
transmit(void *context, const uint8_t *command, size_t len, uint8_t *reply, size_t size,
	size_t *reply_len, struct err *e)
{
	struct replies *r = context;

	require(len >= 4 && len <= 261 && command);
	if (r->left == 0)
		return err_set(e, ERR_DEVICE, "pulled");
	size_t n = *r->at == 0xff ? 258 : *r->at;
	r->at++;
	r->left--;
	if (n > r->left)
		n = r->left;
	if (n > size)
		return err_set(e, ERR_DEVICE, "too long");
	memcpy(reply, r->at, n);
	r->at += n;
	r->left -= n;
	*reply_len = n;
	return true;
}

static void
check_card(const struct card *c)
{
	size_t len = strnlen(c->serial, sizeof(c->serial));

	require(len > 0 && len <= CARD_SERIAL_MAX && c->slots > 0 && c->slots <= CARD_SLOTS_MAX);
	for (size_t i = 0; i < len; i++)
		require(c->serial[i] > ' ' && c->serial[i] <= '~');
}

static const struct secret *
text(struct secret *s, const char *chars)
{
	struct err e;

	require(secret_copy(s, chars, strlen(chars), &e));
	return s;
}

/* The proof of a key never comes out right here; what follows it must hold all the same. */
static void
prove(struct card *c)
{
	const struct card_admin *a = card_admin_to_write(c);
	SECRET_AUTO admin = SECRET_NONE;
	struct err e;

	if (a && !a->prove(c, text(&admin, CARD_FACTORY_WORD), &e))
		require(e.message[0]);
}

static bool
use(struct card *c, struct err *e)
{
	CARDSLOTS_AUTO slots = { 0 };
	SECRET_AUTO pin = SECRET_NONE;
	SECRET_AUTO record = SECRET_NONE;
	bool factory;

	check_card(c);
	for (size_t i = 0; i < CARD_ADMINS_MAX; i++)
		if (c->driver->admins[i].says_factory)
			(void)c->driver->admins[i].says_factory(c, &factory);
	if (!c->driver->verify(c, text(&pin, c->driver->factory_pin), e) ||
		!cardslots_load(c, &slots, e) ||
		!cardslots_add(&slots, CARDSTORE_SHARE, text(&record, "a record"), e))
		return false;
	prove(c);
	return cardslots_write(c, &slots, e) && cardslots_restore(c, &slots, e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct card_driver *const drivers[] = { &card_openpgp, &card_piv, &card_schsm,
		NULL };
	struct replies r = { data + 1, size - 1 };
	const struct apdu_link link = { .context = &r, .transmit = transmit };
	struct card c;
	struct err e = { 0 };

	if (size == 0)
		return 0;
	require(secret_init(true, &e));
	if (!card_select(drivers[data[0] % 4], &link, &c, &e) || !use(&c, &e))
		require(e.code != ERR_NONE && e.message[0]);
	require(secret_live() == 0);
	return 0;
}
