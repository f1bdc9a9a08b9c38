/* SPDX-License-Identifier: ISC */
/*
 * anchor: whose signature on a share counts: the vault folder's key, or --key, or nobody's.
 *
 * Shares bring their own vault key, and forged shares would too. So without an anchor the key they
 * name is shown in words, as checked against nothing, and a person has to say yes to it.
 */
#ifndef VAULT_ANCHOR_H
#define VAULT_ANCHOR_H

#include "base/encode.h"
#include "base/opt.h"
#include "vault/store.h"

#define ANCHOR_WORDS 8 /* bytes of the fingerprint shown, a word each */

/* Row for the table of options of every command that reads shares. */
#define ANCHOR_OPTION                                                                              \
	{                                                                                          \
		"key", OPT_ONE, "PUB", "the vault's public key: vault.pub, or its base64"          \
	}

/* *known says whether there is an anchor. `store` may be NULL. A --key that is not the vault
 * folder's key: ERR_AUTH. */
bool anchor_resolve(const struct opts *o, const struct store *store, bool *known,
	struct minisign_pub *out, struct err *e) FALLIBLE;

/* Whether the vault key that an authentic share names may have signed it: the one of today, or for
 * the sets from its time, one of before. */
bool anchor_signed_set(const struct state *s, const struct share *share);

/* What is left of a vault folder for a command that has no other use for it. */
struct anchor {
	bool known;
	struct minisign_pub key;
	json_t *sets; /* set -> the earlier vault key that signed its shares, in base64 */
};
#define ANCHOR_AUTO __attribute__((cleanup(anchor_free))) struct anchor
void anchor_free(struct anchor *a);
/* As anchor_resolve; the folder is opened for reading where one is named, and closed again. */
bool anchor_open(const struct opts *o, struct anchor *out, struct err *e) FALLIBLE;
/* The key that a share is to be verified by: where nothing is known, the one that it names. */
const struct minisign_pub *anchor_for(const struct anchor *a, const struct share *s);

/* The key's digest: BLAKE2b-256 of its base64 text. */
void anchor_digest(const struct minisign_pub *key, char out[static ENCODE_HASH_HEX]);

/* "RWQ... (word word ...)": the key, and the first words of its digest, to be read aloud. */
void anchor_describe(const struct minisign_pub *key, struct buf *out);

/* Shows the key as checked against nothing and wants a typed yes: ERR_REFUSED otherwise. */
bool anchor_confirm(const struct minisign_pub *key, struct err *e) FALLIBLE;
/* The same for what is not shares: `who` as "The manifest names", `forged` as "A forged one". */
bool anchor_confirm_named(const char *who, const char *forged, const struct minisign_pub *key,
	struct err *e) FALLIBLE;

#endif
