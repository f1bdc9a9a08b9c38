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

	audited_make(state, &f);
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

	audited_make(state, &f);
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

	audited_make(state, &f);
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

	audited_make(state, &f);
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
journal_manifest(struct fixture *f, struct buf *text, const struct signer *signer)
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

static void
replace(struct buf *text, const char *old, const char *new)
{
	BUF_AUTO out = BUF_NONE;
	char *at = strstr(text->data, old);

	assert_non_null(at);
	buf_add(&out, text->data, (size_t)(at - text->data));
	buf_adds(&out, new);
	buf_adds(&out, at + strlen(old));
	buf_move(text, &out);
}

/* Manifest 2 as it would be as manifest 3. */
static void
next_manifest(const struct fixture *f, struct buf *text)
{
	JSON_AUTO m = NULL;
	char hash[PIN_HEX];
	struct err e = { 0 };

	audited_read(f, "manifests/000002.json", text);
	manifest_hash(text->data, text->len, hash);
	assert_ok(json_parse(text->data, text->len, &m, &e), &e);
	json_object_set_new(m, "serial", json_integer(3));
	json_object_set_new(m, "previous", json_string(hash));
	buf_clear(text);
	assert_ok(json_write(m, true, text, &e), &e);
}

/* It says something else, and is signed and journalled all the same. NULL: it says nothing wrong.
 */
static void
lie(void **state, const char *old, const char *new, const char *part)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;

	audited_make(state, &f);
	next_manifest(&f, &text);
	if (old)
		replace(&text, old, new);
	journal_manifest(&f, &text, &f.signer);
	audited_run(&f, &a);
	if (old)
		audited_found(&a, AUDIT_ERROR, "manifests/000003.json", part);
	else
		assert_int_equal(a.errors, 0);
	audit_free(&a);
	fixture_free(&f);
	support_dir_teardown(state);
	support_dir_setup(state);
}

static void
manifests_are_held_to_their_place_and_their_journal(void **state)
{
	lie(state, NULL, NULL, NULL);
	lie(state, "\"serial\": 3", "\"serial\": 4", "has the serial 4");
	lie(state, "\"previous\": \"", "\"previous\": \"00", "");
	lie(state, "\"entries\": 6", "\"entries\": 5", "another journal");
	lie(state, "\"entries\": 6", "\"entries\": 60", "its end was cut off");
	lie(state, "\"name\": \"Example Ops\"", "\"name\": \"Other\"", "names the vault");
	lie(state, "\"key\": \"example.org-ec", "\"key\": \"example.com-ec", "not the vault's");
}

static void
a_manifest_signed_by_another_key_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	FIXTURE_AUTO other = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;

	audited_make(state, &f);
	fixture_create(&other, support_path(state, "other"));
	next_manifest(&f, &text);
	journal_manifest(&f, &text, &other.signer);
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
		unit_in_dir(a_manifest_signed_by_another_key_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
