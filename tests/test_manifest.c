/* SPDX-License-Identifier: ISC */
#include "pins/manifest.h"

#include "base/file.h"
#include "tests/support.h"
#include "tests/support_manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
parse_fills_the_whole_model(void **state)
{
	JSON_AUTO sample = support_manifest();
	MANIFEST_AUTO m = { 0 };
	char key[MINISIGN_PUB_TEXT], pin[PIN_TEXT];

	(void)state;
	support_set(support_domain(sample, 0), "report_uri", json_string("https://r.example/x"));
	support_set(support_pin(sample, 0, 1), "key", json_string("example.org-ec-p256-d4735e3a"));
	support_manifest_parse(sample, &m);
	minisign_pub_encode(&m.vault_key, key);
	assert_string_equal(m.vault_name, "Example Ops");
	assert_string_equal(key, SUPPORT_VAULT_KEY);
	assert_int_equal(m.serial, 3);
	assert_int_equal(m.created, SUPPORT_NOW - 6 * 86400);
	assert_true(m.offline);
	assert_false(m.rehearsal);
	assert_int_equal(m.journal_entries, 17);
	assert_int_equal(m.domain_count, 1);

	const struct manifest_domain *d = &m.domains[0];
	assert_string_equal(d->domain, "example.org");
	assert_int_equal(d->name_count, 2);
	assert_string_equal(d->names[1], "www.example.org");
	assert_int_equal(d->max_age, 5184000);
	assert_string_equal(d->report_uri, "https://r.example/x");
	assert_int_equal(d->pin_count, 3);
	assert_int_equal(d->pins[0].role, ROLE_ACTIVE);
	assert_int_equal(d->pins[0].state, STATE_ACTIVE);
	assert_int_equal(d->pins[1].ca, CA_NONE);
	assert_string_equal(d->pins[1].key, "example.org-ec-p256-d4735e3a");
	assert_null(d->pins[0].key);
	pin_encode(&d->pins[2].pin, pin);
	assert_string_equal(pin, support_pin_text(3));
}

static void
encode_and_parse_are_inverse(void **state)
{
	JSON_AUTO sample = support_manifest();
	MANIFEST_AUTO m = { 0 };
	MANIFEST_AUTO again = { 0 };
	BUF_AUTO first = BUF_NONE;
	BUF_AUTO second = BUF_NONE;
	JSON_AUTO tree = NULL;
	struct err e = { 0 };

	(void)state;
	support_set(support_pin(sample, 0, 1), "ca", json_string("root"));
	support_set(support_pin(sample, 0, 1), "state", json_null());
	support_manifest_parse(sample, &m);
	assert_ok(manifest_encode(&m, &first, &e), &e);
	assert_ok(json_parse(first.data, first.len, &tree, &e), &e);
	assert_true(json_equal(tree, sample));
	assert_ok(manifest_parse(first.data, first.len, &again, &e), &e);
	assert_ok(manifest_encode(&again, &second, &e), &e);
	assert_string_equal(first.data, second.data);
}

/* docs/FORMAT.md shows this file. */
static void
the_vector_is_written_as_it_was_read(void **state)
{
	BUF_AUTO vector = BUF_NONE;
	BUF_AUTO text = BUF_NONE;
	MANIFEST_AUTO m = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(file_read("tests/vectors/pins.json", FILE_LIMIT, &vector, &e), &e);
	assert_ok(manifest_parse(vector.data, vector.len, &m, &e), &e);
	assert_ok(manifest_encode(&m, &text, &e), &e);
	assert_string_equal(text.data, vector.data);
}

static void
encode_writes_one_line_for_each_pin(void **state)
{
	JSON_AUTO sample = support_manifest();
	MANIFEST_AUTO m = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e = { 0 };
	size_t lines = 0, pins = 0;

	(void)state;
	support_manifest_parse(sample, &m);
	assert_ok(manifest_encode(&m, &text, &e), &e);
	for (const char *p = text.data; p && *p; p = strchr(p, '\n') + 1, lines++)
		pins += strncmp(p, "{\"pin\":", 7) == 0;
	assert_int_equal(lines, 5);
	assert_int_equal(pins, 3);
}

static void
a_rehearsal_says_so_and_nothing_else_does(void **state)
{
	JSON_AUTO sample = support_manifest();
	MANIFEST_AUTO m = { 0 };
	BUF_AUTO real = BUF_NONE;
	BUF_AUTO rehearsed = BUF_NONE;
	struct err e = { 0 };

	(void)state;
	support_manifest_parse(sample, &m);
	assert_ok(manifest_encode(&m, &real, &e), &e);
	assert_null(strstr(real.data, "rehearsal"));
	m.rehearsal = true;
	assert_ok(manifest_encode(&m, &rehearsed, &e), &e);
	assert_non_null(strstr(rehearsed.data, "\"rehearsal\":true"));
	manifest_free(&m);
	assert_ok(manifest_parse(rehearsed.data, rehearsed.len, &m, &e), &e);
	assert_true(m.rehearsal);
}

static void
parse_ignores_members_it_does_not_know(void **state)
{
	JSON_AUTO sample = support_manifest();
	MANIFEST_AUTO m = { 0 };

	(void)state;
	support_set(sample, "weather", json_string("fine"));
	support_set(support_domain(sample, 0), "colour", json_integer(7));
	support_set(support_pin(sample, 0, 0), "note", json_array());
	support_manifest_parse(sample, &m);
	assert_int_equal(m.domains[0].pin_count, 3);
}

enum where { ROOT, VAULT, JOURNAL, DOMAIN, PIN };

static json_t *
part(json_t *m, enum where where)
{
	switch (where) {
	case ROOT:
		return m;
	case VAULT:
		return json_object_get(m, "vault");
	case JOURNAL:
		return json_object_get(m, "journal");
	case DOMAIN:
		return support_domain(m, 0);
	default:
		return support_pin(m, 0, 1);
	}
}

/* Each row replaces one member (or removes it, when `value` is NULL) and is refused for it. */
static const struct refusal {
	enum where where;
	const char *name, *value, *why;
} refusals[] = {
	{ ROOT, "format", "\"coldspare-pins-2\"", "coldspare-pins-2" },
	{ ROOT, "format", NULL, "not a manifest" },
	{ ROOT, "vault", "[]", "vault" },
	{ ROOT, "serial", "0", "serial" },
	{ ROOT, "serial", "-1", "serial" },
	{ ROOT, "serial", "1.5", "serial" },
	{ ROOT, "serial", "\"3\"", "serial" },
	{ ROOT, "created", "null", "created" },
	{ ROOT, "created", "\"2026-11-22\"", "created" },
	{ ROOT, "created", "\"2026-02-30T00:00:00Z\"", "created" },
	{ ROOT, "valid_until", "\"soon\"", "valid_until" },
	{ ROOT, "offline", "1", "offline" },
	{ ROOT, "rehearsal", "\"yes\"", "rehearsal" },
	{ ROOT, "previous", "\"abc\"", "previous" },
	{ ROOT, "previous", "\"5FECEB66FFC86F38D952786C6D696C79C2DBC239DD4E91B46729D73A27FB57E9\"",
		"previous" },
	{ ROOT, "domains", "{}", "domains" },
	{ ROOT, "domains", "[7]", "domains[0]" },
	{ VAULT, "name", "\"\"", "name" },
	{ VAULT, "name", "\"a\\nb\"", "name" },
	{ VAULT, "name", "\"0123456789abcdef0123456789abcdef0\"", "name" },
	{ VAULT, "key", "\"RWQ=\"", "vault" },
	{ JOURNAL, "head", "\"00\"", "journal: head" },
	{ JOURNAL, "entries", "-1", "journal: entries" },
	{ DOMAIN, "domain", "\"\"", "domains[0]" },
	{ DOMAIN, "domain", "\"example.org;rm\"", "character 12" },
	{ DOMAIN, "domain", "\"example.com\"", "must come first" },
	{ DOMAIN, "domain", "\"a\\u009bm.example\"", "character 2" },
	{ DOMAIN, "names", "[]", "must come first" },
	{ DOMAIN, "names", "[\"example.org\", null]", "names[1]" },
	{ DOMAIN, "names", "[\"example.org\", \"a b\"]", "names[1]" },
	{ DOMAIN, "names", "[\"example.org\", \"$(id)\"]", "names[1]" },
	{ DOMAIN, "max_age", "-1", "max_age" },
	{ DOMAIN, "max_age", "9000000000000000000", "max_age" },
	{ DOMAIN, "max_age", "null", "max_age" },
	{ DOMAIN, "include_subdomains", "\"no\"", "include_subdomains" },
	{ DOMAIN, "report_uri", "\"\"", "report_uri" },
	{ DOMAIN, "report_uri", "\"https://r.example/\\\"\"", "report_uri: character 19" },
	{ DOMAIN, "pins", "null", "pins" },
	{ DOMAIN, "pins", "[null]", "pins[0]" },
	{ PIN, "pin", "\"1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzV=\"", "canonical base64" },
	{ PIN, "pin", "\"1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR-Q2jpmbuwTqzU=\"", "canonical base64" },
	{ PIN, "pin", "\"1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqw==\"", "canonical base64" },
	{ PIN, "pin", "\"d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35\"",
		"canonical base64" },
	{ PIN, "pin", NULL, "pin" },
	{ PIN, "role", "\"spare\"", "unknown word \"spare\"" },
	{ PIN, "role", "null", "role" },
	{ PIN, "state", "\"compromised\"", "compromised" },
	{ PIN, "state", "\"void\"", "void" },
	{ PIN, "origin", NULL, "origin" },
	{ PIN, "ca", "\"leaf\"", "unknown word \"leaf\"" },
	{ PIN, "algorithm", "\"ec p256\"", "algorithm" },
	{ PIN, "key", "\"../../etc/passwd\"", "key" },
	{ PIN, "released", "null", "released" },
	{ PIN, "ready", "0", "ready" },
};

/* What no schema sees: a calendar, one member against another. */
static bool
beyond_a_schema(const struct refusal *r)
{
	return r->value && (strstr(r->value, "02-30") || strstr(r->value, "example.com"));
}

static void
parse_refuses_each_ill_formed_member_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct refusal *r = &refusals[i];
		JSON_AUTO m = support_manifest();
		struct err e = { 0 };
		struct manifest out = { 0 };

		if (r->value)
			support_set(part(m, r->where), r->name,
				json_loads(r->value, JSON_DECODE_ANY, NULL));
		else
			assert_int_equal(json_object_del(part(m, r->where), r->name), 0);
		char *text = json_dumps(m, 0);
		assert_fails(manifest_parse(text, strlen(text), &out, &e), &e, ERR_FORMAT, r->why);
		assert_null(out.domains);
		free(text);
	}
}

static void
parse_names_the_place(void **state)
{
	JSON_AUTO m = support_manifest();
	struct manifest out = { 0 };
	struct err e = { 0 };

	(void)state;
	support_set(support_pin(m, 0, 2), "role", json_string("spare"));
	char *text = json_dumps(m, 0);
	assert_fails(manifest_parse(text, strlen(text), &out, &e), &e, ERR_FORMAT,
		"domains[0]: example.org: pins[2]: role: unknown word");
	free(text);
}

static void
find_knows_domains_exactly(void **state)
{
	JSON_AUTO sample = support_manifest();
	MANIFEST_AUTO m = { 0 };

	(void)state;
	support_manifest_parse(sample, &m);
	assert_ptr_equal(manifest_find(&m, "example.org"), &m.domains[0]);
	assert_null(manifest_find(&m, "www.example.org"));
	assert_null(manifest_find(&m, "Example.org"));
}

static void
hash_is_what_sha256sum_prints(void **state)
{
	char hex[PIN_HEX];

	(void)state;
	manifest_hash("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
load_wants_minisigns_signature(void **state)
{
	JSON_AUTO sample = support_manifest();
	MANIFEST_AUTO m = { 0 };
	BUF_AUTO bytes = BUF_NONE;
	struct minisign_pub pub;
	struct err e = { 0 };

	support_manifest_sign(*state, "pins.json", sample, "pub");
	assert_ok(minisign_pub_load(support_path(state, "pub"), &pub, &e), &e);
	assert_ok(manifest_load(support_path(state, "pins.json"), &pub, &m, &bytes, &e), &e);
	assert_int_equal(m.serial, 3);
	assert_int_equal(bytes.data[0], '{');

	struct manifest none = { 0 };
	FILE *f = fopen(support_path(state, "pins.json"), "r+");
	fputc(' ', f);
	fclose(f);
	assert_fails(manifest_load(support_path(state, "pins.json"), &pub, &none, NULL, &e), &e,
		ERR_AUTH, "pins.json");
	unlink(support_path(state, "pins.json.minisig"));
	assert_fails(manifest_load(support_path(state, "pins.json"), &pub, &none, NULL, &e), &e,
		ERR_MISSING, "pins.json.minisig");
}

static void
load_refuses_a_manifest_that_names_another_vault(void **state)
{
	JSON_AUTO sample = support_manifest();
	struct manifest none = { 0 };
	struct minisign_pub pub;
	struct err e = { 0 };
	char line[512];

	support_manifest_sign(*state, "pins.json", sample, "pub");
	support_set(json_object_get(sample, "vault"), "key", json_string(SUPPORT_VAULT_KEY));
	json_dump_file(sample, support_path(state, "pins.json"), 0);
	snprintf(line, sizeof line, "cd '%s' && minisign -S -W -s sec -m pins.json >/dev/null",
		(const char *)*state);
	assert_int_equal(system(line), 0);
	assert_ok(minisign_pub_load(support_path(state, "pub"), &pub, &e), &e);
	assert_fails(manifest_load(support_path(state, "pins.json"), &pub, &none, NULL, &e), &e,
		ERR_AUTH, "another vault key");
}

/* docs/pins.schema.json says the same of the sample and of each refusal that a schema can see. */
static void
the_schema_agrees(void **state)
{
	JSON_AUTO sample = support_manifest();
	char line[1024];

	if (system("python3 -c 'import jsonschema' 2>/dev/null") != 0)
		skip();
	json_dump_file(sample, support_path(state, "good.json"), 0);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		const struct refusal *r = &refusals[i];
		JSON_AUTO m = support_manifest();
		char name[32];

		if (r->value)
			support_set(part(m, r->where), r->name,
				json_loads(r->value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(part(m, r->where), r->name);
		snprintf(name, sizeof name, "%s%zu.json", beyond_a_schema(r) ? "unseen" : "bad", i);
		json_dump_file(m, support_path(state, name), 0);
	}
	snprintf(line, sizeof line, "python3 tests/schema.py docs/pins.schema.json '%s'",
		(const char *)*state);
	assert_int_equal(system(line), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(parse_fills_the_whole_model),
		unit(encode_and_parse_are_inverse),
		unit(the_vector_is_written_as_it_was_read),
		unit(encode_writes_one_line_for_each_pin),
		unit(a_rehearsal_says_so_and_nothing_else_does),
		unit(parse_ignores_members_it_does_not_know),
		unit(parse_refuses_each_ill_formed_member_by_name),
		unit(parse_names_the_place),
		unit(find_knows_domains_exactly),
		unit(hash_is_what_sha256sum_prints),
		unit_in_dir(load_wants_minisigns_signature),
		unit_in_dir(load_refuses_a_manifest_that_names_another_vault),
		unit_in_dir(the_schema_agrees),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
