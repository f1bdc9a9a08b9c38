/* SPDX-License-Identifier: ISC */
#include "shares/medium.h"

#include "base/buf.h"
#include "base/file.h"
#include "shares/medium_locked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
medium_records_free(struct medium_records *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->items[i].label);
		free(r->items[i].unlocked);
		secret_free(&r->items[i].text);
	}
	free(r->items);
	*r = (struct medium_records){ 0 };
}

struct medium_record *
medium_records_add(struct medium_records *r, struct err *e)
{
	struct medium_record *grown = realloc(r->items, (r->count + 1) * sizeof(*grown));

	if (!grown) {
		err_set(e, ERR_MEMORY, "out of memory");
		return NULL;
	}
	r->items = grown;
	grown[r->count] = (struct medium_record){ 0 };
	return &grown[r->count++];
}

static bool
spec_error(
	const struct medium_kind *const *kinds, const char *spec, const char *what, struct err *e)
{
	BUF_AUTO examples = BUF_NONE;
	BUF_AUTO layers = BUF_NONE;

	for (size_t i = 0; kinds[i]; i++) {
		buf_addf(&examples, "%s%s", i ? ", " : "", kinds[i]->example);
		if (kinds[i]->locker)
			buf_addf(&layers, "; then perhaps %s", kinds[i]->locker->example);
	}
	if (!buf_ok(&examples, e))
		return false;
	err_set(e, ERR_USAGE, "medium \"%s\": %s", spec, what);
	return err_hint(e, "write %s%s; a backslash escapes + and \\ in a path", examples.data,
		layers.failed || layers.len == 0 ? "" : layers.data);
}

static const struct medium_kind *
kind_of(const struct medium_kind *const *kinds, const char *spec)
{
	for (size_t i = 0; kinds[i]; i++) {
		size_t len = strlen(kinds[i]->scheme);
		if (strncmp(spec, kinds[i]->scheme, len) == 0 && spec[len] == ':')
			return kinds[i];
	}
	return NULL;
}

/* A spec taken apart. */
struct parts {
	const struct medium_kind *kind;
	const struct medium_kind *lock; /* the layer's; NULL: no layer */
	char *place, *layer;            /* unescaped; within `text` */
	size_t base;                    /* the spec's length without its layer */
	char *text;
};
#define PARTS_AUTO __attribute__((cleanup(parts_free))) struct parts

static void
parts_free(struct parts *p)
{
	free(p->text);
}

/* From *at up to a `+` or the end, which *at is moved to; *to is moved behind the NUL. */
static bool
unescape(const struct medium_kind *const *kinds, const char *spec, const char **at, char **to,
	struct err *e)
{
	for (; **at && **at != '+'; ++*at) {
		if (**at == '\\' && *++*at != '+' && **at != '\\')
			return spec_error(kinds, spec, "a backslash before another character", e);
		*(*to)++ = **at;
	}
	*(*to)++ = '\0';
	return true;
}

/* "card:READER", after the `+`. */
static bool
parse_layer(const struct medium_kind *const *kinds, const char *spec, const char *at,
	struct parts *out, struct err *e)
{
	size_t len = strcspn(at, ":+");
	char *to = out->layer;

	for (size_t i = 0; kinds[i] && !out->lock; i++)
		if (kinds[i]->locker && strlen(kinds[i]->scheme) == len &&
			memcmp(kinds[i]->scheme, at, len) == 0)
			out->lock = kinds[i];
	if (!out->lock)
		return spec_error(kinds, spec, "no such layer", e);
	at += len + (at[len] == ':');
	if (!unescape(kinds, spec, &at, &to, e))
		return false;
	if (*at)
		return spec_error(kinds, spec, "more than one layer", e);
	return out->lock->locker->check(out->layer, e) || err_wrap(e, "medium \"%s\"", spec);
}

static bool
parse(const struct medium_kind *const *kinds, const char *spec, struct parts *out, struct err *e)
{
	const struct medium_kind *kind = kind_of(kinds, spec);

	if (!kind)
		return spec_error(kinds, spec, "no such kind", e);
	const char *at = spec + strlen(kind->scheme) + 1;
	if (!*at || *at == '+')
		return spec_error(kinds, spec, "names no place", e);
	char *to = malloc(strlen(spec) + 2);
	if (!to)
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = (struct parts){ .kind = kind, .text = to, .place = to };
	if (!unescape(kinds, spec, &at, &to, e) || (kind->check && !kind->check(out->place, e)))
		return false;
	out->base = (size_t)(at - spec);
	out->layer = to;
	if (*at && kind->insert)
		return spec_error(kinds, spec, "layers cannot be added to this kind", e);
	return !*at || parse_layer(kinds, spec, at + 1, out, e);
}

bool
medium_check(const struct medium_kind *const *kinds, const char *spec, struct err *e)
{
	PARTS_AUTO parts = { 0 };

	return parse(kinds, spec, &parts, e);
}

static bool
working_folder(struct buf *out, struct err *e)
{
	AUTO_STR folder = getcwd(NULL, 0);

	if (!folder)
		return err_errno(e, "finding out the working folder");
	if (!err_is_clean(folder))
		return err_set(e, ERR_USAGE, "the working folder's name is not printable UTF-8");
	for (const char *c = folder; *c; c++)
		buf_addf(out, "%s%c", *c == '+' || *c == '\\' ? "\\" : "", *c);
	return true;
}

bool
medium_absolute(const struct medium_kind *const *kinds, const char *spec, char **out, struct err *e)
{
	const struct medium_kind *kind = kind_of(kinds, spec);
	BUF_AUTO folder = BUF_NONE;

	if (!medium_check(kinds, spec, e))
		return false;
	const char *place = spec + strlen(kind->scheme) + 1;
	if (!kind->is_path || place[0] == '/')
		return file_path(out, e, "%s", spec);
	if (!working_folder(&folder, e))
		return false;
	while (strncmp(place, "./", 2) == 0)
		place += 2;
	buf_addf(&folder, "%s%s", strcmp(folder.data, "/") == 0 ? "" : "/", place);
	return buf_ok(&folder, e) && file_path(out, e, "%s:%s", kind->scheme, folder.data);
}

/* The medium itself, without its layer. */
static bool
open_base(const struct medium_host *host, const char *holder, const char *spec,
	const struct parts *parts, struct medium *out, struct err *e)
{
	MEDIUM_AUTO m = { .host = host, .spec = strndup(spec, parts->base) };

	if (holder)
		m.holder = strdup(holder);
	if (!m.spec || (holder && !m.holder))
		return err_set(e, ERR_MEMORY, "out of memory");
	m.kind = parts->kind;
	if (!m.kind->open(&m, parts->place, e))
		return false;
	*out = m;
	m = (struct medium){ 0 };
	return true;
}

bool
medium_open(const struct medium_host *host, const char *holder, const char *spec,
	struct medium *out, struct err *e)
{
	PARTS_AUTO parts = { 0 };
	MEDIUM_AUTO base = { 0 };
	MEDIUM_AUTO m = { .host = host };

	if (!parse(host->kinds, spec, &parts, e) ||
		!open_base(host, holder, spec, &parts, &base, e))
		return false;
	if (parts.lock) {
		m.spec = strdup(spec);
		m.holder = holder ? strdup(holder) : NULL;
		if (!m.spec || (holder && !m.holder))
			return err_set(e, ERR_MEMORY, "out of memory");
		if (!medium_locked_open(&m, &base, parts.lock->locker, parts.layer, e))
			return false;
	}
	*out = parts.lock ? m : base;
	*(parts.lock ? &m : &base) = (struct medium){ 0 };
	return true;
}

/* One of two is one of the other two. */
static bool
meet(const char *const a[static 2], const char *const b[static 2])
{
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < 2; j++)
			if (a[i] && b[j] && strcmp(a[i], b[j]) == 0)
				return true;
	return false;
}

bool
medium_overlap(const struct medium *a, const struct medium *b)
{
	return meet((const char *const[]){ a->identity, a->lock_identity },
		(const char *const[]){ b->identity, b->lock_identity });
}

bool
medium_look_overlap(const struct medium_look *a, const struct medium_look *b)
{
	return meet((const char *const[]){ a->identity, a->lock_identity },
		(const char *const[]){ b->identity, b->lock_identity });
}

void
medium_look_free(struct medium_look *l)
{
	free(l->identity);
	free(l->lock_identity);
	free(l->path);
	*l = (struct medium_look){ 0 };
}

bool
medium_look(
	const struct medium_host *host, const char *spec, struct medium_look *out, struct err *e)
{
	PARTS_AUTO parts = { 0 };
	MEDIUM_LOOK_AUTO look = { .records = UINT64_MAX };
	MEDIUM_LOOK_AUTO lock = { 0 };

	if (!parse(host->kinds, spec, &parts, e) ||
		(parts.kind->look && !parts.kind->look(host, parts.place, &look, e)) ||
		(parts.lock && parts.lock->look && !parts.lock->look(host, parts.layer, &lock, e)))
		return false;
	look.lock_identity = lock.identity;
	lock.identity = NULL;
	if (!look.about[0])
		strcpy(look.about, lock.about);
	*out = look;
	look = (struct medium_look){ 0 };
	return true;
}

void
medium_close(struct medium *m)
{
	if (m->kind)
		m->kind->close(m);
	free(m->spec);
	free(m->holder);
	free(m->identity);
	free(m->lock_identity);
	free(m->path);
	*m = (struct medium){ 0 };
}

bool
medium_is_inserted(const struct medium *m)
{
	return m->kind->insert != NULL;
}

bool
medium_insert(struct medium *m, bool again, medium_fit fit, void *context, struct err *e)
{
	return !m->kind->insert || m->kind->insert(m, again, fit, context, e);
}

bool
medium_remove(struct medium *m, const char *name, bool *removed, struct err *e)
{
	*removed = m->kind->remove != NULL;
	return !*removed || m->kind->remove(m, name, e);
}

bool
medium_read(struct medium *m, const char *key, struct medium_records *out, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };

	if (!m->kind->read(m, key, &records, e))
		return false;
	*out = records;
	records = (struct medium_records){ 0 };
	return true;
}

bool
medium_write(struct medium *m, const char *name, const struct secret *text, struct err *e)
{
	return m->kind->write(m, name, text, e);
}

bool
medium_sync(struct medium *m, struct err *e)
{
	return m->kind->sync(m, e);
}

bool
medium_reread(struct medium *m, const char *name, struct secret *out, struct err *e)
{
	return m->kind->reread(m, name, out, e);
}

void
medium_keep(struct medium *m)
{
	m->kind->keep(m);
}
