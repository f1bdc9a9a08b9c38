/* SPDX-License-Identifier: ISC */
#include "hsm/tokenfind.h"

#include "base/buf.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOOK_EVERY 250 /* milliseconds: not every module can tell of what happens */

/* Never done here: it erases all that is on a token. */
#define SET_UP                                                                                     \
	"its own tools set it up, which erases it: pkcs11-tool --module %s --init-token --label "  \
	"NAME, then --login --login-type so --init-pin; softhsm2-util --init-token --free "        \
	"--label "                                                                                 \
	"NAME"

static const char *
holder_of(const struct onetoken *t)
{
	return t->holder ? t->holder : "that custodian";
}

/* "SERIAL (LABEL), SERIAL (LABEL)" of those that are initialised; *one is the last of them. */
static size_t
describe(const struct p11_tokens *all, struct buf *out, const struct p11_token **one)
{
	size_t count = 0;

	*one = NULL;
	for (size_t i = 0; i < all->count; i++) {
		const struct p11_token *k = &all->items[i];

		if (!k->initialised)
			continue;
		buf_addf(out, "%s%s (%s)", count++ ? ", " : "", *k->serial ? k->serial : "-",
			k->label);
		*one = k;
	}
	return count;
}

/* *worth: another look, later, may show one. */
static bool
none(const struct onetoken *t, const struct p11_tokens *all, bool *worth, struct err *e)
{
	*worth = all->count == 0;
	if (all->unknown.code != ERR_NONE) {
		*e = all->unknown;
		return err_wrap(e, "%s", t->name);
	}
	if (all->count > 0) {
		err_set(e, ERR_DEVICE, "%s: its token is not set up", t->name);
		return err_hint(e, SET_UP, p11_path(t->module));
	}
	err_set(e, ERR_DEVICE, "%s: there is no token", t->name);
	return err_hint(e, "insert one; a module finds those of its own kind only");
}

/* The one that is wanted, among all that there are. */
static bool
choose(struct onetoken *t, const struct p11_tokens *all, bool *worth, struct err *e)
{
	BUF_AUTO there = BUF_NONE;
	const struct p11_token *one;
	size_t count = describe(all, &there, &one);

	if (!buf_ok(&there, e))
		return false;
	for (size_t i = 0; *t->serial && i < all->count; i++)
		if (strcmp(all->items[i].serial, t->serial) == 0) {
			t->token = all->items[i];
			return true;
		}
	if (count == 0)
		return none(t, all, worth, e);
	if (*t->serial) {
		*worth = true;
		err_set(e, ERR_AUTH, "%s: the token of %s is %s, and here is %s", t->name,
			holder_of(t), t->serial, there.data);
		return err_hint(e, "insert the token %s", t->serial);
	}
	if (count > 1) {
		err_set(e, ERR_USAGE, "%s: there are several tokens: %s", t->name, there.data);
		return err_hint(e, "say which one: 'pkcs11:%s#SERIAL'", t->name);
	}
	if (!*one->serial)
		return err_set(e, ERR_DEVICE,
			"%s: the token has no serial number by which it could be known again",
			t->name);
	t->token = *one;
	return true;
}

static bool
look(struct onetoken *t, bool *worth, struct err *e)
{
	P11_TOKENS_AUTO all = { 0 };

	*worth = false;
	return p11_list(t->module, &all, e) && choose(t, &all, worth, e);
}

/* What is missing, and what to do about it. */
static void
say_insert(const struct onetoken *t, const struct err *why)
{
	char line[512];

	if (!t->host->say)
		return;
	(void)snprintf(line, sizeof(line), "%.300s: insert the token %s%sof %s", why->message,
		t->serial, *t->serial ? " " : "", holder_of(t));
	t->host->say(t->host, line);
}

bool
tokenfind(struct onetoken *t, struct err *e)
{
	const struct timespec pause = { .tv_nsec = LOOK_EVERY * 1000000L };
	struct err why;
	bool worth;

	if (look(t, &worth, &why))
		return true;
	if (worth && t->host->patience > 0)
		say_insert(t, &why);
	for (unsigned waited = 0; worth && waited < t->host->patience; waited += LOOK_EVERY) {
		(void)nanosleep(&pause, NULL);
		if (look(t, &worth, &why))
			return true;
	}
	*e = why;
	return false;
}
