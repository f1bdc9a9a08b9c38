/* SPDX-License-Identifier: ISC */
#include "tests/keyfile.h"
#include "tests/support.h"

#include "base/buf.h"
#include "base/file.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>

#define MAKE_FORMS                                                                                 \
	"for a in RSA EC ED25519; do case $a in EC) o='-pkeyopt ec_paramgen_curve:P-384';;"        \
	" RSA) o='-pkeyopt rsa_keygen_bits:2048';; *) o=;; esac;"                                  \
	"openssl genpkey -algorithm $a $o -out $a.p8 && p='openssl pkcs8 -topk8 -in' &&"           \
	"$p $a.p8 -nocrypt -outform DER -out $a.p8.der && w='-passout pass:word' &&"               \
	"$p $a.p8 $w -out $a.pbkdf2.enc && $p $a.p8 $w -outform DER -out $a.pbkdf2.enc.der &&"     \
	"$p $a.p8 $w -scrypt -out $a.scrypt.enc && $p $a.p8 $w -v1 PBE-SHA1-3DES -out $a.3des.enc" \
	" || exit 1; done;"                                                                        \
	"for a in RSA EC; do t='openssl pkey -traditional -in' && $t $a.p8 -out $a.trad &&"        \
	" $t $a.p8 -outform DER -out $a.trad.der && $t $a.p8 -aes256 -passout pass:word"           \
	" -out $a.trad.enc || exit 1; done;"

/* One folder for every test that reads them. */
static void *folder;

static int
forms_setup(void **state)
{
	(void)state;
	support_dir_setup(&folder);
	support_run(&folder, MAKE_FORMS);
	return 0;
}

static int
forms_teardown(void **state)
{
	(void)state;
	return support_dir_teardown(&folder);
}

static void
every_form_of_a_private_key_is_read(void **state)
{
	static const char *const algorithms[] = { "RSA", "EC", "ED25519" };
	static const char *const forms[] = { "p8", "p8.der", "pbkdf2.enc", "pbkdf2.enc.der",
		"scrypt.enc", "3des.enc", "trad", "trad.der", "trad.enc" };
	size_t read = 0;
	struct err e;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		AUTO_EVP_PKEY first = NULL;
		for (size_t j = 0; j < 9; j++) {
			AUTO_EVP_PKEY key = NULL;
			BUF_AUTO name = BUF_NONE;
			struct keyfile_answer a = { .passphrase = "word" };
			buf_addf(&name, "%s.%s", algorithms[i], forms[j]);
			if (!file_exists(support_path(&folder, name.data)))
				continue;
			if (!keyfile_parse(&folder, name.data, &a, &key, &e))
				fail_msg("%s: %s", name.data, e.message);
			assert_ok(privkey_check(key, NULL, &e), &e);
			assert_int_equal(a.asked, strstr(forms[j], "enc") ? 1 : 0);
			if (!first) {
				first = key;
				EVP_PKEY_up_ref(key);
			}
			assert_int_equal(EVP_PKEY_eq(first, key), 1);
			read++;
		}
	}
	assert_int_equal(read, 9 + 9 + 6);
}

static void
a_wrong_passphrase_is_not_authentic(void **state)
{
	static const char *const files[] = { "RSA.pbkdf2.enc", "EC.pbkdf2.enc.der",
		"ED25519.scrypt.enc", "EC.3des.enc", "RSA.trad.enc", "EC.trad.enc" };
	EVP_PKEY *key = NULL;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct keyfile_answer wrong = { .passphrase = "wort" };
		struct keyfile_answer none = { .passphrase = NULL };
		assert_fails(keyfile_parse(&folder, files[i], &wrong, &key, &e), &e, ERR_AUTH,
			"wrong passphrase");
		assert_fails(keyfile_parse(&folder, files[i], &none, &key, &e), &e, ERR_REFUSED,
			"no terminal");
		assert_int_equal(none.asked, 1);
		assert_fails(keyfile_parse(&folder, files[i], NULL, &key, &e), &e, ERR_AUTH,
			"is encrypted");
	}
	assert_null(key);
}

/* One in 256 gets past the padding, and what comes out then is noise. */
static void
no_wrong_passphrase_of_a_thousand_passes_for_damage(void **state)
{
	SECRET_AUTO pkcs8 = SECRET_NONE;
	SECRET_AUTO traditional = SECRET_NONE;
	EVP_PKEY *key = NULL;
	char word[16];
	struct err e;

	support_run(state, "openssl ecparam -name prime256v1 -genkey -noout -out k &&"
			   "openssl pkcs8 -topk8 -iter 1 -in k -passout pass:word -out pkcs8 &&"
			   "openssl ec -in k -aes128 -passout pass:word -out traditional");
	keyfile_read(state, "pkcs8", &pkcs8);
	keyfile_read(state, "traditional", &traditional);
	for (int i = 0; i < 1000; i++) {
		snprintf(word, sizeof(word), "word%d", i);
		struct keyfile_answer a = { .passphrase = word };
		assert_fails(
			privkey_parse(&pkcs8, keyfile_ask, &a, &key, &e), &e, ERR_AUTH, "wrong");
		assert_fails(privkey_parse(&traditional, keyfile_ask, &a, &key, &e), &e, ERR_AUTH,
			"wrong");
	}
}

static void
what_surrounds_a_key_is_passed_over(void **state)
{
	static const char *const files[] = { "params", "cert", "crlf", "text" };
	struct err e;

	support_run(state,
		"openssl ecparam -name prime256v1 -genkey -out params &&"
		"openssl pkey -in params -out p8 &&"
		"openssl req -x509 -new -key p8 -subj /CN=x -out c && cat c p8 c >cert &&"
		"sed 's/$/\\r/' p8 >crlf && { echo words; echo; cat p8; echo words; } >text");
	for (size_t i = 0; i < 4; i++) {
		AUTO_EVP_PKEY key = NULL;
		assert_ok(keyfile_parse(state, files[i], NULL, &key, &e), &e);
		assert_ok(privkey_check(key, NULL, &e), &e);
	}
}

/* The EC key in `from`, its id-ecPublicKey turned into an OID that nobody has. */
static void
write_unknown_kind(void **state, const char *from, const char *to)
{
	static const uint8_t ec[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	SECRET_AUTO file = SECRET_NONE;

	keyfile_read(state, from, &file);
	uint8_t *oid = memmem(file.data, file.len, ec, sizeof(ec));
	assert_non_null(oid);
	oid[sizeof(ec) - 1] = 0x77;
	keyfile_write(state, to, file.data, file.len);
}

static void
files_without_a_private_key_are_malformed(void **state)
{
	static const struct {
		const char *name;
		const char *message;
	} rows[] = {
		{ "empty", "no private key" },
		{ "public", "no private key" },
		{ "cert", "no private key" },
		{ "cert.der", "no private key" },
		{ "pkcs1", "no private key" },
		{ "noise", "no private key" },
		{ "begin", "damaged" },
		{ "cut", "damaged" },
		{ "hole", "damaged" },
		{ "flip", "damaged" },
		{ "ssh", "OpenSSH" },
		{ "rc2", "encryption" },
		{ "oid", "cannot be read" },
	};
	EVP_PKEY *key = NULL;
	struct err e;

	support_run(state,
		"openssl ecparam -name prime256v1 -genkey -noout -out t && openssl pkey -in t -out "
		"k &&"
		": >empty && openssl pkey -in k -pubout -out public &&"
		"openssl req -x509 -new -key k -subj /CN=x -out cert &&"
		"openssl x509 -in cert -outform DER -out cert.der &&"
		"head -c 5000 /dev/urandom >noise && head -n 1 k >begin && head -n 2 k >cut &&"
		"sed 2d k >hole && sed '2s/^./!/' k >flip &&"
		"printf '%s\\n' '-----BEGIN OPENSSH PRIVATE KEY-----' AAAA"
		" '-----END OPENSSH PRIVATE KEY-----' >ssh &&"
		"openssl pkcs8 -topk8 -in k -passout pass:x -v1 PBE-SHA1-RC2-40 -provider legacy"
		" -provider default -out rc2 &&"
		"openssl pkcs8 -topk8 -nocrypt -in k -outform DER -out der");
	write_unknown_kind(state, "der", "oid");
	BUF_AUTO command = BUF_NONE;
	buf_addf(&command, "openssl rsa -in %s -RSAPublicKey_out -outform DER -out pkcs1",
		support_path(&folder, "RSA.p8"));
	support_run(state, command.data);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct keyfile_answer a = { .passphrase = "x" };
		if (keyfile_parse(state, rows[i].name, &a, &key, &e))
			fail_msg("%s was read", rows[i].name);
		if (e.code != ERR_FORMAT || !strstr(e.message, rows[i].message))
			fail_msg("%s: %s: %s", rows[i].name, err_name(e.code), e.message);
	}
}

static void
every_truncation_is_malformed(void **state)
{
	static const char *const files[] = { "RSA.p8.der", "EC.p8.der", "EC.trad.der",
		"ED25519.p8.der", "EC.pbkdf2.enc.der", "EC.p8", "EC.pbkdf2.enc", "EC.trad.enc" };
	EVP_PKEY *key = NULL;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		SECRET_AUTO file = SECRET_NONE;
		struct keyfile_answer a = { .passphrase = "word" };
		keyfile_read(&folder, files[i], &file);
		/* PEM is whole without its last LF. Of a long file some lengths do. */
		for (size_t len = 0; len + 1 < file.len; len += file.len > 1000 ? 17 : 1) {
			SECRET_AUTO cut = SECRET_NONE;
			assert_ok(secret_copy(&cut, file.data, len, &e), &e);
			assert_fails(
				privkey_parse(&cut, keyfile_ask, &a, &key, &e), &e, ERR_FORMAT, "");
		}
		assert_int_equal(a.asked, 0);
	}
}

static void
an_absurd_cost_is_refused_before_it_is_paid(void **state)
{
	SECRET_AUTO file = SECRET_NONE;
	struct keyfile_answer a = { .passphrase = "word" };
	X509_SIG *sig = X509_SIG_new();
	X509_ALGOR *cost =
		PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), INT32_MAX, NULL, 16, NULL, NID_hmacWithSHA256);
	X509_ALGOR *algorithm;
	ASN1_OCTET_STRING *data;
	uint8_t *der = NULL;
	EVP_PKEY *key = NULL;
	struct err e;

	(void)state;
	X509_SIG_getm(sig, &algorithm, &data);
	assert_int_equal(X509_ALGOR_copy(algorithm, cost), 1);
	assert_int_equal(ASN1_OCTET_STRING_set(data, (const uint8_t *)"0123456789abcdef", 16), 1);
	int len = i2d_X509_SIG(sig, &der);
	assert_true(len > 0);
	assert_ok(secret_copy(&file, der, (size_t)len, &e), &e);
	OPENSSL_free(der);
	X509_SIG_free(sig);
	X509_ALGOR_free(cost);
	assert_fails(
		privkey_parse(&file, keyfile_ask, &a, &key, &e), &e, ERR_REFUSED, "absurdly long");
	assert_int_equal(a.asked, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(every_form_of_a_private_key_is_read),
		unit(a_wrong_passphrase_is_not_authentic),
		unit_in_dir(no_wrong_passphrase_of_a_thousand_passes_for_damage),
		unit_in_dir(what_surrounds_a_key_is_passed_over),
		unit_in_dir(files_without_a_private_key_are_malformed),
		unit(every_truncation_is_malformed),
		unit(an_absurd_cost_is_refused_before_it_is_paid),
	};
	return cmocka_run_group_tests(tests, forms_setup, forms_teardown);
}
