/* SPDX-License-Identifier: ISC */
#include "vault/audit.h"

#include "base/file.h"
#include "vault/auditfile.h"
#include "vault/auditmanifest.h"
#include "vault/auditrekey.h"
#include "vault/audittree.h"
#include "vault/auditwork.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEYS_LISTED 8

const char *
audit_severity_name(enum audit_severity s)
{
	static const char *const names[] = {
		[AUDIT_ERROR] = "error",
		[AUDIT_WARNING] = "warning",
		[AUDIT_NOTE] = "note",
	};
	return names[s];
}

void
audit_free(struct audit *a)
{
	for (size_t i = 0; i < a->count; i++) {
		free(a->items[i].where);
		free(a->items[i].what);
	}
	free(a->items);
	store_close(&a->store);
	*a = (struct audit){ 0 };
}

/* Findings --------------------------------------------------------------------------------- */

static struct audit_finding *
room(struct audit *a)
{
	if (a->count > 0 && (a->count & (a->count - 1)) != 0)
		return a->items;
	return reallocarray(a->items, a->count == 0 ? 1 : 2 * a->count, sizeof(*a->items));
}

void
auditwork_add(struct auditwork *w, enum audit_severity severity, enum err_code code,
	const char *where, const char *fmt, ...)
{
	struct audit *a = w->audit;
	struct audit_finding f = { .severity = severity, .code = code, .where = strdup(where) };
	struct audit_finding *items = room(a);
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&f.what, fmt, args);
	va_end(args);
	if (items)
		a->items = items;
	if (!items || !f.where || n < 0) {
		free(f.where);
		free(n < 0 ? NULL : f.what);
		w->failed = true;
		return;
	}
	err_clean(f.where);
	err_clean(f.what);
	items[a->count++] = f;
	a->errors += severity == AUDIT_ERROR;
}

void
auditwork_err(struct auditwork *w, const char *where, const struct err *e)
{
	auditwork_add(w, AUDIT_ERROR, e->code, where, "%s", e->message);
}

/* The journal ------------------------------------------------------------------------------ */

static bool
keep_head(struct auditwork *w, int64_t n, const char *hash, struct err *e)
{
	size_t lines = (size_t)n;

	if ((lines & (lines - 1)) == 0) { /* room up to the next power of two */
		char(*heads)[ENCODE_HASH_HEX] =
			reallocarray(w->heads, lines == 0 ? 1 : 2 * lines, sizeof(*heads));
		if (!heads)
			return err_set(e, ERR_MEMORY, "out of memory");
		w->heads = heads;
	}
	snprintf(w->heads[lines], sizeof(w->heads[lines]), "%s", hash);
	return true;
}

/* `prev` is the hash of the line before: the reader has compared it. */
static bool
visit(void *context, const struct journal_line *line, struct err *e)
{
	struct auditwork *w = context;

	return keep_head(
		       w, line->n - 1, json_string_value(json_object_get(line->body, "prev")), e) &&
	       state_apply(&w->audit->store.state, line, e);
}

static bool
read_journal(struct auditwork *w, struct err *e)
{
	struct store *s = &w->audit->store;
	struct err damage;

	if (journal_read(s->dir, visit, w, &s->journal, &damage))
		return keep_head(w, s->journal.entries, s->journal.head, e);
	if (damage.code != ERR_AUTH && damage.code != ERR_FORMAT) {
		*e = damage;
		return false;
	}
	w->partial = true;
	auditwork_err(w, JOURNAL_FILE, &damage);
	return true;
}

/* Reading follows a link, appending does not. */
static void
look_at_kind(struct auditwork *w)
{
	AUTO_STR path = NULL;
	struct stat st;
	struct err e;

	if (!file_path(&path, &e, "%s/%s", w->store->dir, JOURNAL_FILE))
		w->failed = true;
	else if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		auditwork_add(w, AUDIT_ERROR, ERR_AUTH, JOURNAL_FILE,
			"is not a regular file any more: nothing can be appended to it");
}

static void
look_at_end(struct auditwork *w)
{
	const struct store *s = w->store;
	struct err e;

	if (s->journal.torn_bytes > 0)
		auditwork_add(w, AUDIT_ERROR, ERR_FORMAT, JOURNAL_FILE,
			"the line after line %" PRId64 " is torn (%" PRId64
			" bytes without an end): a command was cut off there and what it did "
			"never happened; the next change sets these bytes aside",
			s->journal.entries, s->journal.torn_bytes);
	if (!journal_clock(&s->journal, &e))
		auditwork_add(w, AUDIT_WARNING, ERR_NONE, "", "%s", e.message);
	if (s->journal.entries == 0 && !store_no_line(s, &e))
		auditwork_add(w, AUDIT_ERROR, ERR_FORMAT, "", "%s: %s", e.message, e.hint);
	else if (!s->state.ready && s->state.plan)
		auditwork_add(w, AUDIT_ERROR, ERR_FORMAT, "",
			"the ceremony that makes this vault was interrupted: run `coldspare "
			"ceremony` again with the same plan");
	else if (!s->state.ready)
		auditwork_add(w, AUDIT_ERROR, ERR_FORMAT, "",
			"the making of this vault was cut short: move the folder away and run "
			"`coldspare %s` again",
			s->state.rebuilt.serial > 0 ? "rebuild" : "init");
}

/* Void batches ----------------------------------------------------------------------------- */

static const char *
member(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "?";
}

/* The number of the i-th holder's share: a share made anew has one of its own. */
static long long
number_of(const json_t *begun, size_t i)
{
	const json_t *item = json_array_get(json_object_get(begun, "keys"), 0);
	const json_t *number = json_object_get(item, "number");

	return number ? (long long)json_integer_value(number) : (long long)i + 1;
}

/* Where the parts of a batch that never happened may lie. */
static void
describe_batch(const json_t *begun, struct buf *out)
{
	const json_t *keys = json_object_get(begun, "keys"), *item;
	size_t i;

	json_array_foreach(keys, i, item)
	{
		if (i < KEYS_LISTED)
			buf_addf(out, "%s %s (set %s)", i > 0 ? "," : "", member(item, "key"),
				member(item, "set"));
	}
	if (json_array_size(keys) > KEYS_LISTED)
		buf_addf(out, " and %zu more", json_array_size(keys) - KEYS_LISTED);
	buf_adds(out, "; shares may lie on");
	json_array_foreach(json_object_get(begun, "holders"), i, item)
		buf_addf(out, "%s %s (number %lld, %s)", i > 0 ? "," : "", member(item, "medium"),
			number_of(begun, i), member(item, "name"));
}

static bool
add_leftover(struct auditwork *w, const char *batch, const char *key, const char *file)
{
	char path[SEALED_KEY_ID_MAX + 64];

	snprintf(path, sizeof(path), "keys/%s%s", key, file);
	return json_object_set_new(w->leftovers, path, json_string(batch)) == 0;
}

static void
expect_leftovers(struct auditwork *w, const char *batch, const json_t *begun)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(begun, "keys"), i, item)
	{
		char sealed[64];
		snprintf(sealed, sizeof(sealed), "/sealed-%s.txt", member(item, "set"));
		if (!add_leftover(w, batch, member(item, "key"), "") ||
			!add_leftover(w, batch, member(item, "key"), "/public.pem") ||
			!add_leftover(w, batch, member(item, "key"), "/request.csr") ||
			!add_leftover(w, batch, member(item, "key"), sealed))
			w->failed = true;
	}
	if (strcmp(member(begun, "kind"), "rekey") == 0)
		auditrekey_leftovers(w, batch);
}

static void
look_at_batches(struct auditwork *w)
{
	const char *batch;
	json_t *begun;

	json_object_foreach(w->store->state.open, batch, begun)
	{
		BUF_AUTO text = BUF_NONE;
		struct err e;
		describe_batch(begun, &text);
		expect_leftovers(w, batch, begun);
		if (!buf_ok(&text, &e))
			w->failed = true;
		else
			auditwork_add(w, AUDIT_NOTE, ERR_NONE, "",
				"batch %s (%s, %s) was never committed, so it is void:%s", batch,
				member(begun, "kind"), member(begun, "time"), text.data);
	}
}

/* All of it -------------------------------------------------------------------------------- */

static bool
was_found_bad(const struct audit *a, const char *path)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].severity == AUDIT_ERROR && strcmp(a->items[i].where, path) == 0)
			return true;
	return false;
}

/* The identity's files as such are checked by now: here it is whether they are this vault's. */
static void
look_at_identity(struct auditwork *w)
{
	struct err e;
	struct stat st;

	if (!was_found_bad(w->audit, "vault.json") && !was_found_bad(w->audit, "vault.pub") &&
		!store_identity(w->store, &e))
		auditwork_err(w, "", &e);
	if (fstat(w->store->lock_fd, &st) == 0 && (st.st_mode & 077) != 0)
		auditwork_add(w, AUDIT_WARNING, ERR_NONE, "",
			"others than its owner may enter the vault folder (mode %o)",
			(unsigned)st.st_mode & 0777);
}

static void
look(struct auditwork *w)
{
	look_at_kind(w);
	if (!w->partial)
		look_at_end(w);
	if (w->store->state.created == CLOCK_NONE)
		return;
	look_at_batches(w);
	auditfile_all(w);
	look_at_identity(w);
	auditmanifest_all(w);
	auditrekey_all(w);
	if (w->partial)
		auditwork_add(w, AUDIT_NOTE, ERR_NONE, "",
			"what the rest of the journal names was not checked");
	else
		audittree_walk(w);
}

static bool
start(const char *dir, struct store *s, struct err *e)
{
	*s = (struct store){ .lock_fd = -1, .mode = STORE_READ };
	return file_path(&s->dir, e, "%s", dir) && state_init(&s->state, e) && store_find(dir, e) &&
	       file_lock(dir, false, &s->lock_fd, e);
}

static void
stop(struct auditwork *w)
{
	free(w->heads);
	json_decref(w->leftovers);
}

bool
audit_run(const char *dir, struct audit *out, struct err *e)
{
	AUDIT_AUTO a = { 0 };
	__attribute__((cleanup(stop))) struct auditwork w = {
		.audit = &a,
		.store = &a.store,
		.leftovers = json_object(),
	};

	if (!start(dir, &a.store, e) || !read_journal(&w, e))
		return false;
	if (!w.leftovers)
		return err_set(e, ERR_MEMORY, "out of memory");
	look(&w);
	if (w.failed)
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = a;
	a = (struct audit){ 0 };
	return true;
}
