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
	*h = (struct holders){ 0 };
}

static bool
check_place(const struct holders *h, size_t i, const char *vault, struct err *e)
{
	const struct holders_item *item = &h->items[i];
	bool inside = false;

	if (item->medium.path && !place_inside(item->medium.path, vault, &inside, e))
		return false;
	if (inside) {
		err_set(e, ERR_REFUSED, "custodian %s: %s is inside the vault folder", item->name,
			item->medium.spec);
		return err_hint(e, "give each custodian a medium of their own, outside the vault");
	}
	for (size_t j = 0; j < i; j++) {
		if (strcmp(h->items[j].medium.identity, item->medium.identity) != 0)
			continue;
		err_set(e, ERR_REFUSED, "custodians %s and %s have the same medium: %s",
			h->items[j].name, item->name, item->medium.spec);
		return err_hint(e, "one medium would then hold two shares: give each their own");
	}
	return true;
}

bool
holders_open(const struct medium_host *host, const char *vault_dir, const char *const *names,
	const char *const *specs, size_t count, struct holders *out, struct err *e)
{
	HOLDERS_AUTO h = { 0 };

	h.items = calloc(count ? count : 1, sizeof *h.items);
	if (!h.items)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (!share_name_check("custodian", names[i], e) ||
			!medium_open(host, names[i], specs[i], &h.items[i].medium, e))
			return err_wrap(e, "custodian %s", names[i]);
		strcpy(h.items[i].name, names[i]);
		h.count = i + 1;
		if (!check_place(&h, i, vault_dir, e))
			return false;
	}
	*out = h;
	h = (struct holders){ 0 };
	return true;
}
