/* SPDX-License-Identifier: ISC */
#include "shares/medium_locked.h"

#include "shares/lock.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct locked {
	struct medium beneath;
	struct locker locker;
};

static bool
is_ours(const struct locked *l, const struct share *s)
{
	return s->locked && locked_is(s->locked, l->locker.kind->word);
}

/* Opening ---------------------------------------------------------------------------------- */

/* What the shares beneath want of the locker, in *out, where they agree; "" where they do not. */
static bool
find_wanted(struct locked *l, char out[static LOCKED_TEXT_MAX], struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	char key[LOCKED_TEXT_MAX] = "", other[LOCKED_TEXT_MAX];

	out[0] = '\0';
	if (!medium_read(&l->beneath, NULL, &records, e))
		return false;
	for (size_t i = 0; i < records.count; i++) {
		const struct secret *text = &records.items[i].text;
		SHARE_AUTO s = { 0 };
		struct err ignored;

		if (!share_parse(text->data, text->len, &s, &ignored) || !is_ours(l, &s))
			continue;
		locked_head(s.locked, other);
		if (key[0] && strcmp(key, other) != 0) {
			out[0] = '\0';
			return true;
		}
		strcpy(key, other);
		strcpy(out, s.locked);
	}
	return true;
}

static bool
copy_names(struct medium *m, const struct locked *l, struct err *e)
{
	const struct medium *b = &l->beneath;

	m->identity = strdup(b->identity);
	m->lock_identity = strdup(l->locker.identity);
	if (b->path)
		m->path = strdup(b->path);
	return (m->identity && m->lock_identity && (!b->path || m->path)) ||
	       err_set(e, ERR_MEMORY, "out of memory");
}

static const struct medium_kind locked_medium;

bool
medium_locked_open(struct medium *m, struct medium *beneath, const struct locker_kind *kind,
	const char *place, struct err *e)
{
	struct locked *l = calloc(1, sizeof(*l));
	char wanted[LOCKED_TEXT_MAX];

	if (!l)
		return err_set(e, ERR_MEMORY, "out of memory");
	m->kind = &locked_medium;
	m->state = l;
	l->beneath = *beneath;
	*beneath = (struct medium){ 0 };
	l->locker = (struct locker){
		.kind = kind,
		.host = m->host,
		.holder = m->holder,
		.spec = m->spec,
	};
	return find_wanted(l, wanted, e) &&
	       kind->open(&l->locker, place, wanted[0] ? wanted : NULL, e) && copy_names(m, l, e);
}

/* Reading ---------------------------------------------------------------------------------- */

/* One share's text; *was_locked tells. */
static bool
unlock_text(
	const struct locked *l, struct secret *text, bool *was_locked, char *with, struct err *e)
{
	SHARE_AUTO s = { 0 };
	SECRET_AUTO key = SECRET_NONE;
	SECRET_AUTO open = SECRET_NONE;
	struct err ignored;

	/* What is no share is for its reader to say. */
	*was_locked = share_parse(text->data, text->len, &s, &ignored) && is_ours(l, &s);
	if (!*was_locked)
		return true;
	locked_with(s.locked, with);
	if (!l->locker.kind->key(&l->locker, &s, &key, e) || !lock_open(&s, &key, e) ||
		!share_encode(&s, false, &open, e))
		return false;
	secret_move(text, &open);
	return true;
}

static bool
unlock_record(const struct locked *l, struct medium_record *record, struct err *e)
{
	char with[LOCKED_WITH_MAX];
	bool was_locked;

	if (record->err.code != ERR_NONE)
		return true;
	if (!unlock_text(l, &record->text, &was_locked, with, &record->err)) {
		secret_free(&record->text);
		if (record->err.code != ERR_MEMORY)
			return true;
		*e = record->err;
		return false;
	}
	if (was_locked)
		record->unlocked = strdup(with);
	return !was_locked || record->unlocked || err_set(e, ERR_MEMORY, "out of memory");
}

static bool
locked_read(struct medium *m, const char *key, struct medium_records *out, struct err *e)
{
	struct locked *l = m->state;

	if (!l->beneath.kind->read(&l->beneath, key, out, e))
		return false;
	for (size_t i = 0; i < out->count; i++)
		if (!unlock_record(l, &out->items[i], e))
			return false;
	return true;
}

static bool
locked_remove(struct medium *m, const char *name, struct err *e)
{
	struct locked *l = m->state;
	bool removed;

	return medium_remove(&l->beneath, name, &removed, e) &&
	       (removed || err_set(e, ERR_REFUSED, "%s stays on %s", name, l->beneath.spec));
}

static bool
locked_reread(struct medium *m, const char *name, struct secret *out, struct err *e)
{
	struct locked *l = m->state;
	SECRET_AUTO text = SECRET_NONE;
	char with[LOCKED_WITH_MAX];
	bool was_locked;

	if (!medium_reread(&l->beneath, name, &text, e) ||
		!unlock_text(l, &text, &was_locked, with, e))
		return false;
	if (!was_locked)
		return err_set(e, ERR_INTERNAL, "%s came back without its lock", name);
	secret_move(out, &text);
	return true;
}

/* Writing ---------------------------------------------------------------------------------- */

static bool
locked_write(struct medium *m, const char *name, const struct secret *text, struct err *e)
{
	struct locked *l = m->state;
	SHARE_AUTO s = { 0 };
	SECRET_AUTO key = SECRET_NONE;
	SECRET_AUTO closed = SECRET_NONE;
	uint8_t nonce[SEALED_NONCE_LEN];
	char head[LOCKED_TEXT_MAX];

	randombytes_buf(nonce, sizeof(nonce));
	return share_parse(text->data, text->len, &s, e) &&
	       l->locker.kind->fresh(&l->locker, &s, head, &key, e) &&
	       lock_close(&s, head, nonce, &key, e) && share_encode(&s, false, &closed, e) &&
	       medium_write(&l->beneath, name, &closed, e);
}

/* The key first: files that nothing opens are worse than a key that opens nothing. */
static bool
locked_sync(struct medium *m, struct err *e)
{
	struct locked *l = m->state;

	return l->locker.kind->sync(&l->locker, e) && medium_sync(&l->beneath, e);
}

static void
locked_keep(struct medium *m)
{
	struct locked *l = m->state;

	medium_keep(&l->beneath);
	l->locker.kind->keep(&l->locker);
}

static void
locked_close(struct medium *m)
{
	struct locked *l = m->state;

	medium_close(&l->beneath);
	l->locker.kind->close(&l->locker);
	free(l->locker.identity);
	free(l);
	m->state = NULL;
}

static const struct medium_kind locked_medium = {
	.read = locked_read,
	.write = locked_write,
	.sync = locked_sync,
	.remove = locked_remove,
	.reread = locked_reread,
	.keep = locked_keep,
	.close = locked_close,
};
