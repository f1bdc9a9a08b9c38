/* SPDX-License-Identifier: ISC */
#include "vault/statedomain.h"

#include "vault/statebuild.h"

#include <stdlib.h>

bool
statedomain_join(struct state *s, struct state_key *k, struct err *e)
{
	struct state_domain *d;

	if (!k->domain)
		return true;
	if (!statebuild_domain(s, k->domain, &d, e))
		return false;
	struct state_key **keys = statebuild_room(d->keys, d->key_count, sizeof(*keys), e);
	if (!keys)
		return false;
	d->keys = keys;
	keys[d->key_count++] = k;
	return true;
}

static void
drop_names(struct state_domain *d)
{
	for (size_t i = 0; i < d->name_count; i++)
		free(d->names[i]);
	free(d->names);
	d->names = NULL;
	d->name_count = 0;
}

bool
statedomain_take(struct state *s, const json_t *domain, struct err *e)
{
	const char *name;
	json_t *names, *text;
	struct state_domain *d;
	size_t i;

	if (!json_get_str(domain, "domain", &name, e) ||
		!json_get_array(domain, "names", &names, e) || !statebuild_domain(s, name, &d, e))
		return false;
	if (json_array_size(names) == 0)
		return err_set(e, ERR_FORMAT, "the domain %s has no names", name);
	drop_names(d);
	d->names = calloc(json_array_size(names), sizeof(*d->names));
	if (!d->names)
		return err_set(e, ERR_MEMORY, "out of memory");
	json_array_foreach(names, i, text)
	{
		if (!json_is_string(text))
			return err_set(e, ERR_FORMAT, "a name of %s is no string", name);
		if (!statebuild_copy(&d->names[i], json_string_value(text), e))
			return false;
		d->name_count++;
	}
	return true;
}

bool
statedomain_take_all(struct state *s, const json_t *domain, struct err *e)
{
	const json_t *each;
	size_t i;

	if (!domain || json_is_null(domain))
		return true;
	if (!json_is_array(domain))
		return statedomain_take(s, domain, e);
	json_array_foreach(domain, i, each)
	{
		if (!statedomain_take(s, each, e))
			return false;
	}
	return true;
}
