/* SPDX-License-Identifier: ISC */
#include "hsm/held.h"
#include "vault/cardtoken.h"
#include "vault/cardwork.h"
#include "vault/cmd.h"

#include <stdio.h>

static const struct opt_spec options[] = {
	{ "share", OPT_MANY, "NAME", "only this share, by the name that `share list` shows" },
	{ 0 },
};

static void
ask_of(const struct cardsession *s, size_t records, size_t locks, char *out, size_t size)
{
	char lock[120] = "";

	if (locks > 0)
		(void)snprintf(lock, sizeof(lock),
			" %zu lock secret%s among them: what it locked stays closed for good.",
			locks, locks == 1 ? " is" : "s are");
	(void)snprintf(out, size,
		"%zu record%s of Coldspare's on the %s %s will be gone for good.%s", records,
		records == 1 ? "" : "s", s->driver->title, s->serial, lock);
}

/* One share off the slots in memory. */
static bool
take_off(struct cardslots *s, const char *name, struct err *e)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t j = 0; j < s->slots[i].store.count; j++) {
			const struct cardstore_record *r = &s->slots[i].store.records[j];
			SECRET_AUTO text = SECRET_NONE;
			struct held_named n = { .name = name, .out = &text };

			if (r->kind != CARDSTORE_SHARE)
				continue;
			if (!held_take_named(&n, &r->bytes, e))
				return false;
			if (n.found) {
				cardslots_remove(s, i, j);
				return true;
			}
		}
	return cardwork_no_such(name, "card", e);
}

/* What shall go, off the slots in memory. */
static bool
choose(const struct opts *o, struct cardslots *s, size_t *removed, size_t *locks, struct err *e)
{
	size_t count = opt_count(o, "share");

	if (count == 0) {
		*locks = cardslots_count(s, CARDSTORE_LOCK);
		cardslots_clear(s, removed);
		return true;
	}
	for (size_t i = 0; i < count; i++)
		if (!take_off(s, opt_nth(o, "share", i), e))
			return false;
	*removed = count;
	return true;
}

static bool
run_erase(const struct opts *o, struct err *e)
{
	CARDWORK_AUTO w = { 0 };
	const struct cardsession *s = &w.card.session;
	char question[384];
	size_t removed = 0, locks = 0;

	if (cardtoken_is_meant(o))
		return cardtoken_erase(o, e);
	if (!cardwork_open(o, &w, e) || !onecard_load(&w.card, e) ||
		!choose(o, &w.card.slots, &removed, &locks, e))
		return false;
	if (removed == 0) {
		printf("%s %s holds nothing of Coldspare's\n", s->driver->title, s->serial);
		return true;
	}
	ask_of(s, removed, locks, question, sizeof(question));
	if (!cardwork_confirm_erase(question, s->serial, e) || !onecard_write(&w.card, e))
		return false;
	printf("%zu record%s erased\n", removed, removed == 1 ? "" : "s");
	return true;
}

const struct command cmd_card_erase = {
	.name = "card erase",
	.operands = "READER",
	.min = 1,
	.max = 1,
	.options = options,
	.summary = "erase what Coldspare keeps on a card, and nothing else",
	.detail = "Shows how much that is and wants the card's serial typed.",
	.flags = CMD_SECRET,
	.run = run_erase,
};
