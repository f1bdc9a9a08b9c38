/* SPDX-License-Identifier: ISC */
#include "vault/holders.h"

#include "base/place.h"

#include <stdlib.h>
#include <string.h>

void
holders_free(struct holders *h)
{
	for (size_t i = 0; i < h->count; i++)
		medium_close(&h->items[i].medium);
	free(h->items);
	free(h->vault_dir);
	*h = (struct holders){ 0 };
}

/* Of holder `i`'s medium, or of what was inserted for it. The others' are those opened before it
 * and those that are there all the time. */
static bool
check_place(const struct holders *h, size_t i, const struct medium *m, struct err *e)
{
	const char *name = h->items[i].name;
	bool inside = false;

	if (m->path && !place_inside(m->path, h->vault_dir, &inside, e))
		return false;
	if (inside) {
		err_set(e, ERR_REFUSED, "custodian %s: %s is inside the vault folder", name,
			m->spec);
		return err_hint(e, "give each custodian a medium of their own, outside the vault");
	}
	for (size_t j = 0; j < h->count; j++) {
		if (j == i || !medium_overlap(&h->items[j].medium, m))
			continue;
		err_set(e, ERR_REFUSED, "custodians %s and %s have the same medium: %s",
			h->items[j].name, name, m->spec);
		return err_hint(e, "one medium would then hold two shares: give each their own");
	}
	return true;
}

struct insertion {
	const struct holders *holders;
	size_t i;
};

static bool
is_fit(void *context, const struct medium *m, struct err *e)
{
	const struct insertion *in = context;

	return check_place(in->holders, in->i, m, e);
}

bool
holders_insert(struct holders *h, size_t i, bool again, struct err *e)
{
	struct insertion in = { h, i };

	return medium_insert(&h->items[i].medium, again, is_fit, &in, e) ||
	       err_wrap(e, "custodian %s", h->items[i].name);
}

bool
holders_open(const struct medium_host *host, const char *vault_dir, const char *const *names,
	const char *const *specs, size_t count, struct holders *out, struct err *e)
{
	HOLDERS_AUTO h = { 0 };

	h.items = calloc(count ? count : 1, sizeof *h.items);
	h.vault_dir = strdup(vault_dir);
	if (!h.items || !h.vault_dir)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (!share_name_check("custodian", names[i], e) ||
			!medium_open(host, names[i], specs[i], &h.items[i].medium, e))
			return err_wrap(e, "custodian %s", names[i]);
		strcpy(h.items[i].name, names[i]);
		h.count = i + 1;
		if (!check_place(&h, i, &h.items[i].medium, e))
			return false;
	}
	*out = h;
	h = (struct holders){ 0 };
	return true;
}
