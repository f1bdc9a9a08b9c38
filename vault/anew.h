/* SPDX-License-Identifier: ISC */
/*
 * anew: one lost share of each of several keys, made anew from k others: the same set, the same
 * key-encryption key, a number never given before.
 *
 * The order is admit's: a `begin` line; the shares to their medium, synced; each read back and,
 * with the others read once more, every k-subset that holds it proven; the offline guard once more;
 * then one `commit` line. Whatever fails before it leaves the new shares void, and removes them.
 */
#ifndef VAULT_ANEW_H
#define VAULT_ANEW_H

#include "vault/deal.h"
#include "vault/gather.h"

struct anew_item {
	const struct state_key *key;
	unsigned replaces; /* number of the lost share */
	unsigned number;   /* of the new one */
	char set[SEALED_SET_TEXT];
	struct share share; /* the new one, until it is written; its payload is secret */
	char commitment[SHARE_HASH_TEXT];
	bool bare;        /* out: came back without the sealed key */
	uint64_t subsets; /* out */
};

struct anew {
	struct store *store;
	struct gather *from;
	struct deal deal;      /* one holder; `detached` is each set's own */
	const char *custodian; /* whose share is lost */
	bool allow_online;
	struct anew_item *items;
	size_t count;
	json_t *seen; /* whose shares were read */
	json_t *more; /* further members of the commit line, or NULL */
};

/* What can be refused without a share being read: the lost one is there, the number, and that
 * nobody gets two shares of one set. Fills the items, whose keys are set. */
bool anew_check(struct anew *a, struct err *e) FALLIBLE;
bool anew_run(struct anew *a, struct err *e) FALLIBLE;
void anew_free(struct anew_item *items, size_t count);

#endif
