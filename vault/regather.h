/* SPDX-License-Identifier: ISC */
/*
 * regather: a key of the vault brought back in memory, to give its custodians other shares.
 */
#ifndef VAULT_REGATHER_H
#define VAULT_REGATHER_H

#include "vault/gather.h"

/* The shares of its current set, in *q, and what they give: the key-encryption key and the private
 * key, whose pin is the vault's. Names the shares that could not be used on standard error. */
bool regather_key(struct gather *g, const struct store *s, const struct state_key *k,
	struct quorum *q, struct secret *kek, EVP_PKEY **out, struct err *e) FALLIBLE;

/* The same with one more record, a share that has just been made: it comes last in *q, wherever
 * else it was found. An err says why, when it is none of the set's good shares. `record` is
 * consumed. */
bool regather_with(struct gather *g, const struct store *s, const struct state_key *k,
	struct medium_records *record, struct quorum *q, struct secret *kek, EVP_PKEY **out,
	struct err *e) FALLIBLE;

/* The numbers of the shares, in their order. NULL when out of memory. */
json_t *regather_numbers(const struct quorum *q);

/* Appends {"key", "set", "custodians", "numbers"}: whose shares were read, as the journal has it.
 */
bool regather_record(const struct quorum *q, json_t *from, struct err *e) FALLIBLE;

#endif
