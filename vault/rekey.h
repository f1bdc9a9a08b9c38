/* SPDX-License-Identifier: ISC */
/*
 * rekey: a successor of the vault's signing key: signed for by the one before, split to the
 * custodians, and the only one to sign from its commit on.
 *
 * It is an admission (admit.h): whatever fails before the commit line leaves the key of before as
 * it was. After it the operator's file of that key is removed.
 */
#ifndef VAULT_REKEY_H
#define VAULT_REKEY_H

#include "vault/admit.h"

struct rekey {
	/* Given. */
	struct store *store;
	const struct signer *old;
	const struct secret *passphrase; /* of the file that the new one gets, too */
	struct holders *holders;
	struct entropy *entropy;
	bool allow_online;

	/* Found. */
	struct signer successor;
	char id[SEALED_KEY_ID_MAX + 1]; /* of its key in the vault */
	uint64_t subsets;
	bool left; /* the file of the key before is still there, and is to be removed */
};
void rekey_free(struct rekey *r);

bool rekey_run(struct rekey *r, struct err *e) FALLIBLE;

#endif
