/* SPDX-License-Identifier: ISC */
#include "hsm/onecard.h"

#include "base/file.h"
#include "hsm/cardlock.h"
#include "hsm/serial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCSCD_STARTS 5000 /* milliseconds */

/* The place -------------------------------------------------------------------------------- */

/* "[DRIVER@]READER[#SERIAL]", cut up in place. */
struct place {
	const struct card_driver *driver;
	char *reader;
	const char *serial; /* "" when not given */
};

static bool
cut_place(char *text, struct place *out, struct err *e)
{
	char *at = strchr(text, '@');

	*out = (struct place){ .reader = text, .serial = "" };
	if (at)
		out->driver = card_driver_find(text, (size_t)(at - text));
	if (out->driver)
		out->reader = at + 1;
	if (!serial_cut(out->reader, &out->serial, e))
		return err_wrap(e, "card");
	return *out->reader || err_set(e, ERR_USAGE, "card: names no reader");
}

bool
onecard_check(const char *text, struct err *e)
{
	AUTO_STR copy = strdup(text);
	struct place place;

	return copy ? cut_place(copy, &place, e) : err_set(e, ERR_MEMORY, "out of memory");
}

/* Transactions ----------------------------------------------------------------------------- */

static void
say_insert(const struct onecard *c)
{
	const struct cardsession *s = &c->session;
	char line[400];

	if (!s->host->say)
		return;
	(void)snprintf(line, sizeof(line), "insert %s%s card%s%s into %s",
		s->holder ? s->holder : "the custodian", "'s", *s->serial ? " " : "", s->serial,
		s->place);
	s->host->say(s->host, line);
}

/* Whoever is there to do it is asked for the right card until it is there. */
static bool
begin(struct onecard *c, struct err *e)
{
	struct cardsession *s = &c->session;
	bool has = false, other = false;

	if (!reader_has_card(c->reader, &has, e))
		return false;
	if (!has)
		say_insert(c);
	while (reader_wait(c->reader, other, s->host->patience, e)) {
		if (cardsession_begin(s, &other, e))
			return true;
		if (!other || s->host->patience == 0)
			return false;
		say_insert(c);
	}
	return false;
}

/* Inside of an unlocked transaction. */
typedef bool (*step)(struct onecard *c, struct err *e);

/* One logical operation: begin, unlock, do it, reset. */
static bool
transact(struct onecard *c, step run, struct err *e)
{
	if (!begin(c, e))
		return false;
	if (!cardsession_unlock(&c->session, e))
		return cardsession_fail(&c->session);
	if (run(c, e))
		return cardsession_end(&c->session, e) || err_wrap(e, "%s", c->session.place);
	err_wrap(e, "%s", c->session.place);
	return cardsession_fail(&c->session);
}

static bool
load(struct onecard *c, struct err *e)
{
	return cardslots_load(&c->session.card, &c->slots, e);
}

/* Writes, if the card still is as it was read. */
static bool
write_all(struct onecard *c, struct err *e)
{
	CARDSLOTS_AUTO now = { 0 };
	bool agree = false;

	if (!cardslots_load(&c->session.card, &now, e) ||
		!cardslots_agree(&c->slots, &now, false, &agree, e))
		return false;
	if (!agree) {
		err_set(e, ERR_DEVICE, "another program changed the card meanwhile");
		return err_hint(e, "run the same command again");
	}
	return cardsession_unlock_writing(&c->session, e) &&
	       cardslots_write(&c->session.card, &c->slots, e);
}

static bool
restore(struct onecard *c, struct err *e)
{
	return cardsession_unlock_writing(&c->session, e) &&
	       cardslots_restore(&c->session.card, &c->slots, e);
}

static bool
read_back(struct onecard *c, struct err *e)
{
	CARDSLOTS_AUTO now = { 0 };
	bool agree = false;

	if (!cardslots_load(&c->session.card, &now, e) ||
		!cardslots_agree(&c->slots, &now, true, &agree, e))
		return false;
	if (!agree)
		return err_set(e, ERR_DEVICE, "the card did not keep what was written");
	cardslots_free(&c->readback);
	c->readback = now;
	c->is_read_back = true;
	now = (struct cardslots){ 0 };
	return true;
}

/* Whether a slot that held something holds nobody knows what. */
static bool
may_have_lost(const struct cardslots *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->slots[i].touched && s->slots[i].before.len > 0)
			return true;
	return false;
}

static bool
is_touched(const struct cardslots *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->slots[i].touched)
			return true;
	return false;
}

/* Puts back what was there before. When that goes wrong it is tried once more, with a pcscd that
 * may be starting; a PIN that is refused is not sent again. */
static bool
put_back(struct onecard *c, struct err *e)
{
	if (transact(c, restore, e))
		return true;
	if (e->code != ERR_DEVICE)
		return false;
	reader_revive(c->reader, PCSCD_STARTS);
	return transact(c, restore, e);
}

/* After a write that failed. */
static bool
give_up(struct onecard *c, struct err *e)
{
	struct err why;

	if (!is_touched(&c->slots) || put_back(c, &why))
		return false;
	c->given_up = true;
	if (may_have_lost(&c->slots)) {
		err_wrap(e, "%s: what the card held before may be lost", c->session.place);
		err_hint(e,
			"look with `coldspare share list %s`; make a lost share anew with "
			"`coldspare replace-share KEY`",
			c->session.spec);
	}
	return false;
}

/* From open to close ----------------------------------------------------------------------- */

bool
onecard_open(struct onecard *c, const struct medium_host *host, const char *holder,
	const char *spec, const char *place, struct err *e)
{
	AUTO_STR copy = strdup(place);
	struct place cut;

	if (!copy)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!cut_place(copy, &cut, e) || !reader_open(cut.reader, &c->reader, e))
		return false;
	c->session = (struct cardsession){
		.link = reader_link(c->reader),
		.driver = cut.driver,
		.host = host,
		.holder = holder,
		.spec = spec,
		.place = reader_name(c->reader),
	};
	strcpy(c->session.serial, cut.serial);
	return true;
}

/* Where nobody said whose card is asked for, it says so itself. */
static void
say_owner(const struct onecard *c)
{
	const struct cardsession *s = &c->session;
	char owner[SHARE_NAME_MAX + 1], line[256];

	cardlock_owner(&c->slots, owner);
	if (s->holder || !s->host->say || !owner[0])
		return;
	(void)snprintf(line, sizeof(line), "the card %s is that of %s", s->serial, owner);
	s->host->say(s->host, line);
}

bool
onecard_load(struct onecard *c, struct err *e)
{
	if (!transact(c, load, e))
		return false;
	say_owner(c);
	return true;
}

bool
onecard_write(struct onecard *c, struct err *e)
{
	if (transact(c, write_all, e) && transact(c, read_back, e))
		return true;
	return give_up(c, e);
}

bool
onecard_is_changed(const struct onecard *c)
{
	for (size_t i = 0; i < c->slots.count; i++)
		if (c->slots.slots[i].changed)
			return true;
	return false;
}

bool
onecard_reload(struct onecard *c, struct err *e)
{
	return transact(c, read_back, e);
}

const struct cardslots *
onecard_slots(const struct onecard *c)
{
	return c->is_read_back ? &c->readback : &c->slots;
}

void
onecard_take_back(struct onecard *c)
{
	const struct cardsession *s = &c->session;
	char line[900];
	struct err e;

	if (c->given_up || !is_touched(&c->slots) || put_back(c, &e) || !s->host->say)
		return;
	(void)snprintf(line, sizeof(line),
		"warning: the card %s was not put back as it was: %.500s; `coldspare share list "
		"%s` shows what it holds, and `coldspare card erase --share` removes a void share",
		s->serial, e.message, s->spec);
	s->host->say(s->host, line);
}

bool
onecard_identity(const struct onecard *c, char **out, struct err *e)
{
	return file_path(out, e, "card %s %s", c->session.driver->name, c->session.serial);
}

void
onecard_close(struct onecard *c)
{
	cardslots_free(&c->slots);
	cardslots_free(&c->readback);
	cardsession_free(&c->session);
	reader_close(&c->reader);
}
