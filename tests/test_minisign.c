/* SPDX-License-Identifier: ISC */
#include "base/minisign.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DATA "pins of example.org\n"
#define COMMENT "vault Example Ops, serial 3"

/* Runs a command line in the test's folder. */
static void
run(void **state, const char *command)
{
	char line[2048];

	assert_in_range(snprintf(line, sizeof(line), "cd '%s' && { %s; } >out 2>&1",
				(const char *)*state, command),
		1, sizeof(line) - 1);
	if (system(line) != 0)
		fail_msg("%s", line);
}

static void
put(void **state, const char *name, const char *data, size_t len)
{
	FILE *f = fopen(support_path(state, name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static size_t
get(void **state, const char *name, char *out, size_t size)
{
	FILE *f = fopen(support_path(state, name), "r");
	size_t len;

	assert_non_null(f);
	len = fread(out, 1, size - 1, f);
	assert_true(feof(f));
	fclose(f);
	out[len] = '\0';
	return len;
}

/* A key pair of minisign's own, and its signature over DATA, in the test's folder. */
static int
signed_setup(void **state)
{
	support_dir_setup(state);
	put(state, "data", DATA, strlen(DATA));
	run(state, "minisign -G -W -p a.pub -s a.sec && minisign -G -W -p b.pub -s b.sec");
	run(state, "minisign -S -s a.sec -t '" COMMENT "' -m data");
	return 0;
}

#define unit_signed(f) cmocka_unit_test_setup_teardown(f, signed_setup, support_dir_teardown)

struct given {
	struct minisign_pub pub, other;
	char text[8192]; /* the signature file */
	size_t len;
	struct minisign_sig sig;
};

static void
load(void **state, struct given *g)
{
	struct err e = { 0 };

	assert_ok(minisign_pub_load(support_path(state, "a.pub"), &g->pub, &e), &e);
	assert_ok(minisign_pub_load(support_path(state, "b.pub"), &g->other, &e), &e);
	g->len = get(state, "data.minisig", g->text, sizeof(g->text));
	assert_ok(minisign_sig_parse(g->text, g->len, &g->sig, &e), &e);
}

static void
verify_accepts_what_minisign_signed(void **state)
{
	struct given g;
	struct err e = { 0 };

	load(state, &g);
	assert_ok(minisign_verify(&g.pub, &g.sig, DATA, strlen(DATA), &e), &e);
	assert_string_equal(g.sig.comment, COMMENT);
}

static void
verify_accepts_an_empty_file(void **state)
{
	struct given g;
	struct minisign_sig sig;
	struct err e = { 0 };

	load(state, &g);
	put(state, "empty", "", 0);
	run(state, "minisign -S -s a.sec -m empty");
	g.len = get(state, "empty.minisig", g.text, sizeof(g.text));
	assert_ok(minisign_sig_parse(g.text, g.len, &sig, &e), &e);
	assert_ok(minisign_verify(&g.pub, &sig, "", 0, &e), &e);
}

static void
verify_refuses_every_flipped_bit_of_the_data(void **state)
{
	struct given g;
	struct err e = { 0 };
	char data[] = DATA;

	load(state, &g);
	for (size_t bit = 0; bit < strlen(DATA) * 8; bit++) {
		data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
		assert_fails(minisign_verify(&g.pub, &g.sig, data, strlen(DATA), &e), &e, ERR_AUTH,
			"altered");
		data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
	}
	assert_fails(minisign_verify(&g.pub, &g.sig, DATA, strlen(DATA) - 1, &e), &e, ERR_AUTH,
		"altered");
}

static void
verify_refuses_an_altered_trusted_comment(void **state)
{
	struct given g;
	struct err e = { 0 };

	load(state, &g);
	for (size_t i = 0; i < strlen(COMMENT); i++) {
		g.sig.comment[i] ^= 1;
		assert_fails(minisign_verify(&g.pub, &g.sig, DATA, strlen(DATA), &e), &e, ERR_AUTH,
			"trusted comment was altered");
		g.sig.comment[i] ^= 1;
	}
	g.sig.comment[strlen(COMMENT) - 1] = '\0';
	assert_fails(minisign_verify(&g.pub, &g.sig, DATA, strlen(DATA), &e), &e, ERR_AUTH,
		"trusted comment was altered");
}

static void
verify_refuses_either_signature_altered(void **state)
{
	struct given g;
	struct err e = { 0 };

	load(state, &g);
	for (size_t i = 0; i < MINISIGN_SIG_LEN; i++) {
		g.sig.sig[i] ^= 0x10;
		assert_fails(minisign_verify(&g.pub, &g.sig, DATA, strlen(DATA), &e), &e, ERR_AUTH,
			"signature does not match");
		g.sig.sig[i] ^= 0x10;
		g.sig.global[i] ^= 0x10;
		assert_fails(minisign_verify(&g.pub, &g.sig, DATA, strlen(DATA), &e), &e, ERR_AUTH,
			"trusted comment was altered");
		g.sig.global[i] ^= 0x10;
	}
}

static void
verify_names_both_keys_when_another_one_signed(void **state)
{
	struct given g;
	struct err e = { 0 };
	char signer[MINISIGN_ID_TEXT], wanted[MINISIGN_ID_TEXT];

	load(state, &g);
	minisign_pub_id(&g.pub, signer);
	minisign_pub_id(&g.other, wanted);
	assert_fails(minisign_verify(&g.other, &g.sig, DATA, strlen(DATA), &e), &e, ERR_AUTH,
		"another key");
	assert_non_null(strstr(e.message, signer));
	assert_non_null(strstr(e.message, wanted));
}

static void
verify_refuses_another_key_under_the_same_id(void **state)
{
	struct given g;
	struct err e = { 0 };

	load(state, &g);
	memcpy(g.other.id, g.pub.id, sizeof(g.other.id));
	assert_fails(minisign_verify(&g.other, &g.sig, DATA, strlen(DATA), &e), &e, ERR_AUTH,
		"not made by this key");
}

static void
parse_refuses_the_legacy_format(void **state)
{
	struct given g;
	struct err e = { 0 };
	struct minisign_sig sig;

	load(state, &g);
	run(state, "minisign -S -l -s a.sec -x legacy -m data");
	g.len = get(state, "legacy", g.text, sizeof(g.text));
	assert_fails(minisign_sig_parse(g.text, g.len, &sig, &e), &e, ERR_FORMAT, "legacy");
	assert_non_null(strstr(e.hint, "-l"));
}

static void
parse_accepts_crlf_and_blank_lines_around(void **state)
{
	struct given g;
	struct err e = { 0 };
	struct minisign_sig sig;

	load(state, &g);
	run(state, "{ printf '\\r\\n'; sed 's/$/\\r/' data.minisig; echo; } > crlf");
	g.len = get(state, "crlf", g.text, sizeof(g.text));
	assert_ok(minisign_sig_parse(g.text, g.len, &sig, &e), &e);
	assert_memory_equal(&sig, &g.sig, sizeof(sig));
	assert_ok(minisign_verify(&g.pub, &sig, DATA, strlen(DATA), &e), &e);
}

static void
parse_refuses_every_truncation(void **state)
{
	struct given g;
	struct err e = { 0 };
	struct minisign_sig sig;

	load(state, &g);
	/* Without its last LF it is still whole. */
	assert_ok(minisign_sig_parse(g.text, g.len - 1, &sig, &e), &e);
	for (size_t len = 0; len < g.len - 1; len++) {
		/* A copy of just that size, so that a sanitizer sees a read past it. */
		char *cut = malloc(len + 1);
		assert_non_null(cut);
		memcpy(cut + 1, g.text, len);
		assert_fails(
			minisign_sig_parse(cut + 1, len, &sig, &e), &e, ERR_FORMAT, "ignature");
		free(cut);
	}
}

/* The signature file with line `n` (from 0) replaced. */
static size_t
with_line(const struct given *g, int n, const char *line, char *out, size_t size)
{
	char copy[sizeof(g->text)], *rest = copy, *at = out;

	memcpy(copy, g->text, sizeof(copy));
	for (int i = 0; i < 4; i++) {
		const char *l = strsep(&rest, "\n");
		at += snprintf(at, size - (size_t)(at - out), "%s\n", i == n ? line : l);
	}
	return (size_t)(at - out);
}

static void
parse_refuses_what_is_not_a_signature_file(void **state)
{
	static const struct {
		int line;
		const char *text, *part;
	} rows[] = {
		{ 0, "no comment", "four lines" },
		{ 0, "", "four lines" },
		{ 1, "RUQ=", "line 2" },
		{ 2, "comment: x", "four lines" },
		{ 2, "", "four lines" },
		{ 2, "trusted comment: a\x1b[2Jb", "control characters" },
		{ 3, "AAAA", "line 4" },
		{ 3, "x\nuntrusted comment: more", "four lines" },
	};
	struct given g;
	struct err e = { 0 };
	struct minisign_sig sig;
	char text[sizeof(g.text) + 100];

	load(state, &g);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t len = with_line(&g, rows[i].line, rows[i].text, text, sizeof(text));
		assert_fails(minisign_sig_parse(text, len, &sig, &e), &e, ERR_FORMAT, rows[i].part);
	}
}

static void
parse_refuses_an_overlong_trusted_comment(void **state)
{
	struct given g;
	struct err e = { 0 };
	struct minisign_sig sig;

	load(state, &g);
	run(state, "minisign -S -s a.sec -x long -m data -t \"$(printf '%1023s' | tr ' ' x)\"");
	g.len = get(state, "long", g.text, sizeof(g.text));
	assert_ok(minisign_sig_parse(g.text, g.len, &sig, &e), &e);
	assert_int_equal(strlen(sig.comment), MINISIGN_COMMENT_MAX - 1);
	assert_ok(minisign_verify(&g.pub, &sig, DATA, strlen(DATA), &e), &e);

	run(state, "minisign -S -s a.sec -x longer -m data -t \"$(printf '%1024s' | tr ' ' x)\"");
	g.len = get(state, "longer", g.text, sizeof(g.text));
	assert_fails(
		minisign_sig_parse(g.text, g.len, &sig, &e), &e, ERR_FORMAT, "longer than 1023");
}

static void
encoded_signature_and_key_are_taken_by_minisign(void **state)
{
	struct given g;
	struct err e = { 0 };
	BUF_AUTO sig = BUF_NONE;
	BUF_AUTO pub = BUF_NONE;

	load(state, &g);
	minisign_sig_encode(&g.sig, &sig);
	minisign_pub_file(&g.pub, &pub);
	assert_ok(buf_ok(&sig, &e) && buf_ok(&pub, &e), &e);
	put(state, "our.minisig", sig.data, sig.len);
	put(state, "our.pub", pub.data, pub.len);
	run(state, "minisign -V -H -p our.pub -x our.minisig -m data");
	run(state, "tail -n +2 a.pub >rest && tail -n +2 our.pub | cmp - rest");
	run(state, "tail -n +2 data.minisig >rest && tail -n +2 our.minisig | cmp - rest");
}

static void
public_key_id_is_the_number_that_minisign_shows(void **state)
{
	struct given g;
	char id[MINISIGN_ID_TEXT], text[256];
	const char *shown;

	load(state, &g);
	minisign_pub_id(&g.pub, id);
	get(state, "a.pub", text, sizeof(text));
	shown = strstr(text, "public key ");
	assert_non_null(shown);
	assert_true(strtoull(shown + strlen("public key "), NULL, 16) == strtoull(id, NULL, 16));
	memcpy(g.pub.id, "\x01\x02\x03\x04\x05\x06\xab\x00", MINISIGN_ID_LEN);
	minisign_pub_id(&g.pub, id);
	assert_string_equal(id, "00AB060504030201");
}

static void
public_key_loads_from_text_and_from_both_forms_of_file(void **state)
{
	struct given g;
	struct minisign_pub pub;
	struct err e = { 0 };
	char text[MINISIGN_PUB_TEXT];

	load(state, &g);
	minisign_pub_encode(&g.pub, text);
	assert_ok(minisign_pub_load(text, &pub, &e), &e);
	assert_true(minisign_pub_equal(&pub, &g.pub));
	put(state, "bare", text, strlen(text));
	assert_ok(minisign_pub_load(support_path(state, "bare"), &pub, &e), &e);
	assert_true(minisign_pub_equal(&pub, &g.pub));
	run(state, "sed 's/$/\\r/' a.pub > crlf.pub");
	assert_ok(minisign_pub_load(support_path(state, "crlf.pub"), &pub, &e), &e);
	assert_true(minisign_pub_equal(&pub, &g.pub));
	assert_false(minisign_pub_equal(&pub, &g.other));
}

static void
public_key_load_does_not_look_for_a_file_named_like_a_key(void **state)
{
	struct given g;
	struct minisign_pub pub;
	struct err e = { 0 };
	char text[MINISIGN_PUB_TEXT];

	load(state, &g);
	memset(g.pub.key, 0, sizeof(g.pub.key)); /* its base64 has no slash after the id */
	memset(g.pub.id, 0, sizeof(g.pub.id));
	minisign_pub_encode(&g.pub, text);
	assert_int_equal(chdir(*state), 0);
	put(state, text, "x", 1);
	assert_ok(minisign_pub_load(text, &pub, &e), &e);
	assert_int_equal(chdir("/"), 0);
	assert_true(minisign_pub_equal(&pub, &g.pub));
}

static void
public_key_load_refuses_anything_else(void **state)
{
	struct given g;
	struct minisign_pub pub;
	struct err e = { 0 };
	char text[MINISIGN_PUB_TEXT];

	load(state, &g);
	assert_fails(minisign_pub_load(support_path(state, "none.pub"), &pub, &e), &e, ERR_MISSING,
		"none.pub");
	assert_non_null(strstr(e.hint, "vault.pub"));
	assert_fails(minisign_pub_load(support_path(state, "a.sec"), &pub, &e), &e, ERR_FORMAT,
		"a.sec: not a minisign public key");
	assert_fails(minisign_pub_load(support_path(state, "data.minisig"), &pub, &e), &e,
		ERR_FORMAT, "not a minisign public key file");
	minisign_pub_encode(&g.pub, text);
	text[1] = 'U'; /* 'E' 'D' in place of 'E' 'd' */
	assert_fails(minisign_pub_parse(text, &pub, &e), &e, ERR_FORMAT, "start with RW");
	text[55] = '\0';
	assert_fails(minisign_pub_parse(text, &pub, &e), &e, ERR_FORMAT, "56 characters");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_signed(verify_accepts_what_minisign_signed),
		unit_signed(verify_accepts_an_empty_file),
		unit_signed(verify_refuses_every_flipped_bit_of_the_data),
		unit_signed(verify_refuses_an_altered_trusted_comment),
		unit_signed(verify_refuses_either_signature_altered),
		unit_signed(verify_names_both_keys_when_another_one_signed),
		unit_signed(verify_refuses_another_key_under_the_same_id),
		unit_signed(parse_refuses_the_legacy_format),
		unit_signed(parse_accepts_crlf_and_blank_lines_around),
		unit_signed(parse_refuses_every_truncation),
		unit_signed(parse_refuses_what_is_not_a_signature_file),
		unit_signed(parse_refuses_an_overlong_trusted_comment),
		unit_signed(encoded_signature_and_key_are_taken_by_minisign),
		unit_signed(public_key_id_is_the_number_that_minisign_shows),
		unit_signed(public_key_loads_from_text_and_from_both_forms_of_file),
		unit_signed(public_key_load_does_not_look_for_a_file_named_like_a_key),
		unit_signed(public_key_load_refuses_anything_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
