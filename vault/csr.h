/* SPDX-License-Identifier: ISC */
/*
 * csr: certificate signing requests (PKCS#10, RFC 2986) for the vault's keys.
 *
 * Subject, subjectAltName as the one requested extension (critical where the subject is empty), no
 * other attribute; signed with the algorithm's digest, any nonce from the mix. Public output.
 */
#ifndef VAULT_CSR_H
#define VAULT_CSR_H

#include "base/buf.h"
#include "pins/alg.h"
#include "vault/entropy.h"

#define CSR_CN_MAX 64 /* ub-common-name, RFC 5280 appendix A.1 */

struct csr_request {
	/* "/C=FR/O=Example/CN=example.org", UTF-8, '\' before a '/' that is meant; or NULL: CN =
	 * first name, left out over CSR_CN_MAX */
	const char *subject;
	char *const *names; /* name_san forms, the domain first */
	size_t name_count;
};

/* PEM. ERR_USAGE for a malformed subject. */
bool csr_make(EVP_PKEY *key, const struct alg *alg, const struct csr_request *r, struct entropy *x,
	struct buf *out, struct err *e) FALLIBLE;

/* Checks form, before any key is made. */
bool csr_subject_check(const char *subject, struct err *e) FALLIBLE;

#endif
