/* SPDX-License-Identifier: ISC */
#include "hsm/cardsession.h"

#include <stdio.h>
#include <string.h>

void
cardsession_free(struct cardsession *s)
{
	secret_free(&s->pin);
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
cardsession_ask(const struct cardsession *s, char *what, size_t size)
{
	(void)snprintf(what, size, "PIN of the %s %s", s->card.driver->title, s->card.serial);
	return (struct medium_ask){
		.holder = s->holder,
		.spec = s->spec,
		.serial = s->card.serial,
		.what = what,
		.tries = s->card.tries,
	};
}

static void
warn_of_factory_pin(const struct cardsession *s, const struct secret *pin)
{
	char line[256];

	if (!s->host->say || !card_pin_is_factory(&s->card, pin))
		return;
	(void)snprintf(line, sizeof(line),
		"warning: the %s %s has its factory PIN, which everybody knows: `coldspare card "
		"change-pin`",
		s->card.driver->title, s->card.serial);
	s->host->say(s->host, line);
}

static bool
ask(const struct cardsession *s, struct secret *out, struct err *e)
{
	char what[160];
	struct medium_ask question = cardsession_ask(s, what, sizeof(what));

	if (!card_pin_usable(&s->card, e))
		return false;
	if (!s->host->secret)
		return err_set(e, ERR_REFUSED, "%s: nobody is there to give it", what);
	return s->host->secret(s->host, &question, out, e) && card_pin_check(&s->card, out, e);
}

bool
cardsession_unlock(struct cardsession *s, struct err *e)
{
	SECRET_AUTO pin = SECRET_NONE;

	if (s->pin.len > 0)
		return s->card.driver->verify(&s->card, &s->pin, e) || err_wrap(e, "%s", s->place);
	if (!ask(s, &pin, e) || !s->card.driver->verify(&s->card, &pin, e))
		return err_wrap(e, "%s", s->place);
	warn_of_factory_pin(s, &pin);
	secret_move(&s->pin, &pin);
	return true;
}
