/* SPDX-License-Identifier: ISC */
/*
 * issued: the chain of certificates that a CA issued for one of the vault's keys.
 *
 * Public data. What is checked: that the leaf is of the key, is no CA's, covers every name, has not
 * expired; that every other certificate is on its way up, by name and signature. Whom to trust is
 * not: a vault knows no trust store.
 */
#ifndef VAULT_ISSUED_H
#define VAULT_ISSUED_H

#include "pins/pubfile.h"
#include "vault/state.h"

#include <stdint.h>

#define ISSUED_SERIAL_TEXT 41 /* 20 octets (RFC 5280 section 4.1.2.2) in hex, and the NUL */

struct issued {
	struct pubfile file;
	const struct pubfile_item **chain; /* the leaf first, each certificate once; of `file` */
	size_t count;
	char serial[ISSUED_SERIAL_TEXT]; /* of the leaf: lower-case hex */
	int64_t not_before, not_after;
	struct buf warnings; /* lines for standard error, or nothing */
};
#define ISSUED_AUTO __attribute__((cleanup(issued_free))) struct issued
void issued_free(struct issued *i);

/* Reads the chain from a PEM or DER file, in any order. ERR_REFUSED when it is not for this key and
 * these names, or not to be used any more; ERR_FORMAT when it is no chain. */
bool issued_load(const char *path, const struct state_key *key, const struct state_domain *domain,
	int64_t now, struct issued *out, struct err *e) FALLIBLE;

/* PEM, the leaf first. */
bool issued_encode(const struct issued *i, struct buf *out, struct err *e) FALLIBLE;

#endif
