/* SPDX-License-Identifier: ISC */
/*
 * pivkey: the management key of a PIV card: its algorithms (NIST SP 800-78-4, table 6-2), how it is
 * typed, and how it is proven.
 *
 * The key is secret, as it is typed and as it is; the blocks are random numbers that card and host
 * show each other.
 */
#ifndef HSM_PIVKEY_H
#define HSM_PIVKEY_H

#include "hsm/card.h"

#define PIVKEY_REFERENCE 0x9b
#define PIVKEY_BLOCK_MAX 16

struct pivkey_alg {
	const char *name; /* "AES-192" */
	uint8_t id;       /* in GENERAL AUTHENTICATE */
	size_t key_len, block_len;
};

#define PIVKEY_ALGS 4
extern const struct pivkey_alg pivkey_algs[PIVKEY_ALGS]; /* in the order they are tried */
const struct pivkey_alg *pivkey_alg_of(uint8_t id);      /* or NULL */

/* Hexadecimal digits, for any algorithm. ERR_AUTH when it is none. */
bool pivkey_parse(const struct secret *typed, struct secret *out, struct err *e) FALLIBLE;

/* One block of alg->block_len bytes; the key has alg->key_len. */
bool pivkey_crypt(const struct pivkey_alg *alg, const struct secret *key, bool encrypt,
	const uint8_t *in, uint8_t *out, struct err *e) FALLIBLE;

/* GET METADATA of a YubiKey and of those like it; *reply is empty on others. */
bool pivkey_metadata(
	struct card *c, uint8_t reference, struct secret *reply, struct err *e) FALLIBLE;

/* GENERAL AUTHENTICATE, each of both proving it to the other, with the algorithm that the card
 * names, or the first one that it takes. ERR_AUTH when it is the wrong key. */
bool pivkey_prove(struct card *c, const struct secret *typed, struct err *e) FALLIBLE;
/* Form only; after pivkey_prove, that it is as long as the card's. */
bool pivkey_check(const struct card *c, const struct secret *typed, struct err *e) FALLIBLE;
/* SET MANAGEMENT KEY, which is not in the standard, after pivkey_prove. */
bool pivkey_change(struct card *c, const struct secret *fresh, struct err *e) FALLIBLE;

#endif
