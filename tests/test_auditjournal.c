/* SPDX-License-Identifier: ISC */
/* What an audit makes of the journal, and of the manifests that were signed over it. */
#include "vault/audit.h"

#include "base/file.h"
#include "tests/audited.h"
#include "tests/support.h"

#include <stdio.h>

static void
a_line_changed_or_removed_is_found_and_named(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO without = BUF_NONE;

	audited_make(support_path(state, "vault"), &f);
	audited_read(&f, JOURNAL_FILE, &text);
	char *second = strchr(text.data, '\n') + 1;
	char *third = strchr(second, '\n') + 1;
	buf_add(&without, text.data, (size_t)(second - text.data));
	buf_adds(&without, third);
	fixture_put(&f, JOURNAL_FILE, without.data, without.len);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, JOURNAL_FILE, "line 2");
	audited_found(&a, AUDIT_NOTE, "", "was not checked");
	assert_int_equal(a.errors, 1); /* what lies behind it is not called stray */

	third[40] ^= 1;
	fixture_put(&f, JOURNAL_FILE, text.data, text.len);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, JOURNAL_FILE, "line 3");
	assert_int_equal(a.items[0].code, ERR_AUTH);
}

static void
a_first_line_that_is_bad_is_the_only_finding(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	audited_make(support_path(state, "vault"), &f);
	fixture_put(&f, JOURNAL_FILE, "{}\n", 3);
	audited_run(&f, &a);
	assert_int_equal(a.count, 1);
	audited_found(&a, AUDIT_ERROR, JOURNAL_FILE, "line 1");
}

static void
a_torn_tail_is_found_and_after_the_repair_all_is_well(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;

	audited_make(support_path(state, "vault"), &f);
	audited_read(&f, JOURNAL_FILE, &text);
	buf_adds(&text, "{\"n\":8");
	fixture_put(&f, JOURNAL_FILE, text.data, text.len);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, JOURNAL_FILE, "after line 7 is torn (6 bytes");
	assert_int_equal(a.items[0].code, ERR_FORMAT);
	struct err e = { 0 };
	audit_free(&a);
	assert_ok(store_open(f.dir, STORE_WRITE, false, &f.store, &e), &e);
	store_close(&f.store);
	audited_run(&f, &a);
	assert_int_equal(a.count, 0);
}

/* A journal cut at its end is a good journal: only who saw more of it can tell. */
static void
a_manifest_that_saw_more_of_the_journal_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;

	audited_make(support_path(state, "vault"), &f);
	audited_read(&f, JOURNAL_FILE, &text);
	/* Cut from line 6, the first export's, on. */
	char *at = text.data;
	for (int i = 0; i < 5; i++)
		at = strchr(at, '\n') + 1;
	fixture_put(&f, JOURNAL_FILE, text.data, (size_t)(at - text.data));
	audited_remove(&f, "manifests/000002.json");
	audited_remove(&f, "manifests/000002.json.minisig");
	audited_run(&f, &a);
	/* As if that export had been killed before its line. */
	assert_int_equal(a.errors, 0);
	audited_found(&a, AUDIT_NOTE, "manifests/000001.json", "cut off");

	for (at -= 2; at[-1] != '\n';)
		at--;
	fixture_put(&f, JOURNAL_FILE, text.data, (size_t)(at - text.data));
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, "manifests/000001.json", "its end was cut off");
}

/* Manifests -------------------------------------------------------------------------------- */

/* Signs and journals `text` as the next manifest, whatever it says. */
static void
journal_manifest(struct fixture *f, struct buf *text, const struct signer *signer, bool wrong_hash)
{
	JSON_AUTO files = json_object();
	FILEBATCH_AUTO batch = NULL;
	BUF_AUTO sig = BUF_NONE;
	char path[64], sig_path[80], hash[PIN_HEX];
	size_t serial;
	struct err e = { 0 };

	assert_ok(store_open(f->dir, STORE_WRITE, false, &f->store, &e), &e);
	serial = f->store.state.manifest_count + 1;
	snprintf(path, sizeof(path), "manifests/%06zu.json", serial);
	snprintf(sig_path, sizeof(sig_path), "%s.minisig", path);
	assert_ok(signer_minisig(signer, text->data, text->len, "test", &sig, &e), &e);
	manifest_hash(text->data, text->len, hash);
	if (wrong_hash)
		memset(hash, 'a', PIN_HEX - 1);
	assert_ok(filebatch_new(&batch, &e), &e);
	assert_ok(
		store_add_file(&f->store, batch, files, path, 0644, text->data, text->len, &e), &e);
	assert_ok(
		store_add_file(&f->store, batch, files, sig_path, 0644, sig.data, sig.len, &e), &e);
	assert_ok(filebatch_sync(batch, &e), &e);
	filebatch_keep(batch);
	json_t *body = json_pack("{s:i, s:s, s:s, s:s, s:O}", "serial", (int)serial, "hash", hash,
		"created", "2026-11-22T10:00:00Z", "to", "/out", "files", files);
	assert_ok(store_append(&f->store, "export", body, &e), &e);
	store_close(&f->store);
}

/* Manifest 2 as it would be as manifest 3. */
static void
next_manifest(const struct fixture *f, json_t **out)
{
	BUF_AUTO text = BUF_NONE;
	char hash[PIN_HEX];
	struct err e = { 0 };

	audited_read(f, "manifests/000002.json", &text);
	manifest_hash(text.data, text.len, hash);
	assert_ok(json_parse(text.data, text.len, out, &e), &e);
	json_object_set_new(*out, "serial", json_integer(3));
	json_object_set_new(*out, "previous", json_string(hash));
}

static json_t *
first_pin(json_t *m)
{
	json_t *domain = json_array_get(json_object_get(m, "domains"), 0);

	return json_array_get(json_object_get(domain, "pins"), 0);
}

static void
say_nothing_wrong(json_t *m)
{
	(void)m;
}

static void
say_another_serial(json_t *m)
{
	json_object_set_new(m, "serial", json_integer(4));
}

static void
say_another_previous(json_t *m)
{
	char hash[PIN_HEX] = { 0 };

	memset(hash, 'b', sizeof(hash) - 1);
	json_object_set_new(m, "previous", json_string(hash));
}

static void
say_no_previous(json_t *m)
{
	json_object_set_new(m, "previous", json_null());
}

static void
say_fewer_lines(json_t *m)
{
	json_object_set_new(json_object_get(m, "journal"), "entries", json_integer(5));
}

static void
say_more_lines(json_t *m)
{
	json_object_set_new(json_object_get(m, "journal"), "entries", json_integer(60));
}

static void
say_another_vault(json_t *m)
{
	json_object_set_new(json_object_get(m, "vault"), "name", json_string("Other"));
}

static void
say_another_key(json_t *m)
{
	json_object_set_new(first_pin(m), "key", json_string("example.com-ec-p256-00000000"));
}

static void
say_another_pin(json_t *m)
{
	json_object_set_new(
		first_pin(m), "pin", json_string("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
}

static const struct {
	void (*say)(json_t *m);
	bool wrong_hash;
	const char *part; /* of what the audit says; NULL: nothing */
} lies[] = {
	{ say_nothing_wrong, false, NULL },
	{ say_nothing_wrong, true, "not the manifest that the journal says" },
	{ say_another_serial, false, "has the serial 4" },
	{ say_another_previous, false, "does not follow" },
	{ say_no_previous, false, "does not follow" },
	{ say_fewer_lines, false, "another journal" },
	{ say_more_lines, false, "its end was cut off" },
	{ say_another_vault, false, "names the vault" },
	{ say_another_key, false, "not the vault's" },
	{ say_another_pin, false, "not the vault's" },
};

/* Each is signed and journalled all the same. */
static void
manifests_are_held_to_their_place_and_their_journal(void **state)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		FIXTURE_AUTO f = { 0 };
		AUDIT_AUTO a = { 0 };
		JSON_AUTO m = NULL;
		BUF_AUTO text = BUF_NONE;
		char name[16];
		struct err e = { 0 };

		snprintf(name, sizeof(name), "vault-%zu", i);
		audited_make(support_path(state, name), &f);
		next_manifest(&f, &m);
		lies[i].say(m);
		assert_ok(json_write(m, true, &text, &e), &e);
		journal_manifest(&f, &text, &f.signer, lies[i].wrong_hash);
		audited_run(&f, &a);
		if (lies[i].part)
			audited_found(&a, AUDIT_ERROR, "manifests/000003.json", lies[i].part);
		assert_int_equal(a.errors, lies[i].part ? 1 : 0);
	}
}

static void
a_manifest_with_a_void_key_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	JSON_AUTO m = NULL;
	BUF_AUTO text = BUF_NONE;
	char pin[PIN_TEXT];
	struct err e = { 0 };

	audited_make(support_path(state, "vault"), &f);
	assert_ok(store_open(f.dir, STORE_WRITE, false, &f.store, &e), &e);
	fixture_keys(&f, "example.org", 1, true);
	const struct state_key *k = f.store.state.keys[3];
	pin_encode(&k->pin, pin);
	next_manifest(&f, &m);
	json_object_set_new(first_pin(m), "key", json_string(k->id));
	json_object_set_new(first_pin(m), "pin", json_string(pin));
	store_close(&f.store);
	assert_ok(json_write(m, true, &text, &e), &e);
	journal_manifest(&f, &text, &f.signer, false);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, "manifests/000003.json", "pins a void key");
}

static void
a_manifest_signed_by_another_key_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	FIXTURE_AUTO other = { 0 };
	AUDIT_AUTO a = { 0 };
	JSON_AUTO m = NULL;
	BUF_AUTO text = BUF_NONE;
	struct err e = { 0 };

	audited_make(support_path(state, "vault"), &f);
	fixture_create(&other, support_path(state, "other"));
	next_manifest(&f, &m);
	assert_ok(json_write(m, true, &text, &e), &e);
	journal_manifest(&f, &text, &other.signer, false);
	audited_run(&f, &a);
	assert_int_equal(a.errors, 1);
	audited_found(&a, AUDIT_ERROR, "manifests/000003.json", "key");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(a_line_changed_or_removed_is_found_and_named),
		unit_in_dir(a_first_line_that_is_bad_is_the_only_finding),
		unit_in_dir(a_torn_tail_is_found_and_after_the_repair_all_is_well),
		unit_in_dir(a_manifest_that_saw_more_of_the_journal_is_found),
		unit_in_dir(manifests_are_held_to_their_place_and_their_journal),
		unit_in_dir(a_manifest_with_a_void_key_is_found),
		unit_in_dir(a_manifest_signed_by_another_key_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
