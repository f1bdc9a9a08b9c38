/* SPDX-License-Identifier: ISC */
#include "vault/intakenames.h"

#include "pins/name.h"

#include <stdlib.h>
#include <string.h>

void
intakenames_free(struct state_domain *d)
{
	for (size_t i = 0; i < d->name_count; i++)
		free(d->names[i]);
	free(d->names);
	free(d->name);
	*d = (struct state_domain){ 0 };
}

static bool
add_name(struct state_domain *d, const char *name, struct err *e)
{
	char *copy;

	if (state_has_name(d, name))
		return err_set(e, ERR_USAGE, "the name %s is given twice", name);
	copy = strdup(name);
	if (!copy)
		return err_set(e, ERR_MEMORY, "out of memory");
	d->names[d->name_count++] = copy;
	return true;
}

static bool
same_names(const struct state_domain *a, const struct state_domain *b)
{
	for (size_t i = 0; i < a->name_count; i++)
		if (!state_has_name(b, a->names[i]))
			return false;
	return a->name_count == b->name_count;
}

/* The names that a domain has are those of its CSRs: another list would make them disagree. */
static bool
settle_names(const struct state_domain *known, struct state_domain *d, struct err *e)
{
	if (!known || known->name_count == 0)
		return true;
	if (d->name_count > 1 && !same_names(known, d)) {
		err_set(e, ERR_REFUSED, "%s has keys with other names than these", d->name);
		return err_hint(e,
			"leave --san out to use the names it has: `policy --domain %s` shows "
			"them, and with --san it changes them",
			d->name);
	}
	for (size_t i = 1; i < d->name_count; i++)
		free(d->names[i]);
	d->name_count = 1;
	for (size_t i = 1; i < known->name_count; i++)
		if (!add_name(d, known->names[i], e))
			return false;
	return true;
}

/* With room for `more` names of another list. */
static bool
read_names(const struct opts *o, const char *domain, size_t more, struct state_domain *d,
	struct err *e)
{
	char name[NAME_MAX_DNS + 4];
	size_t sans = opt_count(o, "san");

	d->name = strdup(domain);
	d->names = calloc(1 + sans + more, sizeof *d->names);
	if (!d->name || !d->names)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!add_name(d, domain, e))
		return false;
	for (size_t i = 0; i < sans; i++)
		if (!name_san(opt_nth(o, "san", i), name, e) || !add_name(d, name, e))
			return err_wrap(e, "--san %s", opt_nth(o, "san", i));
	return true;
}

bool
intakenames_given(const struct opts *o, const char *domain, struct state_domain *out, struct err *e)
{
	__attribute__((cleanup(intakenames_free))) struct state_domain d = { 0 };

	if (!read_names(o, domain, 0, &d, e))
		return false;
	*out = d;
	d = (struct state_domain){ 0 };
	return true;
}

bool
intakenames_read(
	const struct opts *o, const struct state *state, struct state_domain *out, struct err *e)
{
	__attribute__((cleanup(intakenames_free))) struct state_domain d = { 0 };
	char name[NAME_MAX_DNS + 1];

	if (!opt_get(o, "domain"))
		return err_set(e, ERR_USAGE, "--domain is missing");
	if (!name_domain(opt_get(o, "domain"), name, e))
		return err_wrap(e, "--domain");
	const struct state_domain *known = state_find_domain(state, name);
	if (!read_names(o, name, known ? known->name_count : 0, &d, e) ||
		!settle_names(known, &d, e))
		return false;
	*out = d;
	d = (struct state_domain){ 0 };
	return true;
}
