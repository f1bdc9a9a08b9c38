/* SPDX-License-Identifier: ISC */
/*
 * The medium "prompt:NAME": whatever NAME's custodian brings, asked for when it is needed.
 *
 * What is written waits in guarded memory until the medium is inserted, so that one reader or one
 * socket serves all custodians, one after the other. Then it is written, synced, and let go of: it
 * stays, for the medium may be gone. To be read back it is inserted once more.
 */
#include "shares/medium.h"

#include "base/buf.h"
#include "base/file.h"
#include "shares/share.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDENTITY "prompt " /* and the place */

struct waiting {
	char *name;
	struct secret text; /* to be written, then empty, then as read back */
};

struct prompt {
	struct medium under; /* what was inserted; its kind is NULL while nothing is */
	struct waiting *items;
	size_t count;
};

static bool
prompt_open(struct medium *m, const char *place, struct err *e)
{
	m->state = calloc(1, sizeof(struct prompt));
	if (!m->state)
		return err_set(e, ERR_MEMORY, "out of memory");
	return file_path(&m->identity, e, IDENTITY "%s", place);
}

static void
prompt_close(struct medium *m)
{
	struct prompt *p = m->state;

	for (size_t i = 0; p && i < p->count; i++) {
		free(p->items[i].name);
		secret_free(&p->items[i].text);
	}
	if (p) {
		medium_close(&p->under);
		free(p->items);
	}
	free(p);
	m->state = NULL;
}

/* Insertion -------------------------------------------------------------------------------- */

static struct medium_call
call_of(const struct medium *m, bool again)
{
	return (struct medium_call){ m->holder ? m->holder : m->identity + strlen(IDENTITY),
		again };
}

static bool
ask(const struct medium *m, bool again, char **spec, struct err *e)
{
	struct medium_call call = call_of(m, again);
	const char *who = call.holder;
	AUTO_STR answer = NULL;

	if (!m->host->call) {
		err_set(e, ERR_REFUSED, "the medium of %s is asked for, and nobody can answer",
			who);
		return err_hint(e, "name it beforehand (dir:PATH), or run this at a terminal");
	}
	if (!m->host->call(m->host, &call, &answer, e))
		return err_wrap(e, "asking for the medium of %s", who);
	err_clean(answer);
	return file_path(spec, e, "%s%s", answer[0] == '/' ? "dir:" : "", answer);
}

/* Sticks that take turns in one socket look alike to the system: what lies on them tells. */
static bool
check_owner(const struct prompt *p, struct medium *under, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	SHARE_AUTO ours = { 0 };

	if (p->count == 0)
		return true;
	if (!share_parse(p->items[0].text.data, p->items[0].text.len, &ours, e) ||
		!medium_read(under, NULL, &records, e))
		return false;
	for (size_t i = 0; i < records.count; i++) {
		SHARE_AUTO s = { 0 };
		struct err not_a_share;

		if (records.items[i].err.code != ERR_NONE ||
			!share_parse(records.items[i].text.data, records.items[i].text.len, &s,
				&not_a_share))
			continue;
		if (minisign_pub_equal(&s.vault_key, &ours.vault_key) &&
			strcmp(s.custodian, ours.custodian) != 0)
			return err_set(e, ERR_REFUSED, "%s holds a share of %s, not of %s",
				under->spec, s.custodian, ours.custodian);
	}
	return true;
}

/* Whether this record is the share of that name: then it is moved to *out. */
static bool
take_named(struct medium_record *record, const char *name, struct secret *out)
{
	SHARE_AUTO s = { 0 };
	AUTO_STR own = NULL;
	struct err none;

	if (record->err.code != ERR_NONE ||
		!share_parse(record->text.data, record->text.len, &s, &none) ||
		!share_file_name(&s, &own, &none) || strcmp(own, name) != 0)
		return false;
	secret_move(out, &record->text);
	return true;
}

/* A card reads back what this handle wrote, which was another one; but it was read as a whole when
 * it was opened, just now. */
static bool
find_record(struct medium *under, const char *name, struct secret *out, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };

	if (medium_reread(under, name, out, e))
		return true;
	if (e->code != ERR_MISSING)
		return false;
	struct err missing = *e;
	if (!medium_read(under, NULL, &records, e))
		return false;
	for (size_t i = 0; i < records.count; i++)
		if (take_named(&records.items[i], name, out))
			return true;
	*e = missing;
	return false;
}

static bool
read_back(struct prompt *p, struct medium *under, struct err *e)
{
	for (size_t i = 0; i < p->count; i++) {
		struct waiting *w = &p->items[i];

		secret_free(&w->text);
		if (!find_record(under, w->name, &w->text, e))
			return err_wrap(e, "not the medium that was written to");
	}
	return true;
}

static bool
open_under(struct medium *m, const char *spec, bool again, medium_fit fit, void *context,
	struct err *e)
{
	struct prompt *p = m->state;
	MEDIUM_AUTO under = { 0 };
	AUTO_STR absolute = NULL;

	if (!medium_absolute(m->host->kinds, spec, &absolute, e) ||
		!medium_open(m->host, m->holder, absolute, &under, e))
		return false;
	if (under.kind == m->kind)
		return err_set(e, ERR_USAGE, "%s: that is the question, not a place", spec);
	if ((fit && !fit(context, &under, e)) ||
		!(again ? read_back(p, &under, e) : check_owner(p, &under, e)))
		return false;
	free(m->spec);
	m->spec = absolute;
	absolute = NULL;
	if (!again) {
		p->under = under;
		under = (struct medium){ 0 };
	}
	return true;
}

static void
say(const struct medium *m, const struct err *why)
{
	BUF_AUTO line = BUF_NONE;

	buf_addf(&line, "that will not do: %s%s%s", why->message, why->hint[0] ? ": " : "",
		why->hint);
	if (m->host->say && !line.failed)
		m->host->say(m->host, line.data);
}

/* Read back or written: it may be taken away. */
static void
done(const struct medium *m, bool again)
{
	struct medium_call call = call_of(m, again);

	if (m->host->done)
		m->host->done(m->host, &call, m->spec);
}

static bool
prompt_insert(struct medium *m, bool again, medium_fit fit, void *context, struct err *e)
{
	for (;;) {
		AUTO_STR spec = NULL;
		struct err why = { 0 };

		if (!ask(m, again, &spec, e))
			return false;
		if (open_under(m, spec, again, fit, context, &why)) {
			if (again)
				done(m, again);
			return true;
		}
		if (why.code == ERR_MEMORY) {
			*e = why;
			return false;
		}
		say(m, &why);
	}
}

/* Records ---------------------------------------------------------------------------------- */

static struct medium *
inserted(struct medium *m, struct err *e)
{
	struct prompt *p = m->state;

	if (p->under.kind)
		return &p->under;
	err_set(e, ERR_INTERNAL, "the medium of %s is not inserted", call_of(m, false).holder);
	return NULL;
}

static bool
prompt_read(struct medium *m, const char *key, struct medium_records *out, struct err *e)
{
	struct prompt *p = m->state;

	if (!p->under.kind && !prompt_insert(m, false, NULL, NULL, e))
		return false;
	return medium_read(&p->under, key, out, e);
}

static bool
prompt_write(struct medium *m, const char *name, const struct secret *text, struct err *e)
{
	struct prompt *p = m->state;
	struct waiting *grown = realloc(p->items, (p->count + 1) * sizeof(*grown));

	if (!grown)
		return err_set(e, ERR_MEMORY, "out of memory");
	p->items = grown;
	grown[p->count] = (struct waiting){ .name = strdup(name) };
	if (!grown[p->count].name)
		return err_set(e, ERR_MEMORY, "out of memory");
	return secret_copy(&grown[p->count++].text, text->data, text->len, e);
}

static bool
prompt_sync(struct medium *m, struct err *e)
{
	struct prompt *p = m->state;
	struct medium *under = inserted(m, e);

	if (!under)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (!medium_write(under, p->items[i].name, &p->items[i].text, e))
			return false;
	if (!medium_sync(under, e))
		return false;
	medium_keep(under);
	medium_close(under);
	for (size_t i = 0; i < p->count; i++)
		secret_free(&p->items[i].text);
	done(m, false);
	return true;
}

static bool
prompt_remove(struct medium *m, const char *name, struct err *e)
{
	struct medium *under = inserted(m, e);
	bool removed;

	return under && medium_remove(under, name, &removed, e);
}

static bool
prompt_reread(struct medium *m, const char *name, struct secret *out, struct err *e)
{
	struct prompt *p = m->state;

	for (size_t i = 0; i < p->count; i++) {
		const struct secret *text = &p->items[i].text;

		if (strcmp(p->items[i].name, name) == 0 && text->len > 0)
			return secret_copy(out, text->data, text->len, e);
	}
	return err_set(e, ERR_INTERNAL, "%s was not read back", name);
}

static void
prompt_keep(struct medium *m)
{
	(void)m; /* kept since sync */
}

const struct medium_kind medium_prompt = {
	.scheme = "prompt",
	.example = "prompt:NAME to be asked",
	.open = prompt_open,
	.insert = prompt_insert,
	.read = prompt_read,
	.write = prompt_write,
	.sync = prompt_sync,
	.remove = prompt_remove,
	.reread = prompt_reread,
	.keep = prompt_keep,
	.close = prompt_close,
};
