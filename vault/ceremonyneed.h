/* SPDX-License-Identifier: ISC */
/*
 * ceremonyneed: what a ceremony will take: room on each medium and in the folders, and time on this
 * machine.
 *
 * Measured, not looked up: a few keys of each algorithm are made, put into CSRs, sealed and split
 * as the ceremony will do it, and thrown away. Making an RSA key takes now half, now twice the
 * mean.
 */
#ifndef VAULT_CEREMONYNEED_H
#define VAULT_CEREMONYNEED_H

#include "vault/plan.h"

struct ceremonyneed_alg {
	const struct alg *alg;
	double seconds;       /* for one key, with all processors at work */
	struct sealed sealed; /* one such key's record: the sizes count */
	size_t csr, public_pem;
};

struct ceremonyneed {
	struct ceremonyneed_alg algorithms[17]; /* the plan's, then ed25519 for the signing key */
	size_t algorithm_count;
	double keys_seconds;       /* all keys */
	double passphrase_seconds; /* one use of the operator's passphrase */
};
#define CEREMONYNEED_AUTO __attribute__((cleanup(ceremonyneed_free))) struct ceremonyneed
void ceremonyneed_free(struct ceremonyneed *n);

/* Takes a few seconds. */
bool ceremonyneed_measure(const struct plan *p, struct ceremonyneed *out, struct err *e) FALLIBLE;

/* Bytes that all shares of this custodian take: each rounded up to `block`, as texts or, `packed`,
 * in their binary form, with their sealed keys or without. */
bool ceremonyneed_shares(const struct ceremonyneed *n, const struct plan *p,
	const struct plan_custodian *c, bool packed, bool detached, uint64_t block, uint64_t *out,
	struct err *e) FALLIBLE;

/* Bytes of the vault's folder and of the export folder, rounded up in the same way; generous. */
uint64_t ceremonyneed_vault(const struct ceremonyneed *n, const struct plan *p, uint64_t block);
uint64_t ceremonyneed_export(const struct ceremonyneed *n, const struct plan *p, uint64_t block);

#endif
