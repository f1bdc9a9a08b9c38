/* SPDX-License-Identifier: ISC */
#include "tests/signing.h"

#include "tests/support.h"

const struct signer_kdf *
signing_kdf(void)
{
	const struct signer_kdf *kdf = NULL;
	struct err e;

	assert_ok(signer_kdf_find("interactive", &kdf, &e), &e);
	return kdf;
}

void
signing_make(struct signer *s)
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	assert_ok(entropy_new(&x, &e), &e);
	assert_ok(signer_new(x, s, &e), &e);
}

void
signing_text(struct secret *s, const char *what)
{
	struct err e;

	assert_ok(secret_copy(s, what, strlen(what), &e), &e);
}

void
signing_encode(const struct signer *s, const char *passphrase, struct secret *out)
{
	SECRET_AUTO word = SECRET_NONE;
	const struct secret *given = passphrase ? &word : NULL;
	struct err e;

	if (passphrase)
		signing_text(&word, passphrase);
	assert_ok(signer_encode(s, given, given ? signing_kdf() : NULL, out, &e), &e);
}

bool
signing_decode(const struct secret *file, const char *passphrase, struct signer *out, struct err *e)
{
	SECRET_AUTO word = SECRET_NONE;

	if (passphrase)
		signing_text(&word, passphrase);
	return signer_decode(file, passphrase ? &word : NULL, out, e);
}
