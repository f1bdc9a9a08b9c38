/* SPDX-License-Identifier: ISC */
#include "hsm/locker_card.h"

#include "hsm/cardlock.h"
#include "hsm/onecard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cardlocker {
	struct onecard card;
	struct secret fresh; /* for a vault that has no secret on the card yet */
	bool kept;
};

/* The card that locked what is there already, unless the spec names one. */
static void
want_serial(struct cardsession *s, const char *wanted)
{
	char serial[LOCKED_TEXT_MAX];

	if (!wanted || s->serial[0])
		return;
	locked_first(wanted, serial);
	if (strlen(serial) <= CARD_SERIAL_MAX)
		strcpy(s->serial, serial);
}

static bool
locker_open(struct locker *l, const char *place, const char *wanted, struct err *e)
{
	struct cardlocker *c = calloc(1, sizeof(*c));

	l->state = c;
	if (!c)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!onecard_open(&c->card, l->host, l->holder, l->spec, place, e))
		return false;
	want_serial(&c->card.session, wanted);
	if (l->host->random && (!secret_new(&c->fresh, LOCK_KEY_LEN, e) ||
				       !l->host->random(l->host, c->fresh.data, LOCK_KEY_LEN, e)))
		return false;
	return onecard_load(&c->card, e) && onecard_identity(&c->card, &l->identity, e);
}

/* Puts a secret on the card for this share's vault and custodian, as far as memory goes. */
static bool
add_secret(struct cardlocker *c, const struct share *s, struct err *e)
{
	SECRET_AUTO record = SECRET_NONE;
	struct cardlock lock = { .secret = c->fresh.data };

	if (c->fresh.len != LOCK_KEY_LEN)
		return err_set(e, ERR_INTERNAL, "no secret to lock with");
	memcpy(lock.vault, s->vault_key.id, sizeof(lock.vault));
	strcpy(lock.custodian, s->custodian);
	if (!cardlock_encode(&lock, &record, e) ||
		!cardslots_add(&c->card.slots, CARDSTORE_LOCK, &record, e))
		return err_wrap(e, "the lock's secret");
	secret_free(&c->fresh);
	return true;
}

static bool
locker_fresh(struct locker *l, const struct share *s, char head[static LOCKED_TEXT_MAX],
	struct secret *key, struct err *e)
{
	struct cardlocker *c = l->state;
	const struct cardsession *session = &c->card.session;
	const uint8_t *secret = NULL;

	if (!cardlock_find(&c->card.slots, s, &secret, e) ||
		(!secret &&
			(!add_secret(c, s, e) || !cardlock_find(&c->card.slots, s, &secret, e))))
		return err_wrap(e, "%s", session->place);
	(void)snprintf(head, LOCKED_TEXT_MAX, "card %s", session->serial);
	return secret_copy(key, secret, LOCK_KEY_LEN, e);
}

static bool
check_serial(const struct cardsession *session, const struct share *s, struct err *e)
{
	char serial[LOCKED_TEXT_MAX];

	locked_first(s->locked, serial);
	if (strcmp(serial, session->serial) == 0)
		return true;
	err_set(e, ERR_AUTH, "locked with the smartcard %s: the one in %s is %s", serial,
		session->place, session->serial);
	return err_hint(e, "insert the card %s of %s", serial, s->custodian);
}

static bool
locker_key(const struct locker *l, const struct share *s, struct secret *key, struct err *e)
{
	const struct cardlocker *c = l->state;
	const struct cardsession *session = &c->card.session;
	const uint8_t *secret = NULL;

	if (!check_serial(session, s, e) || !cardlock_find(onecard_slots(&c->card), s, &secret, e))
		return false;
	if (secret)
		return secret_copy(key, secret, LOCK_KEY_LEN, e);
	err_set(e, ERR_MISSING,
		"the smartcard %s has no secret for %s in this vault: what it locked stays closed",
		session->serial, s->custodian);
	return err_hint(e, "was the card erased? Bring another custodian's share, and replace this "
			   "one");
}

static bool
locker_sync(struct locker *l, struct err *e)
{
	struct cardlocker *c = l->state;

	return onecard_is_changed(&c->card) ? onecard_write(&c->card, e)
					    : onecard_reload(&c->card, e);
}

static void
locker_keep(struct locker *l)
{
	struct cardlocker *c = l->state;

	c->kept = true;
}

static void
locker_close(struct locker *l)
{
	struct cardlocker *c = l->state;

	if (!c)
		return;
	if (!c->kept)
		onecard_take_back(&c->card);
	secret_free(&c->fresh);
	onecard_close(&c->card);
	free(c);
	l->state = NULL;
}

const struct locker_kind locker_card = {
	.word = "card",
	.example = "+card:READER to lock it with a smartcard",
	.check = onecard_check,
	.open = locker_open,
	.fresh = locker_fresh,
	.key = locker_key,
	.sync = locker_sync,
	.keep = locker_keep,
	.close = locker_close,
};
