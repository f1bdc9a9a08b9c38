/* SPDX-License-Identifier: ISC */
#include "hsm/onetoken.h"

#include "base/file.h"
#include "hsm/cardstore.h"
#include "hsm/serial.h"
#include "hsm/tokenfind.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The PIN ---------------------------------------------------------------------------------- */

static void
say(const struct onetoken *t, const char *what)
{
	char line[256];

	if (!t->host->say)
		return;
	(void)snprintf(line, sizeof(line), "the token %s %s", t->token.serial, what);
	t->host->say(t->host, line);
}

/* `what` is the buffer behind it. */
static struct medium_ask
question_for(const struct onetoken *t, char *what, size_t size)
{
	(void)snprintf(what, size, "PIN of the token %s", t->token.serial);
	return (struct medium_ask){
		.holder = t->holder,
		.spec = t->spec,
		.serial = t->token.serial,
		.what = what,
		.tries = t->token.tries,
		.pinpad = t->token.pinpad ? t->name : NULL,
	};
}

/* After a try: what the token said no to is neither kept nor given to it again. */
static bool
judge(const struct onetoken *t, bool ok, struct secret *tried, const struct err *e)
{
	char what[64];
	const struct medium_ask question = question_for(t, what, sizeof(what));

	if (ok || e->code != ERR_AUTH)
		return ok;
	if (t->host->refused && tried->len > 0)
		t->host->refused(t->host, &question, tried);
	secret_free(tried);
	return false;
}

/* Nothing, where it shall be typed on the token. */
static bool
ask(const struct onetoken *t, struct secret *out, struct err *e)
{
	char what[64];
	const struct medium_ask question = question_for(t, what, sizeof(what));

	if (!t->host->secret)
		return err_set(e, ERR_REFUSED, "%s: nobody is there to give it", what);
	if (!t->host->secret(t->host, &question, out, e))
		return false;
	return (t->token.pinpad && out->len == 0) ||
	       (out->len >= t->token.pin_min && out->len <= t->token.pin_max) ||
	       err_set(e, ERR_AUTH,
		       "the PIN of the token has %zu to %zu characters: not tried, no try was "
		       "spent",
		       t->token.pin_min, t->token.pin_max);
}

static bool
unlock(struct onetoken *t, struct p11_session *s, struct err *e)
{
	SECRET_AUTO pin = SECRET_NONE;

	if (t->token.tries == 0) {
		err_set(e, ERR_AUTH, "its PIN is blocked");
		return err_hint(e, "unblock it with the token's own tools and its SO-PIN or PUK; "
				   "its shares stay");
	}
	/* The last try is asked for anew, whatever was right before. */
	if (t->pin.len > 0 && t->token.tries != 1)
		return judge(t, p11_login(s, &t->pin, e), &t->pin, e);
	if (t->token.warned)
		say(t, "says that a wrong PIN was tried since the last right one");
	if (!ask(t, &pin, e) || !judge(t, p11_login(s, pin.len > 0 ? &pin : NULL, e), &pin, e))
		return false;
	if (t->token.stale)
		say(t, "says that its PIN is to be changed: pkcs11-tool --login --change-pin");
	secret_move(&t->pin, &pin);
	return true;
}

/* Sessions --------------------------------------------------------------------------------- */

static bool
usable(const struct p11_token *k, bool write, struct err *e)
{
	if (!k->ready) {
		err_set(e, ERR_DEVICE, "it has no user PIN");
		return err_hint(e,
			"its own tools set one: pkcs11-tool --module MODULE --login --login-type "
			"so --init-pin");
	}
	if (k->open) {
		err_set(e, ERR_REFUSED, "it asks for no PIN: who finds it has the share");
		return err_hint(e, "use a token that does");
	}
	if (k->read_only && write) {
		err_set(e, ERR_DEVICE, "it is write-protected");
		return err_hint(e, "use another one");
	}
	return true;
}

/* Inside of a session that is logged in. */
typedef bool (*step)(struct onetoken *t, struct p11_session *s, struct err *e);

static bool
in_session(struct onetoken *t, bool write, step before_login, step run, struct err *e)
{
	P11_SESSION_AUTO *s = NULL;

	return usable(&t->token, write, e) && p11_open(t->module, &t->token, write, &s, e) &&
	       (!before_login || before_login(t, s, e)) && unlock(t, s, e) && run(t, s, e);
}

static bool
transact(struct onetoken *t, bool write, step before_login, step run, struct err *e)
{
	return onetoken_find(t, e) &&
	       (in_session(t, write, before_login, run, e) ||
		       err_wrap(e, "%s: token %s", t->name, t->token.serial));
}

static bool
load(struct onetoken *t, struct p11_session *s, struct err *e)
{
	p11_objects_free(&t->objects);
	return p11_read(s, CARDSTORE_MAX, &t->objects, e);
}

static const struct p11_object *
labelled(const struct p11_objects *list, const char *label)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].label, label) == 0)
			return &list->items[i];
	return NULL;
}

static bool
is_same(const struct p11_object *o, const struct secret *value)
{
	return o && o->value.len == value->len &&
	       (value->len == 0 || sodium_memcmp(o->value.data, value->data, value->len) == 0);
}

/* What is ours is what it was. */
static bool
unchanged(const struct onetoken *t, const struct p11_objects *now)
{
	bool same = now->count == t->objects.count;

	for (size_t i = 0; same && i < now->count; i++)
		same = is_same(
			labelled(now, t->objects.items[i].label), &t->objects.items[i].value);
	return same;
}

static bool
write_all(struct onetoken *t, struct p11_session *s, struct err *e)
{
	P11_OBJECTS_AUTO now = { 0 };
	const struct onetoken_item *items = t->begun;
	size_t count = t->begun_count;

	t->begun_count = 0;
	if (!p11_read(s, CARDSTORE_MAX, &now, e))
		return false;
	if (!unchanged(t, &now)) {
		err_set(e, ERR_DEVICE, "another program changed the token meanwhile");
		return err_hint(e, "run the same command again");
	}
	for (size_t i = 0; i < count; i++) {
		t->begun_count = i + 1;
		if (!p11_create(s, items[i].label, &items[i].value, &t->full, e))
			return false;
	}
	return true;
}

/* Without a PIN nothing of it may be seen. */
static bool
is_private(struct onetoken *t, struct p11_session *s, struct err *e)
{
	P11_OBJECTS_AUTO seen = { 0 };

	if (!p11_read(s, CARDSTORE_MAX, &seen, e))
		return false;
	for (size_t i = 0; i < t->begun_count; i++)
		if (labelled(&seen, t->begun[i].label)) {
			err_set(e, ERR_DEVICE,
				"it shows what was written to be private without its PIN");
			return err_hint(e, "it cannot keep shares: use another token");
		}
	return true;
}

static bool
read_back(struct onetoken *t, struct p11_session *s, struct err *e)
{
	P11_OBJECTS_AUTO now = { 0 };

	if (!p11_read(s, CARDSTORE_MAX, &now, e))
		return false;
	for (size_t i = 0; i < t->begun_count; i++)
		if (!is_same(labelled(&now, t->begun[i].label), &t->begun[i].value))
			return err_set(e, ERR_DEVICE, "it did not keep what was written");
	t->readback = now;
	now = (struct p11_objects){ 0 };
	return true;
}

/* Before it was begun there was nothing of ours with one of those labels. */
static bool
take_back(struct onetoken *t, struct p11_session *s, struct err *e)
{
	P11_OBJECTS_AUTO now = { 0 };

	if (!p11_read(s, CARDSTORE_MAX, &now, e))
		return false;
	for (size_t i = 0; i < t->begun_count; i++) {
		const struct p11_object *o = labelled(&now, t->begun[i].label);

		if (o && !p11_destroy(s, o, e))
			return false;
	}
	t->begun_count = 0;
	return true;
}

static bool
remove_one(struct onetoken *t, struct p11_session *s, struct err *e)
{
	P11_OBJECTS_AUTO now = { 0 };

	if (!p11_read(s, CARDSTORE_MAX, &now, e))
		return false;
	const struct p11_object *o = labelled(&now, t->label);
	if (!o)
		return err_set(e, ERR_MISSING, "it has no %s", t->label);
	return p11_destroy(s, o, e) && load(t, s, e);
}

static bool
erase(struct onetoken *t, struct p11_session *s, struct err *e)
{
	P11_OBJECTS_AUTO now = { 0 };

	if (!p11_read(s, CARDSTORE_MAX, &now, e))
		return false;
	if (!unchanged(t, &now)) {
		err_set(e, ERR_DEVICE, "another program changed the token meanwhile");
		return err_hint(e, "run the same command again");
	}
	for (size_t i = 0; i < now.count; i++)
		if (!p11_destroy(s, &now.items[i], e))
			return false;
	return true;
}

/* From open to close ----------------------------------------------------------------------- */

bool
onetoken_check(const char *place, struct err *e)
{
	AUTO_STR copy = strdup(place);
	const char *serial;

	if (!copy)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!serial_cut(copy, &serial, e))
		return err_wrap(e, "pkcs11");
	if (*copy && (copy[0] == '/' || !strchr(copy, '/')))
		return true;
	err_set(e, ERR_USAGE, "pkcs11: \"%s\" is no module", copy);
	return err_hint(e, "give its absolute path, or its file name alone: "
			   "pkcs11:opensc-pkcs11.so");
}

bool
onetoken_open(struct onetoken *t, const struct medium_host *host, const char *holder,
	const char *spec, const char *place, struct err *e)
{
	AUTO_STR copy = strdup(place);
	const char *serial, *slash;

	*t = (struct onetoken){ .host = host, .holder = holder, .spec = spec };
	if (!copy)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!serial_cut(copy, &serial, e) || !p11_load(copy, &t->module, e))
		return false;
	slash = strrchr(copy, '/');
	t->serial = strdup(serial);
	t->name = strdup(slash ? slash + 1 : copy);
	return (t->serial && t->name) || err_set(e, ERR_MEMORY, "out of memory");
}

bool
onetoken_find(struct onetoken *t, struct err *e)
{
	char *serial;

	if (!tokenfind(t, e))
		return false;
	if (*t->serial)
		return true;
	/* From now on it must be the same one. */
	serial = strdup(t->token.serial);
	if (!serial)
		return err_set(e, ERR_MEMORY, "out of memory");
	free(t->serial);
	t->serial = serial;
	return true;
}

bool
onetoken_peek(struct onetoken *t, size_t *count, struct err *e)
{
	P11_SESSION_AUTO *s = NULL;
	P11_OBJECTS_AUTO seen = { 0 };

	if (!onetoken_find(t, e) || !p11_open(t->module, &t->token, false, &s, e) ||
		!p11_read(s, CARDSTORE_MAX, &seen, e))
		return false;
	*count = seen.count;
	return true;
}

bool
onetoken_load(struct onetoken *t, struct err *e)
{
	return transact(t, false, NULL, load, e);
}

bool
onetoken_write(struct onetoken *t, const struct onetoken_item *items, size_t count, struct err *e)
{
	struct err why;

	t->begun = items;
	t->begun_count = count;
	t->full = false;
	if (transact(t, true, NULL, write_all, e) && p11_restart(t->module, e) &&
		transact(t, false, is_private, read_back, e))
		return true;
	t->given_up = t->begun_count > 0 && !transact(t, true, NULL, take_back, &why);
	return t->given_up ? err_hint(e, "%s", why.message) : false;
}

bool
onetoken_undo(struct onetoken *t, struct err *e)
{
	return t->begun_count == 0 || (!t->given_up && transact(t, true, NULL, take_back, e));
}

bool
onetoken_remove(struct onetoken *t, const char *label, struct err *e)
{
	t->label = label;
	return transact(t, true, NULL, remove_one, e);
}

bool
onetoken_erase(struct onetoken *t, struct err *e)
{
	return transact(t, true, NULL, erase, e);
}

void
onetoken_close(struct onetoken *t)
{
	p11_objects_free(&t->objects);
	p11_objects_free(&t->readback);
	secret_free(&t->pin);
	free(t->serial);
	free(t->name);
	p11_unload(&t->module);
	*t = (struct onetoken){ 0 };
}
