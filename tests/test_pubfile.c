/* SPDX-License-Identifier: ISC */
#include "pins/pubfile.h"

#include "base/file.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

/* Runs a command line in the test's folder. */
static void
run(void **state, const char *command)
{
	char line[4096];

	assert_in_range(snprintf(line, sizeof line, "cd '%s' && { %s; } >out 2>&1",
				(const char *)*state, command),
		1, sizeof line - 1);
	if (system(line) != 0)
		fail_msg("%s", line);
}

static void
load(void **state, const char *name, struct pubfile *out)
{
	struct err e = { 0 };

	assert_ok(pubfile_load(support_path(state, name), out, &e), &e);
}

/* What OpenSSL and coreutils say the pin of key.pem is. */
static void
assert_pin(void **state, const struct pubfile_item *item)
{
	char want[PIN_TEXT] = "", got[PIN_TEXT];

	run(state, "openssl pkey -in key.pem -pubout -outform der | openssl dgst -sha256 -binary |"
		   " base64 >pin");
	FILE *f = fopen(support_path(state, "pin"), "r");
	assert_non_null(f);
	assert_non_null(fgets(want, sizeof want, f));
	fclose(f);
	pin_encode(&item->pin, got);
	assert_string_equal(got, want);
}

/* key.pem, key.der, pub.*, csr.*, cert.* of one P-256 key, in the test's folder. */
static int
files_setup(void **state)
{
	support_dir_setup(state);
	run(state, "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem;"
		   "openssl pkey -in key.pem -pubout -out pub.pem;"
		   "openssl pkey -in key.pem -pubout -outform der -out pub.der;"
		   "openssl pkey -in key.pem -outform der -out key.der;"
		   "openssl req -new -key key.pem -subj '/O=Example, Inc./CN=example.org' -out "
		   "csr.pem;"
		   "openssl req -in csr.pem -outform der -out csr.der;"
		   "openssl req -x509 -key key.pem -subj /CN=example.org -out cert.pem;"
		   "openssl x509 -in cert.pem -outform der -out cert.der;"
		   "openssl genrsa -traditional -out rsa.pem 2048;"
		   "openssl rsa -in rsa.pem -RSAPublicKey_out -out rsapub.pem");
	return 0;
}

#define unit_files(f) cmocka_unit_test_setup_teardown(f, files_setup, support_dir_teardown)

static void
every_public_form_gives_the_same_pin(void **state)
{
	static const struct {
		const char *name;
		enum pubfile_kind kind;
	} forms[] = {
		{ "pub.pem", PUBFILE_KEY },
		{ "pub.der", PUBFILE_KEY },
		{ "csr.pem", PUBFILE_CSR },
		{ "csr.der", PUBFILE_CSR },
		{ "cert.pem", PUBFILE_CERTIFICATE },
		{ "cert.der", PUBFILE_CERTIFICATE },
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		PUBFILE_AUTO f = { 0 };
		load(state, forms[i].name, &f);
		assert_int_equal(f.count, 1);
		assert_int_equal(f.private_keys, 0);
		assert_int_equal(f.items[0].kind, forms[i].kind);
		assert_string_equal(f.items[0].algorithm, "ec:p256");
		assert_pin(state, &f.items[0]);
		assert_int_equal(forms[i].kind == PUBFILE_CSR, f.items[0].csr != NULL);
		assert_int_equal(
			forms[i].kind == PUBFILE_CERTIFICATE, f.items[0].certificate != NULL);
		assert_int_equal(forms[i].kind == PUBFILE_KEY, f.items[0].subject == NULL);
	}
}

static void
pkcs1_public_keys_are_pinned_by_their_spki(void **state)
{
	PUBFILE_AUTO f = { 0 };

	run(state, "cp rsa.pem key.pem");
	load(state, "rsapub.pem", &f);
	assert_int_equal(f.count, 1);
	assert_string_equal(f.items[0].algorithm, "rsa:2048");
	assert_pin(state, &f.items[0]);
}

static void
trusted_certificates_are_certificates(void **state)
{
	PUBFILE_AUTO f = { 0 };

	run(state, "openssl x509 -in cert.pem -trustout -addtrust serverAuth -out trusted.pem");
	run(state, "grep -q 'TRUSTED CERTIFICATE' trusted.pem");
	load(state, "trusted.pem", &f);
	assert_int_equal(f.count, 1);
	assert_pin(state, &f.items[0]);
}

static void
a_chain_is_read_in_its_order_past_text_and_crlf(void **state)
{
	PUBFILE_AUTO f = { 0 };

	run(state, "openssl x509 -in cert.pem -text >chain.pem;"
		   "{ cat csr.pem; echo; echo 'a note -----BEGIN NOTHING'; cat pub.pem; } |"
		   "sed 's/$/\\r/' >>chain.pem");
	load(state, "chain.pem", &f);
	assert_int_equal(f.count, 3);
	assert_int_equal(f.items[0].kind, PUBFILE_CERTIFICATE);
	assert_int_equal(f.items[1].kind, PUBFILE_CSR);
	assert_int_equal(f.items[2].kind, PUBFILE_KEY);
	for (size_t i = 0; i < f.count; i++)
		assert_pin(state, &f.items[i]);
}

static void
blocks_of_other_types_are_passed_over(void **state)
{
	PUBFILE_AUTO f = { 0 };
	struct err e = { 0 };

	run(state, "openssl ecparam -name prime256v1 >par.pem; cat par.pem cert.pem >both.pem");
	load(state, "both.pem", &f);
	assert_int_equal(f.count, 1);
	struct pubfile none = { 0 };
	assert_fails(pubfile_load(support_path(state, "par.pem"), &none, &e), &e, ERR_FORMAT,
		"par.pem: no key, CSR or certificate");
}

static void
private_keys_are_counted_and_nothing_more(void **state)
{
	PUBFILE_AUTO f = { 0 };

	run(state, "openssl pkey -in key.pem -aes256 -passout pass:x -out locked.pem;"
		   "cat key.pem rsa.pem locked.pem cert.pem >all.pem");
	load(state, "all.pem", &f);
	assert_int_equal(f.private_keys, 3);
	assert_int_equal(f.count, 1);
}

static void
a_private_key_in_der_is_recognised(void **state)
{
	static const char *const names[] = { "key.der", "rsa.der", "locked.der" };

	run(state, "openssl rsa -in rsa.pem -traditional -outform der -out rsa.der;"
		   "openssl pkcs8 -topk8 -in key.pem -passout pass:x -outform der -out locked.der");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		PUBFILE_AUTO f = { 0 };
		load(state, names[i], &f);
		assert_int_equal(f.private_keys, 1);
		assert_int_equal(f.count, 0);
	}
}

static void
subjects_are_printable_whatever_stands_in_them(void **state)
{
	PUBFILE_AUTO f = { 0 };
	PUBFILE_AUTO hostile = { 0 };

	load(state, "csr.pem", &f);
	assert_string_equal(f.items[0].subject, "CN=example.org,O=Example\\, Inc.");
	run(state,
		"openssl req -new -utf8 -key key.pem -subj \"$(printf '/CN=a\\033[2Jb\\303\\274')\""
		" -out hostile.pem");
	load(state, "hostile.pem", &hostile);
	assert_string_equal(hostile.items[0].subject, "CN=a\\1B[2Jb\\C3\\BC");
}

static void
an_unnamed_certificate_has_an_empty_subject(void **state)
{
	PUBFILE_AUTO f = { 0 };

	run(state, "openssl req -new -key key.pem -subj / -out unnamed.pem");
	load(state, "unnamed.pem", &f);
	assert_string_equal(f.items[0].subject, "");
}

static void
a_damaged_block_is_named_by_number_and_type(void **state)
{
	static const struct {
		const char *change, *why;
	} damages[] = {
		{ "cat pub.pem; sed '3s/./!/' cert.pem", "block 2 (CERTIFICATE): damaged" },
		{ "cat pub.pem; sed '3d' cert.pem; cat csr.pem",
			"block 2 (CERTIFICATE): not a cert" },
		{ "cat pub.pem cert.pem; head -n -1 csr.pem",
			"block 3 (CERTIFICATE REQUEST): damaged" },
		{ "head -n -1 cert.pem; cat csr.pem", "block 1 (CERTIFICATE): damaged" },
		{ "sed '1s/-----$/----/' cert.pem; cat pub.pem", "block 1 (CERTIFICATE): damaged" },
		{ "sed 's/BEGIN CERT/BEGIN X/' cert.pem; cat pub.pem",
			"block 1 (XIFICATE): damaged" },
		{ "sed 's/CERTIFICATE/PUBLIC KEY/' cert.pem",
			"block 1 (PUBLIC KEY): not a public key" },
		{ "printf -- '-----BEGIN '", "block 1 (): damaged" },
	};

	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		struct pubfile none = { 0 };
		struct err e = { 0 };
		char command[256];
		snprintf(command, sizeof command, "{ %s; } >bad.pem", damages[i].change);
		run(state, command);
		assert_fails(pubfile_load(support_path(state, "bad.pem"), &none, &e), &e,
			ERR_FORMAT, damages[i].why);
		assert_null(none.items);
	}
}

static void
what_is_nothing_is_refused(void **state)
{
	static const char *const makers[] = {
		": >bad",
		"printf '\\060' >bad",
		"head -c 65536 /dev/zero >bad",
		"echo text >bad",
		"head -c 100 cert.der >bad",
		"{ cat cert.der; echo; } >bad",
		"{ cat pub.der pub.der; } >bad",
	};

	for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
		struct pubfile none = { 0 };
		struct err e = { 0 };
		run(state, makers[i]);
		assert_fails(
			pubfile_load(support_path(state, "bad"), &none, &e), &e, ERR_FORMAT, "bad");
	}
}

static void
no_single_changed_byte_crashes_it(void **state)
{
	BUF_AUTO der = BUF_NONE;
	struct err e = { 0 };

	assert_ok(file_read(support_path(state, "csr.der"), FILE_LIMIT, &der, &e), &e);
	for (size_t i = 0; i < der.len; i++) {
		PUBFILE_AUTO f = { 0 };
		der.data[i] = (char)~der.data[i];
		/* Taken or refused, as long as it is one of the two. */
		if (!pubfile_parse((const uint8_t *)der.data, der.len, &f, &e))
			assert_int_equal(e.code, ERR_FORMAT);
		der.data[i] = (char)~der.data[i];
	}
}

#define ROOTS "/usr/share/ca-certificates/mozilla/"
#define ROOTS_MIN 40

/* tests/data/spki_table.tsv: tab-separated name, base64, hex, file, key, source. */
static void
published_pins_of_ca_roots_are_ours_too(void **state)
{
	FILE *table = fopen("tests/data/spki_table.tsv", "r");
	char line[512];
	unsigned found = 0;

	(void)state;
	assert_non_null(table);
	while (fgets(line, sizeof line, table)) {
		char *rest = line, *name = strsep(&rest, "\t"), *base64 = strsep(&rest, "\t");
		char *hex = strsep(&rest, "\t"), *file = strsep(&rest, "\t");
		char path[256], got[PIN_TEXT], got_hex[PIN_HEX];
		PUBFILE_AUTO f = { 0 };
		struct err e = { 0 };

		if (name[0] == '#')
			continue;
		assert_non_null(file);
		snprintf(path, sizeof path, ROOTS "%s", file);
		if (!file_exists(path)) {
			print_message("not installed: %s (%s)\n", name, file);
			continue;
		}
		assert_ok(pubfile_load(path, &f, &e), &e);
		assert_int_equal(f.count, 1);
		pin_encode(&f.items[0].pin, got);
		pin_encode_hex(&f.items[0].pin, got_hex);
		assert_string_equal(got, base64);
		assert_string_equal(got_hex, hex);
		found++;
	}
	fclose(table);
	assert_in_range(found, ROOTS_MIN, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_files(every_public_form_gives_the_same_pin),
		unit_files(pkcs1_public_keys_are_pinned_by_their_spki),
		unit_files(trusted_certificates_are_certificates),
		unit_files(a_chain_is_read_in_its_order_past_text_and_crlf),
		unit_files(blocks_of_other_types_are_passed_over),
		unit_files(private_keys_are_counted_and_nothing_more),
		unit_files(a_private_key_in_der_is_recognised),
		unit_files(subjects_are_printable_whatever_stands_in_them),
		unit_files(an_unnamed_certificate_has_an_empty_subject),
		unit_files(a_damaged_block_is_named_by_number_and_type),
		unit_files(what_is_nothing_is_refused),
		unit_files(no_single_changed_byte_crashes_it),
		unit(published_pins_of_ca_roots_are_ours_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
