/* SPDX-License-Identifier: ISC */
#include "tests/signing.h"
#include "tests/support.h"

#include "base/file.h"

#define DATA "pins of example.org\n"
#define COMMENT "vault Example Ops, serial 3"
#define PASSPHRASE "correct horse"

static void
put(void **state, const char *name, const void *data, size_t len)
{
	struct err e;

	assert_ok(file_write_new(support_path(state, name), 0600, data, len, &e), &e);
}

static void
put_signer(void **state, const struct signer *s, const char *passphrase)
{
	SECRET_AUTO file = SECRET_NONE;
	BUF_AUTO pub = BUF_NONE;

	signing_encode(s, passphrase, &file);
	put(state, "our.sec", file.data, file.len);
	minisign_pub_file(&s->pub, &pub);
	put(state, "our.pub", pub.data, pub.len);
	put(state, "data", DATA, strlen(DATA));
}

static void
verify_file(void **state, const struct signer *s)
{
	BUF_AUTO file = BUF_NONE;
	struct minisign_sig sig;
	struct err e;

	assert_ok(file_read(support_path(state, "data.minisig"), FILE_LIMIT, &file, &e), &e);
	assert_ok(minisign_sig_parse(file.data, file.len, &sig, &e), &e);
	assert_ok(minisign_verify(&s->pub, &sig, DATA, strlen(DATA), &e), &e);
}

static void
minisign_signs_with_our_encrypted_file(void **state)
{
	SIGNER_AUTO s = { 0 };

	signing_make(&s);
	put_signer(state, &s, PASSPHRASE);
	support_run(state, "echo '" PASSPHRASE "' | minisign -S -s our.sec -m data");
	support_run(state, "minisign -V -p our.pub -m data");
	verify_file(state, &s);
}

static void
minisign_signs_with_our_unencrypted_file(void **state)
{
	SIGNER_AUTO s = { 0 };

	signing_make(&s);
	put_signer(state, &s, NULL);
	support_run(state, "minisign -S -s our.sec -m data </dev/null");
	verify_file(state, &s);
}

static void
minisign_verifies_our_signature(void **state)
{
	SIGNER_AUTO s = { 0 };
	BUF_AUTO sig = BUF_NONE;
	struct err e;

	signing_make(&s);
	put_signer(state, &s, PASSPHRASE);
	assert_ok(signer_minisig(&s, DATA, strlen(DATA), COMMENT, &sig, &e), &e);
	put(state, "data.minisig", sig.data, sig.len);
	support_run(
		state, "minisign -V -p our.pub -m data | grep -qx 'Trusted comment: " COMMENT "'");
	support_run(state, "echo >>data; ! minisign -V -p our.pub -m data");
}

static void
we_sign_with_minisigns_own_unencrypted_file(void **state)
{
	SECRET_AUTO file = SECRET_NONE;
	SECRET_AUTO again = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	BUF_AUTO sig = BUF_NONE;
	struct err e;

	support_run(state, "minisign -G -W -p its.pub -s its.sec");
	assert_ok(file_read_secret(support_path(state, "its.sec"), FILE_LIMIT, &file, &e), &e);
	assert_ok(signing_decode(&file, NULL, &s, &e), &e);
	assert_ok(signer_minisig(&s, DATA, strlen(DATA), COMMENT, &sig, &e), &e);
	put(state, "data", DATA, strlen(DATA));
	put(state, "data.minisig", sig.data, sig.len);
	support_run(state, "minisign -V -p its.pub -m data");
	signing_encode(&s, NULL, &again);
	assert_int_equal(again.len, file.len);
	assert_memory_equal(again.data, file.data, file.len);
}

/* Made by minisign 0.11 with the passphrase "pw", at its own cost. */
static const char minisigns[] = "untrusted comment: minisign encrypted secret key\n"
				"RWRTY0IyTH67BHFctLSOqyPQFgnOBQrMeGEKGxJMkJMUbz3BjKYAAAACAAAAAAAAAE"
				"AAAAAAABY77Su9NDlcqsaTo0H3"
				"vVi1UH6p3PlEskE3qfUvpHMvx+qPQxHLAw+k20iJww45/"
				"zEt5jM7GY7OlV7lWLTFrsm05ef8TRRShtJwFfb6ILZ4DgWy"
				"Fb6W8wewCzHzfMIXCWKSfJs5EG0=\n";

static void
sensitive_is_the_cost_of_minisigns_own_files(void **state)
{
	const struct signer_kdf *kdf = NULL;
	SECRET_AUTO file = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	char pub[MINISIGN_PUB_TEXT];
	struct err e;

	(void)state;
	signing_text(&file, minisigns);
	assert_ok(signing_decode(&file, "pw", &s, &e), &e);
	minisign_pub_encode(&s.pub, pub);
	assert_string_equal(pub, "RWT9JTSIvpnjv2q92/Of+c2nYCLr+hKQDVwNcVus2tGDpZMFp05/lKlD");
	assert_ok(signer_kdf_find("sensitive", &kdf, &e), &e);
	assert_int_equal(kdf->opslimit, 0x2000000);
	assert_int_equal(kdf->memlimit, 0x40000000);
	assert_fails(signer_kdf_find("cheap", &kdf, &e), &e, ERR_USAGE, "cheap");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(minisign_signs_with_our_encrypted_file),
		unit_in_dir(minisign_signs_with_our_unencrypted_file),
		unit_in_dir(minisign_verifies_our_signature),
		unit_in_dir(we_sign_with_minisigns_own_unencrypted_file),
		unit(sensitive_is_the_cost_of_minisigns_own_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
