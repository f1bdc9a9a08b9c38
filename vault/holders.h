/* SPDX-License-Identifier: ISC */
/*
 * holders: the custodians of one splitting with their media opened: who gets which share.
 */
#ifndef VAULT_HOLDERS_H
#define VAULT_HOLDERS_H

#include "shares/medium.h"
#include "shares/share.h"

struct holders_item {
	char name[SHARE_NAME_MAX + 1];
	struct medium medium;
};
struct holders {
	char *vault_dir;
	struct holders_item *items; /* item i gets share i + 1 of every key */
	size_t count;
};
#define HOLDERS_AUTO __attribute__((cleanup(holders_free))) struct holders
/* Closes the media: what was written to them and not kept is removed. */
void holders_free(struct holders *h);

/* Opens each custodian's medium. Two custodians on one medium, or a medium inside the vault
 * folder (which need not exist yet): ERR_REFUSED. */
bool holders_open(const struct medium_host *host, const char *vault_dir, const char *const *names,
	const char *const *specs, size_t count, struct holders *out, struct err *e) FALLIBLE;

/* Has holder `i`'s medium put in place where a person does that, `again` to be read back: one that
 * is none of the others' and not inside the vault folder. */
bool holders_insert(struct holders *h, size_t i, bool again, struct err *e) FALLIBLE;

#endif
