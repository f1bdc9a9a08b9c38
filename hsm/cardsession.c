/* SPDX-License-Identifier: ISC */
#include "hsm/cardsession.h"

#include "hsm/pinpad.h"

#include <stdio.h>
#include <string.h>

void
cardsession_free(struct cardsession *s)
{
	secret_free(&s->pin);
	secret_free(&s->admin);
	*s = (struct cardsession){ 0 };
}

static const char *
holder_of(const struct cardsession *s)
{
	return s->holder ? s->holder : "that custodian";
}

/* The card that is there, against the one that must be. */
static bool
same_card(struct cardsession *s, bool *other, struct err *e)
{
	*other = s->serial[0] != '\0' && strcmp(s->serial, s->card.serial) != 0;
	if (*other) {
		err_set(e, ERR_AUTH, "%s: the card %s is not the one of %s, which is %s", s->place,
			s->card.serial, holder_of(s), s->serial);
		return err_hint(e, "insert the card %s", s->serial);
	}
	memcpy(s->serial, s->card.serial, sizeof(s->serial));
	s->driver = s->card.driver;
	return true;
}

bool
cardsession_begin(struct cardsession *s, bool *other, struct err *e)
{
	*other = false;
	if (!s->link.begin(s->link.context, e))
		return err_wrap(e, "%s", s->place);
	if (card_select(s->driver, &s->link, &s->card, e) && same_card(s, other, e))
		return true;
	if (!*other)
		err_wrap(e, "%s", s->place);
	return cardsession_fail(s);
}

bool
cardsession_end(struct cardsession *s, struct err *e)
{
	s->card = (struct card){ 0 };
	return s->link.end(s->link.context, e);
}

bool
cardsession_fail(struct cardsession *s)
{
	struct err second;
	bool ended = cardsession_end(s, &second);

	(void)ended;
	return false;
}

struct medium_ask
cardsession_ask(
	const struct cardsession *s, const struct card_admin *admin, char *what, size_t size)
{
	(void)snprintf(what, size, "%s of the %s %s", admin ? admin->name : "PIN",
		s->card.driver->title, s->card.serial);
	return (struct medium_ask){
		.holder = s->holder,
		.spec = s->spec,
		.serial = s->card.serial,
		.what = what,
		.line = admin ? admin->line : NULL,
		.tries =
			admin ? s->card.admin_tries[admin - s->card.driver->admins] : s->card.tries,
	};
}

static void
warn_of_factory(const struct cardsession *s, const char *name, const char *mend)
{
	char line[256];

	if (!s->host->say)
		return;
	(void)snprintf(line, sizeof(line),
		"warning: the %s %s has its factory %s, which everybody knows: `coldspare card %s`",
		s->card.driver->title, s->card.serial, name, mend);
	s->host->say(s->host, line);
}

static bool
ask(const struct cardsession *s, const struct card_admin *admin, bool pinpad, struct secret *out,
	struct err *e)
{
	char what[160];
	struct medium_ask question = cardsession_ask(s, admin, what, sizeof(what));

	question.pinpad = pinpad ? s->place : NULL;
	if (!s->host->secret)
		return err_set(e, ERR_REFUSED, "%s: nobody is there to give it", what);
	return s->host->secret(s->host, &question, out, e);
}

/* After a try: what the card said no to is neither kept nor given to it again. */
static bool
judge(const struct cardsession *s, const struct card_admin *admin, bool ok, struct secret *tried,
	const struct err *e)
{
	char what[160];
	struct medium_ask question = cardsession_ask(s, admin, what, sizeof(what));

	if (ok || e->code != ERR_AUTH)
		return ok;
	if (s->host->refused)
		s->host->refused(s->host, &question, tried);
	secret_free(tried);
	return false;
}

bool
cardsession_prove_admin(
	struct cardsession *s, const struct card_admin *admin, struct secret *out, struct err *e)
{
	SECRET_AUTO typed = SECRET_NONE;

	if (!ask(s, admin, false, &typed, e))
		return false;
	bool factory = card_admin_is_factory(admin, &typed);
	if (!factory && !admin->check(&s->card, &typed, e))
		return false;
	if (admin->prove && !judge(s, admin, admin->prove(&s->card, &typed, e), &typed, e))
		return false;
	if (factory && admin->prove)
		warn_of_factory(s, admin->name, "prepare");
	secret_move(out, &typed);
	return true;
}

static bool
verify(struct cardsession *s, struct secret *pin, struct err *e)
{
	return judge(s, NULL, s->card.driver->verify(&s->card, pin, e), pin, e);
}

/* Asks for the PIN, here or on the reader, and tries it. */
static bool
ask_and_verify(struct cardsession *s, struct secret *pin, struct err *e)
{
	uint32_t control = 0;
	bool pinpad = !s->typed_here && pinpad_find(&s->card, &control);

	if (!card_pin_usable(&s->card, e) || !ask(s, NULL, pinpad, pin, e))
		return false;
	if (pinpad && pin->len == 0)
		return pinpad_verify(&s->card, control, e);
	return card_pin_check(&s->card, pin, e) && verify(s, pin, e);
}

bool
cardsession_unlock(struct cardsession *s, struct err *e)
{
	SECRET_AUTO pin = SECRET_NONE;

	/* The last try is asked for anew, whatever was right before. */
	if (s->pin.len > 0 && s->card.tries != 1)
		return verify(s, &s->pin, e) || err_wrap(e, "%s", s->place);
	if (!ask_and_verify(s, &pin, e))
		return err_wrap(e, "%s", s->place);
	if (card_pin_is_factory(&s->card, &pin))
		warn_of_factory(s, "PIN", "change-pin");
	secret_move(&s->pin, &pin);
	return true;
}

bool
cardsession_unlock_writing(struct cardsession *s, struct err *e)
{
	const struct card_admin *admin = card_admin_to_write(&s->card);

	if (!admin)
		return true;
	if (s->admin.len > 0)
		return judge(s, admin, admin->prove(&s->card, &s->admin, e), &s->admin, e);
	return cardsession_prove_admin(s, admin, &s->admin, e);
}
