/* SPDX-License-Identifier: ISC */
#include "hsm/medium_pkcs11.h"

#include "hsm/cardstore.h"
#include "hsm/held.h"
#include "hsm/onetoken.h"
#include "shares/sharebin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tokenmedium {
	struct onetoken token;
	struct held_queue queue;
	struct onetoken_item *items; /* the queue's shares as sync writes them */
	size_t item_count;
	bool synced, kept;
};

/* The shares in an object of ours. */
static bool
each_share(const struct p11_object *o, held_visit visit, void *context, struct err *e)
{
	CARDSTORE_AUTO store = { 0 };
	enum cardstore_state state;

	return cardstore_parse(o->value.data, o->value.len, &state, &store, e) &&
	       held_each(&store, visit, context, e);
}

/* False where it is known, to end the walk. */
static bool
take_owner(void *context, const struct secret *bytes, struct err *e)
{
	char *owner = context;

	(void)e;
	held_owner(bytes, owner);
	return !owner[0];
}

/* Where nobody said whose token is asked for, it says so itself. */
static void
say_owner(const struct medium *m)
{
	const struct tokenmedium *t = m->state;
	char owner[SHARE_NAME_MAX + 1] = "", line[256];
	struct err ignored;

	for (size_t i = 0; i < t->token.objects.count && !owner[0]; i++)
		if (!each_share(&t->token.objects.items[i], take_owner, owner, &ignored))
			break;
	if (m->holder || !m->host->say || !owner[0])
		return;
	(void)snprintf(
		line, sizeof(line), "the token %s is that of %s", t->token.token.serial, owner);
	m->host->say(m->host, line);
}

/* Equal for one token behind several modules. */
static bool
identify(const struct p11_token *k, char **out, struct err *e)
{
	if (asprintf(out, "token %s %s", k->maker, k->serial) >= 0)
		return true;
	*out = NULL;
	return err_set(e, ERR_MEMORY, "out of memory");
}

static bool
token_look(
	const struct medium_host *host, const char *place, struct medium_look *out, struct err *e)
{
	__attribute__((cleanup(onetoken_close))) struct onetoken token = { 0 };
	struct medium_host now = *host;
	const struct p11_token *k = &token.token;

	now.patience = 0;
	if (!onetoken_open(&token, &now, NULL, place, place, e) || !onetoken_find(&token, e))
		return false;
	(void)snprintf(out->about, sizeof(out->about), "token %s (%s) behind %s", k->serial,
		k->label, token.name);
	out->read_only = k->read_only;
	out->room_known = k->room_known;
	out->room = k->room;
	out->block = 1;
	out->packed = true;
	return identify(k, &out->identity, e);
}

static bool
token_open(struct medium *m, const char *place, struct err *e)
{
	struct tokenmedium *t = calloc(1, sizeof(*t));

	m->state = t;
	if (!t)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!onetoken_open(&t->token, m->host, m->holder, m->spec, place, e) ||
		!onetoken_load(&t->token, e))
		return false;
	say_owner(m);
	return identify(&t->token.token, &m->identity, e);
}

static struct held_by
held_by(const struct tokenmedium *t)
{
	return (struct held_by){
		.place = t->token.name,
		.what = "token",
		.serial = t->token.token.serial,
	};
}

/* Reading ---------------------------------------------------------------------------------- */

static bool
give(const struct tokenmedium *t, const struct p11_object *o, const char *key,
	struct medium_records *out, struct err *e)
{
	CARDSTORE_AUTO store = { 0 };
	const struct held_by by = held_by(t);
	enum cardstore_state state;
	char where[P11_LABEL_MAX + 16];

	(void)snprintf(where, sizeof(where), "object \"%s\"", o->label);
	if (!cardstore_parse(o->value.data, o->value.len, &state, &store, e))
		return false;
	if (state != CARDSTORE_OURS)
		return held_give_torn(&by, where, out, e);
	for (size_t i = 0; i < store.count; i++)
		if (store.records[i].kind == CARDSTORE_SHARE &&
			!held_give(&by, &store.records[i].bytes, where, key, out, e))
			return false;
	return true;
}

static bool
token_read(struct medium *m, const char *key, struct medium_records *out, struct err *e)
{
	const struct tokenmedium *t = m->state;
	const struct p11_objects *o = t->synced ? &t->token.readback : &t->token.objects;

	for (size_t i = 0; i < o->count; i++)
		if (!give(t, &o->items[i], key, out, e))
			return false;
	return true;
}

/* Writing ---------------------------------------------------------------------------------- */

/* One share as the bytes of an object. */
static bool
encode(const struct share *share, bool detached, struct secret *out, struct err *e)
{
	CARDSTORE_AUTO store = { 0 };
	SECRET_AUTO bytes = SECRET_NONE;

	return sharebin_encode(share, detached, &bytes, e) &&
	       cardstore_add(&store, CARDSTORE_SHARE, &bytes, e) &&
	       cardstore_encode(&store, out, e);
}

static void
free_items(struct tokenmedium *t)
{
	for (size_t i = 0; i < t->item_count; i++)
		secret_free(&t->items[i].value);
	free(t->items);
	t->items = NULL;
	t->item_count = 0;
}

/* All that waits; *size is what it takes of the token's room at least. */
static bool
encode_all(struct tokenmedium *t, bool detached, size_t *size, struct err *e)
{
	free_items(t);
	*size = 0;
	t->items = calloc(t->queue.count + 1, sizeof(*t->items));
	if (!t->items)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < t->queue.count; i++) {
		struct onetoken_item *item = &t->items[t->item_count++];

		item->label = t->queue.items[i].name;
		if (!encode(&t->queue.items[i].share, detached, &item->value, e))
			return false;
		*size += item->value.len + strlen(item->label);
	}
	return true;
}

static bool
fits(const struct tokenmedium *t, size_t size)
{
	const struct p11_token *k = &t->token.token;

	return !k->room_known || size <= k->room;
}

/* Nothing of ours has that name, whatever it holds. */
static bool
is_new(const struct tokenmedium *t, const char *name, struct err *e)
{
	const struct p11_objects *o = &t->token.objects;

	for (size_t i = 0; i < o->count; i++)
		if (strcmp(o->items[i].label, name) == 0) {
			err_set(e, ERR_EXISTS, "the token has an object %s already", name);
			return err_hint(e, "`coldspare card erase` removes what is Coldspare's");
		}
	return true;
}

static bool
takes(const struct tokenmedium *t, const char *name, const struct share *share, struct err *e)
{
	struct held_newcomer n = { held_by(t), share };
	const struct p11_objects *o = &t->token.objects;

	if (t->token.token.read_only)
		return err_set(
			e, ERR_DEVICE, "the token %s is write-protected", t->token.token.serial);
	for (size_t i = 0; i < o->count; i++)
		if (!each_share(&o->items[i], held_gets_along, &n, e))
			return false;
	return is_new(t, name, e);
}

static bool
no_room(const struct tokenmedium *t, size_t size, struct err *e)
{
	err_set(e, ERR_REFUSED, "%zu bytes do not fit on the token: it has room for %zu", size,
		t->token.token.room);
	return err_hint(e, "use a token with more room, or remove what it need not keep");
}

/* All that waits, without the sealed keys when it does not fit with them; where the token says how
 * much room it has, what does not fit at all is refused. */
static bool
prepare(struct tokenmedium *t, struct err *e)
{
	size_t size = 0;

	if (!encode_all(t, false, &size, e) || (!fits(t, size) && !encode_all(t, true, &size, e)))
		return false;
	return fits(t, size) || no_room(t, size, e);
}

static bool
token_write(struct medium *m, const char *name, const struct secret *text, struct err *e)
{
	struct tokenmedium *t = m->state;
	SHARE_AUTO share = { 0 };

	if (strlen(name) > P11_LABEL_MAX)
		return err_set(e, ERR_INTERNAL, "a share named %s", name);
	return (share_parse(text->data, text->len, &share, e) && takes(t, name, &share, e) &&
		       held_enqueue(&t->queue, name, &share, e) &&
		       (!t->token.token.room_known || prepare(t, e))) ||
	       err_wrap(e, "%s", t->token.name);
}

/* A token that does not say how much room it has may turn out to be full. */
static bool
token_sync(struct medium *m, struct err *e)
{
	struct tokenmedium *t = m->state;
	size_t size;

	if (t->queue.count == 0 || t->synced)
		return true;
	if (!prepare(t, e))
		return err_wrap(e, "%s", t->token.name);
	t->synced = onetoken_write(&t->token, t->items, t->item_count, e);
	if (!t->synced && t->token.full && !t->token.given_up)
		t->synced = encode_all(t, true, &size, e) &&
			    onetoken_write(&t->token, t->items, t->item_count, e);
	return t->synced;
}

static bool
token_remove(struct medium *m, const char *name, struct err *e)
{
	struct tokenmedium *t = m->state;

	return onetoken_remove(&t->token, name, e);
}

/* From what sync read back, in another session. */
static bool
token_reread(struct medium *m, const char *name, struct secret *out, struct err *e)
{
	const struct tokenmedium *t = m->state;
	struct held_named n = { .name = name, .out = out };

	for (size_t i = 0; i < t->token.readback.count; i++)
		if (!each_share(&t->token.readback.items[i], held_take_named, &n, e))
			return false;
	return n.found || err_set(e, ERR_MISSING, "%s: the token has no %s", t->token.name, name);
}

static void
token_keep(struct medium *m)
{
	struct tokenmedium *t = m->state;

	t->kept = true;
}

/* What was written and is not to be kept. */
static void
take_back(struct tokenmedium *t)
{
	const struct onetoken *k = &t->token;
	char line[700];
	struct err e;

	if (t->kept || onetoken_undo(&t->token, &e) || !k->host->say)
		return;
	(void)snprintf(line, sizeof(line),
		"warning: what was written to the token %s was not taken back: `coldspare share "
		"list '%s'` shows what it holds, and `coldspare card erase --share` removes a "
		"void share",
		k->serial, k->spec);
	k->host->say(k->host, line);
}

static void
token_close(struct medium *m)
{
	struct tokenmedium *t = m->state;

	if (!t)
		return;
	take_back(t);
	free_items(t);
	held_queue_free(&t->queue);
	onetoken_close(&t->token);
	free(t);
	m->state = NULL;
}

const struct medium_kind medium_pkcs11 = {
	.scheme = "pkcs11",
	.example = "pkcs11:MODULE for a token",
	.check = onetoken_check,
	.open = token_open,
	.look = token_look,
	.read = token_read,
	.write = token_write,
	.sync = token_sync,
	.remove = token_remove,
	.reread = token_reread,
	.keep = token_keep,
	.close = token_close,
};
