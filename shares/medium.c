/* SPDX-License-Identifier: ISC */
#include "shares/medium.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

static const struct medium_kind *const kinds[] = { &medium_dir };

void
medium_records_free(struct medium_records *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->items[i].label);
		secret_free(&r->items[i].text);
	}
	free(r->items);
	*r = (struct medium_records){ 0 };
}

static bool
spec_error(const char *spec, const char *what, struct err *e)
{
	err_set(e, ERR_USAGE, "medium \"%s\": %s", spec, what);
	return err_hint(e, "write dir:PATH for a folder; a backslash escapes + and \\ in a path");
}

static const struct medium_kind *
kind_of(const char *spec)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i]->scheme);
		if (strncmp(spec, kinds[i]->scheme, len) == 0 && spec[len] == ':')
			return kinds[i];
	}
	return NULL;
}

/* The place that `spec` names, unescaped, into `out`: strlen(spec) + 1 bytes. */
static bool
parse(const char *spec, const struct medium_kind **kind, char *out, struct err *e)
{
	*kind = kind_of(spec);
	if (!*kind)
		return spec_error(spec, "no such kind", e);
	const char *at = spec + strlen((*kind)->scheme) + 1;
	if (!*at)
		return spec_error(spec, "names no place", e);
	for (; *at; at++) {
		if (*at == '+')
			return spec_error(spec, "layers cannot be added to this kind", e);
		if (*at == '\\' && *++at != '+' && *at != '\\')
			return spec_error(spec, "a backslash before another character", e);
		*out++ = *at;
	}
	*out = '\0';
	return true;
}

bool
medium_check(const char *spec, struct err *e)
{
	const struct medium_kind *kind;
	AUTO_STR place = malloc(strlen(spec) + 1);

	if (!place)
		return err_set(e, ERR_MEMORY, "out of memory");
	return parse(spec, &kind, place, e);
}

bool
medium_open(const char *spec, struct medium *out, struct err *e)
{
	MEDIUM_AUTO m = { .spec = strdup(spec) };
	AUTO_STR place = malloc(strlen(spec) + 1);

	if (!m.spec || !place)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!parse(spec, &m.kind, place, e) || !m.kind->open(&m, place, e))
		return false;
	*out = m;
	m = (struct medium){ 0 };
	return true;
}

void
medium_close(struct medium *m)
{
	if (m->kind)
		m->kind->close(m);
	free(m->spec);
	free(m->identity);
	free(m->path);
	*m = (struct medium){ 0 };
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
