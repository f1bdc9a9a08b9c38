/* SPDX-License-Identifier: ISC */
#include "pins/lintrule.h"

#include "pins/name.h"

#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS "IP:"
#define WILDCARD "*."

static bool
is_address(const char *name)
{
	struct err ignored;
	enum name_kind kind;
	return strncmp(name, ADDRESS, strlen(ADDRESS)) == 0 ||
	       (name_check(name, &kind, &ignored) && kind == NAME_IP);
}

void
lintname_address(struct lint_visit *v)
{
	if (is_address(v->domain->domain))
		lint_say(v, NULL, "the domain is an IP address");
}

void
lintname_address_among(struct lint_visit *v)
{
	for (size_t i = 1; i < v->domain->name_count; i++) {
		if (is_address(v->domain->names[i]))
			lint_say(v, NULL, "%s is no name", v->domain->names[i]);
	}
}

void
lintname_form(struct lint_visit *v)
{
	for (size_t i = 0; i < v->domain->name_count; i++) {
		const char *name = v->domain->names[i];
		enum name_kind kind;
		struct err why;
		if (!is_address(name) && !name_check(name, &kind, &why))
			lint_say(v, NULL, "%s", why.message);
	}
}

void
lintname_public_suffix(struct lint_visit *v)
{
	const psl_ctx_t *list = psl_builtin();
	for (size_t i = 0; list && v->domain->include_subdomains && i < v->domain->name_count;
		i++) {
		const char *name = v->domain->names[i];
		if (!is_address(name) && psl_is_public_suffix(list, name))
			lint_say(v, NULL, "%s is a public suffix, and subdomains are included",
				name);
	}
}

struct named {
	const char *name;
	const struct manifest_domain *domain;
};

static int
compare(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : (x->domain > y->domain) - (x->domain < y->domain);
}

/* Sorted rather than compared each with each: a manifest may have 100,000 names. */
void
lintname_twice(struct lint_visit *v)
{
	size_t count = 0;
	for (size_t i = 0; i < v->m->domain_count; i++)
		count += v->m->domains[i].name_count;
	struct named *names = calloc(count + 1, sizeof *names);
	if (!names) {
		v->failed = true;
		return;
	}
	size_t n = 0;
	for (size_t i = 0; i < v->m->domain_count; i++) {
		for (size_t j = 0; j < v->m->domains[i].name_count; j++)
			names[n++] = (struct named){ v->m->domains[i].names[j], &v->m->domains[i] };
	}
	qsort(names, count, sizeof *names, compare);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(names[i - 1].name, names[i].name) != 0)
			continue;
		v->domain = names[i].domain;
		lint_say(v, NULL, "%s stands under %s, too", names[i].name,
			names[i - 1].domain->domain);
	}
	v->domain = NULL;
	free(names);
}

void
lintname_wildcard(struct lint_visit *v)
{
	for (size_t i = 0; i < v->domain->name_count; i++) {
		if (strncmp(v->domain->names[i], WILDCARD, strlen(WILDCARD)) == 0)
			lint_say(v, NULL, "%s is a wildcard", v->domain->names[i]);
	}
}

void
lintname_okhttp(struct lint_visit *v)
{
	if (v->domain->include_subdomains)
		lint_say(v, NULL, "subdomains are included: `**.%s` for OkHttp", v->domain->domain);
}
