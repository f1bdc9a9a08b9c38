/* SPDX-License-Identifier: ISC */
/*
 * deal: hands a spare's shares to the custodians, and proves from their media that they work.
 */
#ifndef VAULT_DEAL_H
#define VAULT_DEAL_H

#include "vault/holders.h"
#include "vault/signer.h"
#include "vault/spare.h"
#include "vault/state.h"

#define DEAL_SUBSETS 1000 /* k-subsets tried when there are more */

struct deal {
	const struct state *state;   /* the vault's name and key */
	const struct signer *signer; /* whose key the shares name; NULL is enough for proving */
	struct holders *holders;     /* share i + 1 goes to item i */
	unsigned threshold;
	bool detached;
	int64_t created;
};

/* Before anything is written: what an interrupted making of the vault left on the media goes. */
bool deal_sweep(const struct deal *d, struct err *e) FALLIBLE;

/* Signs one share for the one it goes to, with its custodian and commitment filled in, and queues
 * it on that medium. */
bool deal_put(
	const struct deal *d, struct share *share, struct holders_item *to, struct err *e) FALLIBLE;
/* Signs holder `i`'s shares of all the spares and queues them on that holder's medium; deal_sync
 * makes them last. Holders may be served from several threads at once. */
bool deal_write(const struct deal *d, size_t i, const struct spare *spares, size_t count,
	struct err *e) FALLIBLE;
bool deal_sync(const struct deal *d, struct err *e) FALLIBLE;
/* Before proving: media that a person puts in place are asked for once more. */
bool deal_insert_again(const struct deal *d, struct err *e) FALLIBLE;

/*
 * For several spares from several threads at once. Reads all n shares back from the media
 * themselves, verifies each, rebuilds the private key from k of them, compares its pin, and tries
 * every other k-subset (DEAL_SUBSETS random ones when there are more); *subsets says how many.
 * `record` is the sealed record as read back from the vault. Fills s->bare.
 */
bool deal_prove(const struct deal *d, struct spare *s, const struct sealed *record,
	uint64_t *subsets, struct err *e) FALLIBLE;

#endif
