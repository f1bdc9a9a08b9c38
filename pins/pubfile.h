/* SPDX-License-Identifier: ISC */
/*
 * pubfile: the public things a PEM or DER file holds: keys, CSRs, certificates, chains.
 *
 * Reads public data only. A private key in the file is passed over here and counted in
 * `private_keys`: reading those is the vault's business.
 */
#ifndef PINS_PUBFILE_H
#define PINS_PUBFILE_H

#include "pins/pin.h"

#include <openssl/x509.h>

enum pubfile_kind { PUBFILE_KEY, PUBFILE_CSR, PUBFILE_CERTIFICATE };
const char *pubfile_kind_name(enum pubfile_kind kind); /* "public key", "CSR", "certificate" */

struct pubfile_item {
	enum pubfile_kind kind;
	struct pin pin;
	char algorithm[32]; /* alg_describe */
	char *subject;      /* RFC 2253, printable; NULL for a bare key */
	char *issuer;       /* likewise; NULL for what is no certificate */
	X509 *certificate;  /* owned; NULL unless kind is PUBFILE_CERTIFICATE */
	X509_REQ *csr;      /* owned; NULL unless kind is PUBFILE_CSR */
	EVP_PKEY *key;      /* owned; the public key */
};

struct pubfile {
	struct pubfile_item *items; /* in the file's order */
	size_t count;
	size_t private_keys; /* PEM private-key blocks passed over */
};
#define PUBFILE_AUTO __attribute__((cleanup(pubfile_free))) struct pubfile

/* ERR_FORMAT when there is neither a public thing nor a private key in it, or a PEM block is
 * damaged: the message says which block. */
bool pubfile_parse(const uint8_t *data, size_t len, struct pubfile *out, struct err *e) FALLIBLE;
bool pubfile_load(const char *path, struct pubfile *out, struct err *e) FALLIBLE;
/* What an X.509 time says, in seconds since 1970; false when that is no time. */
bool pubfile_time(const ASN1_TIME *t, int64_t *out);
void pubfile_free(struct pubfile *f);

#endif
