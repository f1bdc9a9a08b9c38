/* SPDX-License-Identifier: ISC */
#include "pins/manifest.h"

#include "pins/manifestparse.h"

#include <stdlib.h>
#include <string.h>

#define MEMBER "\"domains\""
#define BLANKS " \t\r\n"

FALLIBLE static bool
add_domain(struct manifest *m, size_t *capacity, const json_t *value, struct err *e)
{
	if (m->domain_count == *capacity) {
		*capacity = *capacity ? 2 * *capacity : 16;
		struct manifest_domain *grown = reallocarray(m->domains, *capacity, sizeof *grown);
		if (!grown)
			return err_set(e, ERR_MEMORY, "out of memory");
		m->domains = grown;
	}
	size_t i = m->domain_count++;
	m->domains[i] = (struct manifest_domain){ 0 };
	return manifestparse_domain(value, &m->domains[i], e) || err_wrap(e, "domains[%zu]", i);
}

/* The plain way: one tree of it all. */
FALLIBLE static bool
read_whole(const char *text, size_t len, struct manifest *m, struct err *e)
{
	JSON_AUTO root = NULL;
	json_t *domains;
	size_t capacity = 0;

	if (!json_parse(text, len, &root, e) || !manifestparse_head(root, m, e) ||
		!json_get_array(root, "domains", &domains, e))
		return false;
	for (size_t i = 0; i < json_array_size(domains); i++) {
		if (!add_domain(m, &capacity, json_array_get(domains, i), e))
			return false;
	}
	return true;
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && strchr(BLANKS, *p))
		p++;
	return p;
}

/* Behind the `[` of the first `"domains": [`; NULL when there is none. */
static const char *
find_domains(const char *text, const char *end, const char **name)
{
	*name = memmem(text, (size_t)(end - text), MEMBER, strlen(MEMBER));
	if (!*name)
		return NULL;
	const char *p = skip_blanks(*name + strlen(MEMBER), end);
	if (p == end || *p != ':')
		return NULL;
	p = skip_blanks(p + 1, end);
	return p < end && *p == '[' ? p + 1 : NULL;
}

/* Parses before + middle + after, which are joined for that. */
FALLIBLE static bool
parse_joined(const char *before, size_t before_len, const char *middle, const char *after,
	size_t after_len, json_t **out, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	buf_add(&text, before, before_len);
	buf_adds(&text, middle);
	buf_add(&text, after, after_len);
	return buf_ok(&text, e) && json_parse(text.data, text.len, out, e);
}

/* The elements from `p` on; *rest: behind the `]`. */
FALLIBLE static bool
read_elements(const char *p, const char *end, struct manifest *m, const char **rest, struct err *e)
{
	size_t capacity = 0;
	for (bool more = true; more;) {
		JSON_AUTO value = NULL;
		size_t used;
		if (!json_parse_next(p, (size_t)(end - p), &value, &used, e) ||
			!add_domain(m, &capacity, value, e))
			return false;
		p = skip_blanks(p + used, end);
		more = p < end && *p == ',';
		p += more;
	}
	*rest = p + 1;
	return (p < end && *p == ']') || err_set(e, ERR_FORMAT, "no end of the domains");
}

/*
 * One domain's tree at a time: a tree of all of them takes eight times the file's size, and most of
 * the time goes into getting that much memory. jansson reads all of it just the same. That what
 * was found is the member of the outermost object, and not of something within it or in a string,
 * is known when the text before it, closed by one brace, is an object.
 */
FALLIBLE static bool
read_by_domain(const char *text, size_t len, struct manifest *m, struct err *e)
{
	JSON_AUTO before = NULL;
	JSON_AUTO head = NULL;
	const char *end = text + len, *name, *rest;
	const char *elements = find_domains(text, end, &name);
	size_t name_at = elements ? (size_t)(name - text) : 0;

	if (!elements)
		return err_set(e, ERR_FORMAT, "no domains");
	return parse_joined(text, name_at, MEMBER ":[]}", "", 0, &before, e) &&
	       read_elements(elements, end, m, &rest, e) &&
	       parse_joined(text, name_at, MEMBER ":[]", rest, (size_t)(end - rest), &head, e) &&
	       manifestparse_head(head, m, e);
}

bool
manifest_parse(const char *text, size_t len, struct manifest *out, struct err *e)
{
	MANIFEST_AUTO m = { 0 };
	struct err why;
	if (!read_by_domain(text, len, &m, &why)) {
		/* Another layout, or something wrong with it: the plain way tells. */
		manifest_free(&m);
		if (!read_whole(text, len, &m, e))
			return false;
	}
	*out = m;
	m = (struct manifest){ 0 };
	return true;
}
