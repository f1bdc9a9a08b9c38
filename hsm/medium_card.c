/* SPDX-License-Identifier: ISC */
#include "hsm/medium_card.h"

#include "hsm/cardlock.h"
#include "hsm/held.h"
#include "hsm/locker_card.h"
#include "hsm/onecard.h"
#include "shares/sharebin.h"

#include <stdio.h>
#include <stdlib.h>

struct cardmedium {
	struct onecard card;
	struct held_queue queue;
	bool kept;
};

static bool
card_open(struct medium *m, const char *place, struct err *e)
{
	struct cardmedium *c = calloc(1, sizeof(*c));

	m->state = c;
	if (!c)
		return err_set(e, ERR_MEMORY, "out of memory");
	return onecard_open(&c->card, m->host, m->holder, m->spec, place, e) &&
	       onecard_load(&c->card, e) && onecard_identity(&c->card, &m->identity, e);
}

/* All that a card says before its PIN. */
static void
tell(const struct cardsession *s, struct medium_look *out)
{
	const struct card *c = &s->card;

	(void)snprintf(out->about, sizeof(out->about), "%s %s", c->driver->title, c->serial);
	out->room_known = !c->room_unknown;
	out->room = (uint64_t)c->room * c->slots;
	out->block = 1;
	out->packed = true;
}

static bool
card_look(const struct medium_host *host, const char *place, struct medium_look *out, struct err *e)
{
	__attribute__((cleanup(onecard_close))) struct onecard card = { 0 };
	struct cardsession *s = &card.session;
	bool other;

	if (!onecard_open(&card, host, NULL, place, place, e) || !cardsession_begin(s, &other, e))
		return false;
	tell(s, out);
	return cardsession_end(s, e) && onecard_identity(&card, &out->identity, e);
}

static struct held_by
held_by(const struct cardmedium *c)
{
	return (struct held_by){
		.place = c->card.session.place,
		.what = "card",
		.serial = c->card.session.serial,
	};
}

/* All shares of a card. */
static bool
each_share(const struct cardslots *s, held_visit visit, void *context, struct err *e)
{
	for (size_t i = 0; i < s->count; i++)
		if (!held_each(&s->slots[i].store, visit, context, e))
			return false;
	return true;
}

/* Reading ---------------------------------------------------------------------------------- */

static bool
card_read(struct medium *m, const char *key, struct medium_records *out, struct err *e)
{
	const struct cardmedium *c = m->state;
	const struct cardslots *s = onecard_slots(&c->card);
	const struct held_by by = held_by(c);

	for (size_t i = 0; i < s->count; i++) {
		const struct cardslots_slot *slot = &s->slots[i];
		char where[24];

		(void)snprintf(where, sizeof(where), "slot %u", slot->number);
		if (slot->state == CARDSTORE_TORN && !held_give_torn(&by, where, out, e))
			return false;
		for (size_t j = 0; slot->state == CARDSTORE_OURS && j < slot->store.count; j++) {
			const struct cardstore_record *r = &slot->store.records[j];

			if (r->kind == CARDSTORE_SHARE &&
				!held_give(&by, &r->bytes, where, key, out, e))
				return false;
		}
	}
	return true;
}

/* Writing ---------------------------------------------------------------------------------- */

/* Places all that waits anew. */
static bool
place_all(struct cardmedium *c, bool detached, struct err *e)
{
	if (!cardslots_undo(&c->card.slots, e))
		return false;
	for (size_t i = 0; i < c->queue.count; i++) {
		SECRET_AUTO bytes = SECRET_NONE;

		if (!sharebin_encode(&c->queue.items[i].share, detached, &bytes, e) ||
			!cardslots_add(&c->card.slots, CARDSTORE_SHARE, &bytes, e))
			return false;
	}
	return true;
}

static bool
card_write(struct medium *m, const char *name, const struct secret *text, struct err *e)
{
	struct cardmedium *c = m->state;
	SHARE_AUTO share = { 0 };
	struct held_newcomer n = { held_by(c), &share };
	const uint8_t *secret;

	if (!share_parse(text->data, text->len, &share, e) ||
		!each_share(&c->card.slots, held_gets_along, &n, e) ||
		!cardlock_find(&c->card.slots, &share, &secret, e) ||
		!held_enqueue(&c->queue, name, &share, e))
		return err_wrap(e, "%s", c->card.session.place);
	/* Without their sealed keys, when they do not fit with them. */
	if (place_all(c, false, e) || (e->code == ERR_REFUSED && place_all(c, true, e)))
		return true;
	return err_wrap(e, "%s", c->card.session.place);
}

/* A card that did not tell its room and refused so much is as it was: once more without the sealed
 * keys. */
static bool
card_sync(struct medium *m, struct err *e)
{
	struct cardmedium *c = m->state;

	if (c->queue.count == 0 || c->card.is_read_back || onecard_write(&c->card, e))
		return true;
	if (!c->card.slots.too_much || c->card.given_up)
		return false;
	c->card.slots.too_much = false;
	return (place_all(c, true, e) && onecard_write(&c->card, e)) ||
	       err_wrap(e, "%s", c->card.session.place);
}

/* From what sync read back, after a reset. */
static bool
card_reread(struct medium *m, const char *name, struct secret *out, struct err *e)
{
	const struct cardmedium *c = m->state;
	struct held_named n = { .name = name, .out = out };

	if (!each_share(&c->card.readback, held_take_named, &n, e))
		return false;
	return n.found ||
	       err_set(e, ERR_MISSING, "%s: the card has no %s", c->card.session.place, name);
}

static void
card_keep(struct medium *m)
{
	struct cardmedium *c = m->state;

	c->kept = true;
}

static void
card_close(struct medium *m)
{
	struct cardmedium *c = m->state;

	if (!c)
		return;
	if (!c->kept)
		onecard_take_back(&c->card);
	held_queue_free(&c->queue);
	onecard_close(&c->card);
	free(c);
	m->state = NULL;
}

const struct medium_kind medium_card = {
	.scheme = "card",
	.example = "card:READER for a smartcard",
	.locker = &locker_card,
	.check = onecard_check,
	.open = card_open,
	.look = card_look,
	.read = card_read,
	.write = card_write,
	.sync = card_sync,
	.reread = card_reread,
	.keep = card_keep,
	.close = card_close,
};
