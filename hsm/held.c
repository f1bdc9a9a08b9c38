/* SPDX-License-Identifier: ISC */
#include "hsm/held.h"

#include "base/file.h"
#include "shares/sharebin.h"

#include <stdlib.h>
#include <string.h>

/* Out ------------------------------------------------------------------------------------- */

static bool
give_bad(const struct held_by *by, const char *where, const struct err *why,
	struct medium_records *out, struct err *e)
{
	struct medium_record *record = medium_records_add(out, e);

	if (!record)
		return false;
	record->err = *why;
	return file_path(
		&record->label, e, "%s: %s %s, %s", by->place, by->what, by->serial, where);
}

bool
held_give(const struct held_by *by, const struct secret *bytes, const char *where, const char *key,
	struct medium_records *out, struct err *e)
{
	SHARE_AUTO share = { 0 };
	AUTO_STR name = NULL;
	struct err why;

	if (!sharebin_decode(bytes->data, bytes->len, &share, &why))
		return why.code == ERR_MEMORY ? (*e = why, false)
					      : give_bad(by, where, &why, out, e);
	if (key && !share_is_wanted(key, share.key, share.pin))
		return true;
	struct medium_record *record = medium_records_add(out, e);
	return record && share_file_name(&share, &name, e) &&
	       file_path(
		       &record->label, e, "%s: %s %s: %s", by->place, by->what, by->serial, name) &&
	       share_encode(&share, false, &record->text, e);
}

bool
held_give_torn(
	const struct held_by *by, const char *where, struct medium_records *out, struct err *e)
{
	struct err why;

	err_set(&why, ERR_FORMAT, "a write was torn here: what it held is lost");
	err_hint(&why,
		"`coldspare card erase` removes it; `coldspare replace-share` makes its shares "
		"anew from those of k others");
	return give_bad(by, where, &why, out, e);
}

void
held_owner(const struct secret *bytes, char out[static SHARE_NAME_MAX + 1])
{
	SHARE_AUTO share = { 0 };
	struct err ignored;

	out[0] = '\0';
	if (sharebin_decode(bytes->data, bytes->len, &share, &ignored))
		strcpy(out, share.custodian);
}

bool
held_each(const struct cardstore *s, held_visit visit, void *context, struct err *e)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->records[i].kind == CARDSTORE_SHARE &&
			!visit(context, &s->records[i].bytes, e))
			return false;
	return true;
}

bool
held_take_named(void *named, const struct secret *bytes, struct err *e)
{
	struct held_named *n = named;
	SHARE_AUTO share = { 0 };
	AUTO_STR own = NULL;
	struct err ignored;

	if (n->found || !sharebin_decode(bytes->data, bytes->len, &share, &ignored))
		return true;
	if (!share_file_name(&share, &own, e))
		return false;
	n->found = strcmp(own, n->name) == 0;
	return !n->found || share_encode(&share, false, n->out, e);
}

/* In -------------------------------------------------------------------------------------- */

bool
held_gets_along(void *newcomer, const struct secret *bytes, struct err *e)
{
	const struct held_newcomer *n = newcomer;
	const struct held_by *by = &n->by;
	const struct share *fresh = n->share;
	SHARE_AUTO held = { 0 };
	struct err ignored;

	if (!sharebin_decode(bytes->data, bytes->len, &held, &ignored))
		return true;
	if (strcmp(held.key, fresh->key) == 0 && strcmp(held.set, fresh->set) == 0 &&
		held.number == fresh->number)
		return err_set(e, ERR_EXISTS, "the %s has share %u of %s already", by->what,
			held.number, held.key);
	if (!minisign_pub_equal(&held.vault_key, &fresh->vault_key) ||
		strcmp(held.custodian, fresh->custodian) == 0)
		return true;
	err_set(e, ERR_REFUSED, "this is the %s of %s, not of %s", by->what, held.custodian,
		fresh->custodian);
	return err_hint(e, "insert the %s of %s", by->what, fresh->custodian);
}

void
held_queue_free(struct held_queue *q)
{
	for (size_t i = 0; i < q->count; i++) {
		free(q->items[i].name);
		share_free(&q->items[i].share);
	}
	free(q->items);
	*q = (struct held_queue){ 0 };
}

bool
held_enqueue(struct held_queue *q, const char *name, struct share *share, struct err *e)
{
	struct held_waiting *grown = realloc(q->items, (q->count + 1) * sizeof(*grown));
	char *copy = strdup(name);

	if (grown)
		q->items = grown;
	if (!grown || !copy) {
		free(copy);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	grown[q->count] = (struct held_waiting){ .name = copy };
	share_move(&grown[q->count++].share, share);
	return true;
}
