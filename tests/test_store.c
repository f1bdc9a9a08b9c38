/* SPDX-License-Identifier: ISC */
#include "vault/store.h"

#include "base/file.h"
#include "tests/audited.h"
#include "tests/fixture.h"
#include "tests/support.h"
#include "tests/volume.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
vault_of(void **state)
{
	return support_path(state, "vault");
}

/* Opens the vault that the fixture closed, and expects to fail. */
static void
open_fails(void **state, enum store_mode mode, enum err_code code, const char *part)
{
	STORE_AUTO s = { 0 };
	struct err e = { 0 };

	assert_fails(store_open(vault_of(state), mode, false, &s, &e), &e, code, part);
}

static void
a_vault_that_was_made_opens(void **state)
{
	FIXTURE_AUTO f = { 0 };
	struct stat st;

	fixture_init(&f, vault_of(state));
	assert_int_equal(stat(vault_of(state), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	fixture_reopen(&f, STORE_READ);
	assert_string_equal(f.store.state.name, "Example Ops");
	assert_true(f.store.state.ready);
	assert_int_equal(f.store.journal.entries, 3);
}

static void
there_must_be_a_vault(void **state)
{
	struct err e = { 0 };

	open_fails(state, STORE_READ, ERR_MISSING, "no vault in");
	assert_ok(file_mkdir(vault_of(state), 0700, &e), &e);
	open_fails(state, STORE_WRITE, ERR_MISSING, "no vault in");
}

static void
a_vault_that_lost_its_journal_says_so(void **state)
{
	FIXTURE_AUTO f = { 0 };

	fixture_init(&f, vault_of(state));
	assert_int_equal(unlink(support_path(state, "vault/" JOURNAL_FILE)), 0);
	open_fails(state, STORE_READ, ERR_MISSING, "has lost its journal");
}

static void
one_process_writes_and_the_others_wait(void **state)
{
	FIXTURE_AUTO f = { 0 };
	STORE_AUTO second = { 0 };
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	open_fails(state, STORE_WRITE, ERR_BUSY, "in use");
	open_fails(state, STORE_READ, ERR_BUSY, "in use");
	fixture_reopen(&f, STORE_READ);
	assert_ok(store_open(vault_of(state), STORE_READ, false, &second, &e), &e);
	open_fails(state, STORE_WRITE, ERR_BUSY, "in use");
}

static void
reading_works_where_nothing_can_be_written(void **state)
{
	FIXTURE_AUTO f = { 0 };

	fixture_init(&f, vault_of(state));
	if (!volume_read_only(vault_of(state))) {
		fixture_free(&f); /* skip() jumps over what ends with its scope */
		skip();
	}
	fixture_reopen(&f, STORE_READ);
	assert_int_equal(f.store.journal.entries, 3);
	store_close(&f.store);
	volume_unmount(vault_of(state));
}

static void
a_vault_is_made_in_an_empty_folder_only(void **state)
{
	STORE_AUTO s = { 0 };
	struct stat st;
	struct err e = { 0 };

	assert_ok(file_mkdir(vault_of(state), 0755, &e), &e);
	assert_ok(store_create(vault_of(state), false, &s, &e), &e);
	assert_int_equal(stat(vault_of(state), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	store_discard(&s);
	store_close(&s);
	assert_true(file_is_dir(vault_of(state))); /* it was there before */
	assert_ok(file_write_new(support_path(state, "vault/x"), 0600, "", 0, &e), &e);
	assert_fails(store_create(vault_of(state), false, &s, &e), &e, ERR_EXISTS, "not empty");
	assert_true(file_exists(support_path(state, "vault/x")));
}

static void
a_discarded_vault_leaves_nothing(void **state)
{
	STORE_AUTO s = { 0 };
	struct err e = { 0 };

	assert_ok(store_create(vault_of(state), false, &s, &e), &e);
	store_discard(&s);
	assert_false(file_exists(vault_of(state)));
}

static void
an_unfinished_init_can_be_looked_at_but_not_used(void **state)
{
	FIXTURE_AUTO f = { 0 };

	fixture_create(&f, vault_of(state));
	store_close(&f.store);
	open_fails(state, STORE_WRITE, ERR_REFUSED, "was not finished");
	STORE_AUTO s = { 0 };
	struct err e = { 0 };
	assert_ok(store_open(vault_of(state), STORE_READ, false, &s, &e), &e);
	assert_false(s.state.ready);
}

static void
identity_files_must_be_those_of_the_journal(void **state)
{
	FIXTURE_AUTO f = { 0 };

	fixture_init(&f, vault_of(state));
	fixture_put(&f, "vault.json", "{}", 2);
	store_close(&f.store);
	open_fails(state, STORE_READ, ERR_AUTH, "vault.json was altered");
	assert_int_equal(unlink(support_path(state, "vault/vault.json")), 0);
	open_fails(state, STORE_READ, ERR_MISSING, "vault.json");
}

/* The hashes may be right and the contents another vault's. */
static void
identity_is_compared_and_not_only_hashed(void **state)
{
	static const struct {
		const char *identity;
		enum err_code code;
		const char *part;
	} rows[] = {
		{ "{\"format\":\"" STORE_FORMAT "\",\"name\":\"Other\",\"key\":\"\"}", ERR_AUTH,
			"names another vault" },
		{ "{\"format\":\"coldspare-vault-2\",\"name\":\"Example Ops\",\"key\":\"\"}",
			ERR_FORMAT, "\"coldspare-vault-2\" is unknown" },
		{ "{\"format\":\"" STORE_FORMAT "\"}", ERR_FORMAT, "\"name\" is missing" },
	};
	BUF_AUTO own = BUF_NONE;
	BUF_AUTO another = BUF_NONE;
	FIXTURE_AUTO f = { 0 };

	fixture_init(&f, vault_of(state));
	store_close(&f.store);
	audited_read(&f, "vault.json", &own);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		BUF_AUTO text = BUF_NONE;
		buf_adds(&text, rows[i].identity);
		audited_forge(&f, "vault.json", &text);
		open_fails(state, STORE_READ, rows[i].code, rows[i].part);
	}
	audited_forge(&f, "vault.json", &own);
	struct minisign_pub other = f.signer.pub;
	other.key[0] ^= 1;
	minisign_pub_file(&other, &another);
	audited_forge(&f, "vault.pub", &another);
	open_fails(state, STORE_READ, ERR_AUTH, "not the key that the journal names");
}

static void
a_torn_journal_is_repaired_by_who_writes_and_no_other(void **state)
{
	FIXTURE_AUTO f = { 0 };
	struct err e = { 0 };
	BUF_AUTO text = BUF_NONE;

	fixture_init(&f, vault_of(state));
	assert_ok(file_read(support_path(state, "vault/" JOURNAL_FILE), FILE_LIMIT, &text, &e), &e);
	buf_adds(&text, "{\"n\":4");
	fixture_put(&f, JOURNAL_FILE, text.data, text.len);
	fixture_reopen(&f, STORE_READ);
	assert_int_equal(f.store.journal.torn_bytes, 6);
	assert_false(file_exists(support_path(state, "vault/journal.torn-4")));
	fixture_reopen(&f, STORE_WRITE);
	assert_int_equal(f.store.journal.entries, 4);
	assert_non_null(json_object_get(f.store.state.files, "journal.torn-4"));
	fixture_reopen(&f, STORE_READ);
	assert_int_equal(f.store.journal.torn_bytes, 0);
}

static void
a_clock_that_went_back_stops_who_writes(void **state)
{
	FIXTURE_AUTO f = { 0 };

	fixture_init(&f, vault_of(state));
	fixture_forge(&f, "2999-01-01T00:00:00Z", "drill", "\"keys\":[]");
	store_close(&f.store);
	open_fails(state, STORE_WRITE, ERR_REFUSED, "the clock says");
	fixture_reopen(&f, STORE_READ);
}

static void
damage_in_the_journal_is_reported_with_advice(void **state)
{
	FIXTURE_AUTO f = { 0 };
	STORE_AUTO s = { 0 };
	struct err e = { 0 };
	BUF_AUTO text = BUF_NONE;

	fixture_init(&f, vault_of(state));
	assert_ok(file_read(support_path(state, "vault/" JOURNAL_FILE), FILE_LIMIT, &text, &e), &e);
	text.data[60] ^= 1;
	fixture_put(&f, JOURNAL_FILE, text.data, text.len);
	store_close(&f.store);
	assert_fails(
		store_open(vault_of(state), STORE_READ, false, &s, &e), &e, ERR_AUTH, "line 1");
	assert_non_null(strstr(e.hint, "audit"));
}

/* Files ------------------------------------------------------------------------------------ */

static bool
add(struct fixture *f, json_t *files, const char *relative, const char *text, struct err *e)
{
	FILEBATCH_AUTO b = NULL;

	if (!filebatch_new(&b, e) ||
		!store_add_file(&f->store, b, files, relative, 0600, text, strlen(text), e) ||
		!filebatch_sync(b, e))
		return false;
	filebatch_keep(b);
	return true;
}

static void
files_are_added_with_their_folders_and_hashes(void **state)
{
	FIXTURE_AUTO f = { 0 };
	JSON_AUTO files = json_object();
	char hash[ENCODE_HASH_HEX];
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	assert_ok(add(&f, files, "a/b/c.txt", "text", &e), &e);
	assert_true(file_exists(support_path(state, "vault/a/b/c.txt")));
	encode_hash_hex(hash, "text", 4);
	assert_string_equal(json_string_value(json_object_get(files, "a/b/c.txt")), hash);
	assert_fails(add(&f, files, "a/b/c.txt", "text", &e), &e, ERR_INTERNAL, "twice");
}

static void
a_file_that_the_journal_names_is_never_overwritten(void **state)
{
	FIXTURE_AUTO f = { 0 };
	JSON_AUTO files = json_object();
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	assert_fails(add(&f, files, "vault.pub", "x", &e), &e, ERR_EXISTS, "vault.pub already");
	fixture_reopen(&f, STORE_READ);
}

static void
what_a_killed_command_left_gives_way(void **state)
{
	FIXTURE_AUTO f = { 0 };
	JSON_AUTO first = json_object();
	JSON_AUTO second = json_object();
	BUF_AUTO text = BUF_NONE;
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	assert_ok(add(&f, first, "manifests/000001.json", "old", &e), &e);
	assert_ok(add(&f, second, "manifests/000001.json", "new", &e), &e);
	const char *path = support_path(state, "vault/manifests/000001.json");
	assert_ok(file_read(path, 100, &text, &e), &e);
	assert_string_equal(text.data, "new");
}

static void
files_are_read_against_the_journal(void **state)
{
	FIXTURE_AUTO f = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	assert_ok(store_read_file(&f.store, "vault.pub", 4096, &text, &e), &e);
	text.data[3] ^= 1;
	fixture_put(&f, "vault.pub", text.data, text.len);
	fixture_put(&f, "stray", "x", 1);
	assert_fails(store_read_file(&f.store, "vault.pub", 4096, &text, &e), &e, ERR_AUTH,
		"vault.pub was altered");
	assert_fails(
		store_read_file(&f.store, "stray", 4096, &text, &e), &e, ERR_AUTH, "by no line");
}

static void
the_signing_key_opens_with_the_passphrase(void **state)
{
	FIXTURE_AUTO f = { 0 };
	SIGNER_AUTO signer = { 0 };
	SECRET_AUTO right = SECRET_NONE;
	SECRET_AUTO wrong = SECRET_NONE;
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	fixture_passphrase(&right);
	assert_ok(secret_copy(&wrong, "wrong", 5, &e), &e);
	assert_fails(store_signer(&f.store, &wrong, &signer, &e), &e, ERR_AUTH, "vault-1.sec");
	assert_ok(store_signer(&f.store, &right, &signer, &e), &e);
	assert_true(minisign_pub_equal(&signer.pub, &f.signer.pub));

	fixture_put(&f, "vault-1.sec", "x", 1);
	SIGNER_AUTO again = { 0 };
	assert_fails(store_signer(&f.store, &right, &again, &e), &e, ERR_AUTH, "was altered");
}

/* A secret-key file of another vault, under the same passphrase, in a journal that names it. */
static void
a_signing_key_of_another_vault_is_refused(void **state)
{
	FIXTURE_AUTO f = { 0 };
	FIXTURE_AUTO other = { 0 };
	SIGNER_AUTO signer = { 0 };
	SECRET_AUTO right = SECRET_NONE;
	BUF_AUTO sec = BUF_NONE;
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	fixture_create(&other, support_path(state, "other"));
	store_close(&f.store);
	audited_read(&other, "vault-1.sec", &sec);
	audited_forge(&f, "vault-1.sec", &sec);
	assert_ok(store_open(f.dir, STORE_READ, false, &f.store, &e), &e);
	fixture_passphrase(&right);
	assert_fails(store_signer(&f.store, &right, &signer, &e), &e, ERR_AUTH,
		"another key than the vault's");
}

static void
sealed_records_are_those_of_the_current_set(void **state)
{
	FIXTURE_AUTO f = { 0 };
	SEALED_AUTO record = { 0 };
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	fixture_keys(&f, "example.org", 2, false);
	struct state_key *k = f.store.state.keys[1];
	assert_ok(store_sealed(&f.store, k, NULL, &record, &e), &e);
	assert_string_equal(record.key, k->id);
	assert_string_equal(record.set, state_current_set(k)->id);
	SEALED_AUTO other = { 0 };
	k->pin.hash[0] ^= 1;
	assert_fails(store_sealed(&f.store, k, NULL, &other, &e), &e, ERR_AUTH, "another key's");
	fixture_keys(&f, "example.org", 1, true);
	assert_fails(store_sealed(&f.store, f.store.state.keys[3], NULL, &other, &e), &e,
		ERR_MISSING, "void");
}

static void
a_vault_open_for_reading_takes_no_line(void **state)
{
	FIXTURE_AUTO f = { 0 };
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	fixture_reopen(&f, STORE_READ);
	json_t *body = json_pack("{s:[]}", "keys");
	assert_fails(store_append(&f.store, "drill", body, &e), &e, ERR_INTERNAL, "for reading");
}

static void
lines_under_allow_online_are_marked(void **state)
{
	FIXTURE_AUTO f = { 0 };
	STORE_AUTO s = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e = { 0 };

	fixture_init(&f, vault_of(state));
	store_close(&f.store);
	assert_ok(store_open(vault_of(state), STORE_WRITE, true, &s, &e), &e);
	assert_ok(store_append(&s, "drill", json_pack("{s:[]}", "keys"), &e), &e);
	assert_ok(file_read(support_path(state, "vault/" JOURNAL_FILE), FILE_LIMIT, &text, &e), &e);
	assert_non_null(strstr(text.data, "\"event\":\"drill\",\"online\":true,"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(a_vault_that_was_made_opens),
		unit_in_dir(there_must_be_a_vault),
		unit_in_dir(a_vault_that_lost_its_journal_says_so),
		unit_in_dir(one_process_writes_and_the_others_wait),
		unit_in_dir(reading_works_where_nothing_can_be_written),
		unit_in_dir(a_vault_is_made_in_an_empty_folder_only),
		unit_in_dir(a_discarded_vault_leaves_nothing),
		unit_in_dir(an_unfinished_init_can_be_looked_at_but_not_used),
		unit_in_dir(identity_files_must_be_those_of_the_journal),
		unit_in_dir(identity_is_compared_and_not_only_hashed),
		unit_in_dir(a_torn_journal_is_repaired_by_who_writes_and_no_other),
		unit_in_dir(a_clock_that_went_back_stops_who_writes),
		unit_in_dir(damage_in_the_journal_is_reported_with_advice),
		unit_in_dir(files_are_added_with_their_folders_and_hashes),
		unit_in_dir(a_file_that_the_journal_names_is_never_overwritten),
		unit_in_dir(what_a_killed_command_left_gives_way),
		unit_in_dir(files_are_read_against_the_journal),
		unit_in_dir(the_signing_key_opens_with_the_passphrase),
		unit_in_dir(a_signing_key_of_another_vault_is_refused),
		unit_in_dir(sealed_records_are_those_of_the_current_set),
		unit_in_dir(a_vault_open_for_reading_takes_no_line),
		unit_in_dir(lines_under_allow_online_are_marked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
