/* SPDX-License-Identifier: ISC */
#include "hsm/medium_card.h"

#include "base/file.h"
#include "hsm/onecard.h"
#include "shares/sharebin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A share that waits to be written. */
struct waiting {
	char *name;
	struct share share;
};

struct cardmedium {
	struct onecard card;
	struct waiting *queue;
	size_t count;
	bool kept;
};

static bool
card_open(struct medium *m, const char *place, struct err *e)
{
	struct cardmedium *c = calloc(1, sizeof(*c));
	const struct cardsession *s;

	m->state = c;
	if (!c)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!onecard_open(&c->card, m->host, m->holder, m->spec, place, e) ||
		!onecard_load(&c->card, e))
		return false;
	s = &c->card.session;
	if (asprintf(&m->identity, "card %s %s", s->driver->name, s->serial) >= 0)
		return true;
	m->identity = NULL;
	return err_set(e, ERR_MEMORY, "out of memory");
}

/* Records of ours, one after the other ------------------------------------------------------ */

/* What is done with each share; false with e->code ERR_NONE ends the walk. */
typedef bool (*visit)(void *context, const struct share *share, struct err *e);

static bool
each_share(const struct cardslots *s, visit visit_one, void *context, struct err *e)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t j = 0; j < s->slots[i].store.count; j++) {
			const struct cardstore_record *r = &s->slots[i].store.records[j];
			SHARE_AUTO share = { 0 };
			struct err ignored;

			if (r->kind == CARDSTORE_SHARE &&
				sharebin_decode(r->bytes.data, r->bytes.len, &share, &ignored) &&
				!visit_one(context, &share, e))
				return false;
		}
	return true;
}

/* Reading ---------------------------------------------------------------------------------- */

static struct medium_record *
add_record(struct medium_records *out, struct err *e)
{
	struct medium_record *grown = realloc(out->items, (out->count + 1) * sizeof(*grown));

	if (!grown) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	out->items = grown;
	grown[out->count] = (struct medium_record){ 0 };
	return &grown[out->count++];
}

static bool
add_bad(const struct cardmedium *c, unsigned slot, const struct err *why,
	struct medium_records *out, struct err *e)
{
	struct medium_record *record = add_record(out, e);

	if (!record)
		return false;
	record->err = *why;
	return file_path(&record->label, e, "%s: card %s, slot %u", c->card.session.place,
		c->card.session.serial, slot);
}

static bool
add_share(const struct cardmedium *c, const struct cardslots_slot *slot,
	const struct cardstore_record *from, const char *key, struct medium_records *out,
	struct err *e)
{
	SHARE_AUTO share = { 0 };
	AUTO_STR name = NULL;
	struct err why;

	if (!sharebin_decode(from->bytes.data, from->bytes.len, &share, &why))
		return why.code == ERR_MEMORY ? (*e = why, false)
					      : add_bad(c, slot->number, &why, out, e);
	if (key && !share_is_wanted(key, share.key, share.pin))
		return true;
	struct medium_record *record = add_record(out, e);
	return record && share_file_name(&share, &name, e) &&
	       file_path(&record->label, e, "%s: card %s: %s", c->card.session.place,
		       c->card.session.serial, name) &&
	       share_encode(&share, false, &record->text, e);
}

static bool
add_torn(const struct cardmedium *c, const struct cardslots_slot *slot, struct medium_records *out,
	struct err *e)
{
	struct err why;

	err_set(&why, ERR_FORMAT, "a write was torn here: what it held is lost");
	err_hint(&why,
		"`coldspare card erase` removes it; `coldspare reshare KEY` replaces the share");
	return add_bad(c, slot->number, &why, out, e);
}

static bool
card_read(struct medium *m, const char *key, struct medium_records *out, struct err *e)
{
	const struct cardmedium *c = m->state;
	const struct cardslots *s = c->card.readback.count > 0 ? &c->card.readback : &c->card.slots;

	for (size_t i = 0; i < s->count; i++) {
		const struct cardslots_slot *slot = &s->slots[i];

		if (slot->state == CARDSTORE_TORN && !add_torn(c, slot, out, e))
			return false;
		for (size_t j = 0; slot->state == CARDSTORE_OURS && j < slot->store.count; j++)
			if (slot->store.records[j].kind == CARDSTORE_SHARE &&
				!add_share(c, slot, &slot->store.records[j], key, out, e))
				return false;
	}
	return true;
}

/* Writing ---------------------------------------------------------------------------------- */

/* The new share among those that the card has. */
static bool
gets_along(void *context, const struct share *held, struct err *e)
{
	const struct share *fresh = context;

	if (strcmp(held->key, fresh->key) == 0 && strcmp(held->set, fresh->set) == 0 &&
		held->number == fresh->number)
		return err_set(e, ERR_EXISTS, "the card has share %u of %s already", held->number,
			held->key);
	if (!minisign_pub_equal(&held->vault_key, &fresh->vault_key) ||
		strcmp(held->custodian, fresh->custodian) == 0)
		return true;
	err_set(e, ERR_REFUSED, "this is the card of %s, not of %s", held->custodian,
		fresh->custodian);
	return err_hint(e, "insert the card of %s", fresh->custodian);
}

/* Places all that waits anew. */
static bool
place_all(struct cardmedium *c, bool detached, struct err *e)
{
	if (!cardslots_undo(&c->card.slots, e))
		return false;
	for (size_t i = 0; i < c->count; i++) {
		SECRET_AUTO bytes = SECRET_NONE;

		if (!sharebin_encode(&c->queue[i].share, detached, &bytes, e) ||
			!cardslots_add(&c->card.slots, CARDSTORE_SHARE, &bytes, e))
			return false;
	}
	return true;
}

static bool
enqueue(struct cardmedium *c, const char *name, struct share *share, struct err *e)
{
	struct waiting *grown = realloc(c->queue, (c->count + 1) * sizeof(*grown));
	char *copy = strdup(name);

	if (grown)
		c->queue = grown;
	if (!grown || !copy) {
		free(copy);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	grown[c->count] = (struct waiting){ .name = copy };
	share_move(&grown[c->count++].share, share);
	return true;
}

static bool
card_write(struct medium *m, const char *name, const struct secret *text, struct err *e)
{
	struct cardmedium *c = m->state;
	SHARE_AUTO share = { 0 };

	if (!share_parse(text->data, text->len, &share, e) ||
		!each_share(&c->card.slots, gets_along, &share, e) || !enqueue(c, name, &share, e))
		return err_wrap(e, "%s", c->card.session.place);
	/* Without their sealed keys, when they do not fit with them. */
	if (place_all(c, false, e) || (e->code == ERR_REFUSED && place_all(c, true, e)))
		return true;
	return err_wrap(e, "%s", c->card.session.place);
}

static bool
card_sync(struct medium *m, struct err *e)
{
	struct cardmedium *c = m->state;

	return c->count == 0 || c->card.readback.count > 0 || onecard_write(&c->card, e);
}

struct named {
	const char *name;
	struct secret *out;
	bool found;
};

static bool
take_named(void *context, const struct share *share, struct err *e)
{
	struct named *n = context;
	AUTO_STR name = NULL;

	if (!share_file_name(share, &name, e))
		return false;
	if (n->found || strcmp(name, n->name) != 0)
		return true;
	n->found = true;
	return share_encode(share, false, n->out, e);
}

/* From what sync read back, after a reset. */
static bool
card_reread(struct medium *m, const char *name, struct secret *out, struct err *e)
{
	const struct cardmedium *c = m->state;
	struct named n = { .name = name, .out = out };

	if (!each_share(&c->card.readback, take_named, &n, e))
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

/* What was written and is not to be kept. */
static void
take_back(struct cardmedium *c)
{
	const struct cardsession *s = &c->card.session;
	char line[256];
	struct err e;

	if (c->kept || onecard_undo(&c->card, &e) || !s->host->say)
		return;
	(void)snprintf(line, sizeof(line),
		"warning: the card %s was not put back as it was: `coldspare share list %s` shows "
		"what it holds",
		s->serial, s->spec);
	s->host->say(s->host, line);
}

static void
card_close(struct medium *m)
{
	struct cardmedium *c = m->state;

	if (!c)
		return;
	take_back(c);
	for (size_t i = 0; i < c->count; i++) {
		free(c->queue[i].name);
		share_free(&c->queue[i].share);
	}
	free(c->queue);
	onecard_close(&c->card);
	free(c);
	m->state = NULL;
}

const struct medium_kind medium_card = {
	.scheme = "card",
	.example = "card:READER for a smartcard",
	.check = onecard_check,
	.open = card_open,
	.read = card_read,
	.write = card_write,
	.sync = card_sync,
	.reread = card_reread,
	.keep = card_keep,
	.close = card_close,
};
