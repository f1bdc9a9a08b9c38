/* SPDX-License-Identifier: ISC */
#include "base/term.h"
#include "hsm/pinpad.h"
#include "vault/cardtoken.h"
#include "vault/cardwork.h"
#include "vault/cmd.h"

#include <stdio.h>
#include <string.h>

static bool
set(json_t *doc, const char *name, json_t *value, struct err *e)
{
	return json_object_set_new(doc, name, value) == 0 ||
	       err_set(e, ERR_MEMORY, "out of memory");
}

/* list ------------------------------------------------------------------------------------- */

/* What is in one reader. A card that cannot be used is shown with the reason. */
static bool
look(const struct opts *o, const char *name, json_t *view, struct err *e)
{
	CARDWORK_AUTO w = { .o = o };
	struct cardsession *s = &w.card.session;
	struct err why = { 0 };
	bool has = false, ok = false;

	if (!media_init(o, &w.media, e) ||
		!onecard_open(&w.card, &w.media.host, NULL, name, name, e) ||
		!reader_has_card(w.card.reader, &has, e))
		return false;
	if (has) {
		bool other;
		ok = cardsession_begin(s, &other, &why) && cardsession_end(s, &why);
	}
	if (!cmd_json(o)) {
		char safe[256];
		printf("  %s", !has ? "empty"
			       : ok ? ""
				    : term_safe(safe, sizeof(safe), why.message));
		if (ok)
			printf("%s %s (%s)", s->driver->title, s->serial, s->driver->name);
		printf("\n");
		return true;
	}
	return set(view, "card", json_boolean(has), e) &&
	       set(view, "driver", ok ? json_string(s->driver->name) : json_null(), e) &&
	       set(view, "serial", ok ? json_string(s->serial) : json_null(), e) &&
	       set(view, "error", has && !ok ? json_string(why.message) : json_null(), e);
}

static bool
run_list(const struct opts *o, struct err *e)
{
	READERNAMES_AUTO names = { 0 };
	JSON_AUTO doc = json_object();
	json_t *list = json_array();

	if (cardtoken_is_meant(o)) {
		json_decref(list);
		return cardtoken_list(o, e);
	}
	if (o->operand_count > 0)
		return err_set(e, ERR_USAGE, "card list: %s is no pkcs11:MODULE", o->operands[0]);
	if (!set(doc, "readers", list, e) || !reader_list(&names, e))
		return false;
	for (size_t i = 0; i < names.count; i++) {
		char safe[256];
		json_t *view = json_object();

		if (!cmd_json(o))
			printf("%zu: %s\n", i, term_safe(safe, sizeof(safe), names.names[i]));
		if (json_array_append_new(list, view) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
		if (!set(view, "number", json_integer((json_int_t)i), e) ||
			!set(view, "reader", json_string(names.names[i]), e) ||
			!look(o, names.names[i], view, e))
			return false;
	}
	if (cmd_json(o))
		return json_print(doc, e);
	if (names.count == 0)
		printf("there is no reader\n");
	return true;
}

/* info ------------------------------------------------------------------------------------- */

/* Where the card says whether a further secret is the one out of the box. */
static void
print_admins(struct cardsession *s)
{
	for (size_t i = 0; i < CARD_ADMINS_MAX; i++) {
		const struct card_admin *a = &s->card.driver->admins[i];
		bool factory;

		if (a->says_factory && a->says_factory(&s->card, &factory))
			printf("  %s: %s\n", a->name,
				factory ? "the one it has out of the box, which everybody knows: "
					  "`coldspare card prepare`"
					: "one of its own");
	}
}

static void
print_info(struct cardsession *s)
{
	const struct card *c = &s->card;
	unsigned used = 0;
	uint32_t control;

	for (unsigned i = 0; i < c->slots; i++)
		used += c->in_use[i];
	printf("%s %s in %s\n", c->driver->title, c->serial, s->place);
	printf("  driver: %s, %s\n", c->driver->name, c->why);
	if (c->tries >= 0)
		printf("  tries of the PIN left: %d\n", c->tries);
	if (c->slots == CARD_SLOTS_MAX)
		printf("  files: %u of %u in use\n", used, c->slots);
	printf("  room of %s: %s%zu bytes%s\n", c->slots > 1 ? "each" : "its object",
		c->room_unknown ? "at most " : "", c->room,
		c->room_unknown ? "; the card does not tell, and what it refuses is taken back"
				: "");
	if (pinpad_find(c, &control))
		printf("  its PIN can be typed on the reader's own keypad\n");
	print_admins(s);
	printf("  what it holds is shown with its PIN: coldspare share list 'card:%s'\n", s->place);
}

/* {"PUK": true}: which further secrets are the factory's, where the card says so. */
static json_t *
factory_json(struct cardsession *s)
{
	json_t *all = json_object();

	for (size_t i = 0; i < CARD_ADMINS_MAX; i++) {
		const struct card_admin *a = &s->card.driver->admins[i];
		bool factory;

		if (a->says_factory && a->says_factory(&s->card, &factory))
			(void)json_object_set_new(all, a->name, json_boolean(factory));
	}
	return all;
}

static bool
info_json(struct cardsession *s, json_t **out, struct err *e)
{
	const struct card *c = &s->card;
	uint32_t control;

	*out = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:o, s:b}", "reader", s->place,
		"driver", c->driver->name, "why", c->why, "serial", c->serial, "tries", c->tries,
		"slots", (int)c->slots, "room", (int)c->room, "room_unknown", c->room_unknown,
		"factory", factory_json(s), "pinpad", pinpad_find(c, &control));
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}

static bool
run_info(const struct opts *o, struct err *e)
{
	CARDWORK_AUTO w = { 0 };
	struct cardsession *s = &w.card.session;
	JSON_AUTO doc = NULL;
	bool other;

	if (cardtoken_is_meant(o))
		return cardtoken_info(o, e);
	if (!cardwork_open(o, &w, e) || !cardsession_begin(s, &other, e))
		return false;
	if (cmd_json(o) ? !info_json(s, &doc, e) : (print_info(s), false))
		return cardsession_fail(s);
	return cardsession_end(s, e) && (!doc || json_print(doc, e));
}

const struct command cmd_card_list = {
	.name = "card list",
	.operands = "[pkcs11:MODULE]",
	.max = 1,
	.summary = "list the readers and the cards in them, or a module's tokens",
	.run = run_list,
	.heading = "Smartcards",
};

const struct command cmd_card_info = {
	.name = "card info",
	.operands = "READER",
	.min = 1,
	.max = 1,
	.summary = "show what a card is and how much room it has, without its PIN",
	.detail =
		"READER is a reader's name, a part of it, or its number; DRIVER@READER chooses an\n"
		"application where a card has several. Here and in the other commands for cards\n"
		"pkcs11:MODULE[#SERIAL] is a token behind a PKCS#11 module instead.",
	.run = run_info,
};
