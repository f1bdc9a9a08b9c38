/* SPDX-License-Identifier: ISC */
/*
 * privout: the forms in which a recovered private key is written to a file.
 *
 * Encrypted forms: PBES2 with AES-256-CBC and PBKDF2-HMAC-SHA256 of PRIVOUT_ROUNDS (RFC 8018;
 * PKCS#12 likewise, RFC 7292, its MAC too). Plain forms only when the caller says so.
 */
#ifndef VAULT_PRIVOUT_H
#define VAULT_PRIVOUT_H

#include "base/secret.h"

#include <openssl/types.h>

#define PRIVOUT_ROUNDS 600000

struct privout {
	EVP_PKEY *key;
	const struct secret *passphrase; /* NULL: plain */
	const char *name;                /* the key id: PKCS#12 friendly name, minisign comment */
	const char *chain;               /* PEM certificates, leaf first, or NULL */
	size_t chain_len;
	const uint8_t *minisign_id; /* the vault key's id, MINISIGN_ID_LEN bytes: for "minisign";
				      NULL: not known */
};

enum privout_chain { PRIVOUT_NO_CHAIN, PRIVOUT_MAY_CHAIN, PRIVOUT_CHAIN };

struct privout_format {
	const char *name; /* "pkcs8", "pkcs12", "bundle", "minisign" */
	const char *help;
	enum privout_chain chain; /* whether it holds the certificates, too */
	bool (*write)(const struct privout *p, struct secret *out, struct err *e);
};
extern const struct privout_format privout_formats[]; /* name NULL ends */

/* ERR_USAGE, listing the formats. */
bool privout_find(const char *name, const struct privout_format **out, struct err *e) FALLIBLE;

#endif
