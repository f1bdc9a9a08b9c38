/* SPDX-License-Identifier: ISC */
#include "vault/cardtoken.h"
#include "vault/cardwork.h"
#include "vault/cmd.h"

#include <stdio.h>
#include <string.h>

#define SECRETS_MAX (1 + CARD_ADMINS_MAX)

/* One secret of a card, and what becomes of it. */
struct change {
	const struct card_admin *admin; /* NULL: the PIN */
	struct secret old;              /* empty where the card says that it is no factory value */
	struct secret fresh;            /* empty when the old one stays */
};

/* All of them: each is asked for, old and new, before the first is changed. */
struct changes {
	struct change items[SECRETS_MAX];
	size_t count;
};
#define CHANGES_AUTO __attribute__((cleanup(changes_free))) struct changes

static void
changes_free(struct changes *c)
{
	for (size_t i = 0; i < c->count; i++) {
		secret_free(&c->items[i].old);
		secret_free(&c->items[i].fresh);
	}
}

static const char *
name_of(const struct change *c)
{
	return c->admin ? c->admin->name : "PIN";
}

static bool
is_factory(const struct card *card, const struct change *c, const struct secret *value)
{
	return c->admin ? card_admin_is_factory(c->admin, value) : card_pin_is_factory(card, value);
}

/* Inside of a transaction. The old one is proven where the card can. */
static bool
ask_old(struct cardsession *s, struct change *c, struct err *e)
{
	if (c->admin)
		return cardsession_prove_admin(s, c->admin, &c->old, e) ||
		       err_wrap(e, "%s", s->place);
	/* A keypad keeps it to itself. */
	s->typed_here = true;
	return cardsession_unlock(s, e) && secret_copy(&c->old, s->pin.data, s->pin.len, e);
}

static bool
ask_fresh(struct cardwork *w, struct change *c, struct err *e)
{
	struct cardsession *s = &w->card.session;
	SECRET_AUTO fresh = SECRET_NONE;
	char what[160];
	struct medium_ask ask = cardsession_ask(s, c->admin, what, sizeof(what));

	if (!media_pin(&w->media, &ask, true, &fresh, e))
		return false;
	if (is_factory(&s->card, c, &fresh)) {
		err_set(e, ERR_REFUSED, "that is the factory %s, which everybody knows",
			name_of(c));
		return err_hint(e, "choose another one");
	}
	if (!(c->admin ? c->admin->check(&s->card, &fresh, e)
		       : card_pin_check(&s->card, &fresh, e)))
		return false;
	secret_move(&c->fresh, &fresh);
	return true;
}

/* With `only_factory` any other one stays. */
static bool
plan(struct cardwork *w, const struct card_admin *a, bool only_factory, struct changes *all,
	struct err *e)
{
	struct cardsession *s = &w->card.session;
	struct change *c = &all->items[all->count++];
	bool told = false, factory = false;

	*c = (struct change){ .admin = a };
	if (a && a->says_factory)
		told = a->says_factory(&s->card, &factory);
	if (only_factory && told && !factory)
		return true;
	if (!ask_old(s, c, e))
		return false;
	return (only_factory && !is_factory(&s->card, c, &c->old)) || ask_fresh(w, c, e) ||
	       err_wrap(e, "%s", s->place);
}

static bool
apply(struct cardsession *s, const struct changes *all, struct err *e)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct change *c = &all->items[i];
		bool change = c->fresh.len > 0;

		if (change &&
			!(c->admin ? c->admin->change(&s->card, &c->old, &c->fresh, e)
				   : s->card.driver->change_pin(&s->card, &c->old, &c->fresh, e)))
			return err_wrap(e, "the %s was not changed", name_of(c));
		printf("%s %s: its %s %s\n", s->driver->title, s->serial, name_of(c),
			change ? "was changed" : "is one of its own");
	}
	return true;
}

static bool
in_transaction(struct cardwork *w, bool (*run)(struct cardwork *w, struct err *e), struct err *e)
{
	struct cardsession *s = &w->card.session;
	bool other;

	if (!cardwork_open(w->o, w, e) || !cardsession_begin(s, &other, e))
		return false;
	return run(w, e) ? cardsession_end(s, e) : cardsession_fail(s);
}

/* prepare ---------------------------------------------------------------------------------- */

static bool
prepare(struct cardwork *w, struct err *e)
{
	struct cardsession *s = &w->card.session;
	const struct card_driver *driver = s->card.driver;
	CHANGES_AUTO all = { 0 };

	if (!plan(w, NULL, true, &all, e))
		return false;
	for (size_t i = 0; i < CARD_ADMINS_MAX; i++)
		if (driver->admins[i].name && !plan(w, &driver->admins[i], true, &all, e))
			return false;
	if (!apply(s, &all, e))
		return false;
	if (driver->admin_note)
		printf("%s %s: %s\n", driver->title, s->serial, driver->admin_note);
	return true;
}

static bool
run_prepare(const struct opts *o, struct err *e)
{
	CARDWORK_AUTO w = { .o = o };

	if (cardtoken_is_meant(o))
		return cardtoken_prepare(o, e);
	return in_transaction(&w, prepare, e);
}

const struct command cmd_card_prepare = {
	.name = "card prepare",
	.operands = "READER",
	.min = 1,
	.max = 1,
	.summary = "make a card ready for shares: no factory PIN stays",
	.detail =
		"Asks for the PIN, and for what else a card has: the administrator's PIN of an\n"
		"OpenPGP card, the management key and the PUK of a PIV card. For each that is the\n"
		"factory's a new one is asked for, twice, before any is changed. The word factory\n"
		"stands for the factory's management key, PUK or administrator's PIN. Lines on\n"
		"--pin-fd: NAME=PIN, ADMIN-NAME=KEY, PUK-NAME=PUK, the new ones NEW-NAME=PIN,\n"
		"NEW-ADMIN-NAME=KEY, NEW-PUK-NAME=PUK.",
	.flags = CMD_SECRET,
	.run = run_prepare,
};

/* change-pin ------------------------------------------------------------------------------- */

static const struct opt_spec options[] = {
	{ "admin", OPT_FLAG, NULL, "the administrator's PIN, or the management key, instead" },
	{ "puk", OPT_FLAG, NULL, "the PUK instead" },
	{ 0 },
};

/* *out is NULL for the PIN. */
static bool
chosen(const struct cardwork *w, const struct card_admin **out, struct err *e)
{
	const struct card_driver *driver = w->card.session.card.driver;
	bool admin = opt_flag(w->o, "admin"), puk = opt_flag(w->o, "puk");
	const char *line = admin ? "ADMIN-" : "PUK-";

	*out = NULL;
	if (!admin && !puk)
		return true;
	for (size_t i = 0; i < CARD_ADMINS_MAX; i++)
		if (driver->admins[i].name && strcmp(driver->admins[i].line, line) == 0) {
			*out = &driver->admins[i];
			return true;
		}
	err_set(e, ERR_USAGE, "a %s has none that can be changed here", driver->title);
	return driver->admin_note ? err_hint(e, "%s", driver->admin_note) : false;
}

static bool
change_pin(struct cardwork *w, struct err *e)
{
	const struct card_admin *admin = NULL;
	CHANGES_AUTO all = { 0 };

	return chosen(w, &admin, e) && plan(w, admin, false, &all, e) &&
	       apply(&w->card.session, &all, e);
}

static bool
run_change_pin(const struct opts *o, struct err *e)
{
	CARDWORK_AUTO w = { .o = o };

	if (opt_flag(o, "admin") && opt_flag(o, "puk"))
		return err_set(e, ERR_USAGE, "either --admin or --puk");
	if (cardtoken_is_meant(o))
		return cardtoken_change_pin(o, e);
	return in_transaction(&w, change_pin, e);
}

const struct command cmd_card_change_pin = {
	.name = "card change-pin",
	.operands = "READER",
	.min = 1,
	.max = 1,
	.options = options,
	.summary = "change a card's PIN, or what else guards it",
	.detail = "On --pin-fd the new one is a line NEW-NAME=PIN (NEW-ADMIN-NAME, NEW-PUK-NAME).",
	.flags = CMD_SECRET,
	.run = run_change_pin,
};
