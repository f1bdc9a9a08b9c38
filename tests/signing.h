/* SPDX-License-Identifier: ISC */
/*
 * signing: signing keys for tests, and their files under passphrases that stand in the test.
 */
#ifndef TESTS_SIGNING_H
#define TESTS_SIGNING_H

#include "vault/signer.h"

void signing_make(struct signer *s);
void signing_text(struct secret *s, const char *what);
const struct signer_kdf *signing_kdf(void); /* interactive */

/* With NULL for a passphrase: unencrypted. */
void signing_encode(const struct signer *s, const char *passphrase, struct secret *out);
bool signing_decode(
	const struct secret *file, const char *passphrase, struct signer *out, struct err *e);

#endif
