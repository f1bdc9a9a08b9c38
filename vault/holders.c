/* SPDX-License-Identifier: ISC */
#include "vault/holders.h"

#include "base/file.h"

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

/* The vault's canonical path; when it does not exist yet, its parent's and its name. NULL when even
 * the parent is not there: then no medium can be inside. */
static char *
canonical(const char *dir)
{
	char *real = realpath(dir, NULL);
	AUTO_STR copy = NULL;
	AUTO_STR parent = NULL;
	char *slash, *joined = NULL;
	struct err ignored;

	if (real)
		return real;
	copy = strdup(dir);
	if (!copy)
		return NULL;
	for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
		copy[n - 1] = '\0';
	slash = strrchr(copy, '/');
	if (slash)
		*slash = '\0';
	parent = realpath(slash == copy ? "/" : slash ? copy : ".", NULL);
	if (!parent || !file_path(&joined, &ignored, "%s/%s", parent, slash ? slash + 1 : copy))
		return NULL;
	return joined;
}

static bool
is_inside(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool
check_place(const struct holders *h, size_t i, const char *vault, struct err *e)
{
	const struct holders_item *item = &h->items[i];

	if (vault && item->medium.path && is_inside(item->medium.path, vault)) {
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
holders_open(const char *vault_dir, const char *const *names, const char *const *specs,
	size_t count, struct holders *out, struct err *e)
{
	HOLDERS_AUTO h = { 0 };
	AUTO_STR vault = canonical(vault_dir);

	h.items = calloc(count ? count : 1, sizeof *h.items);
	if (!h.items)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (!share_name_check("custodian", names[i], e) ||
			!medium_open(specs[i], &h.items[i].medium, e))
			return err_wrap(e, "custodian %s", names[i]);
		strcpy(h.items[i].name, names[i]);
		h.count = i + 1;
		if (!check_place(&h, i, vault, e))
			return false;
	}
	*out = h;
	h = (struct holders){ 0 };
	return true;
}
