/* SPDX-License-Identifier: ISC */
#include "vault/audit.h"

#include "base/file.h"
#include "tests/fixture.h"
#include "tests/support.h"
#include "tests/volume.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A vault with a signing key, two keys and two manifests, closed. */
static void
make(void **state, struct fixture *f)
{
	fixture_init(f, support_path(state, "vault"));
	fixture_keys(f, "example.org", 2, false);
	fixture_export(f);
	fixture_export(f);
	store_close(&f->store);
}

static void
audit(const struct fixture *f, struct audit *out)
{
	struct err e = { 0 };

	audit_free(out);
	assert_ok(audit_run(f->dir, out, &e), &e);
}

/* A finding of this severity about `where`, with `part` in its sentence. */
static const struct audit_finding *
found(const struct audit *a, enum audit_severity severity, const char *where, const char *part)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].severity == severity && strcmp(a->items[i].where, where) == 0 &&
			strstr(a->items[i].what, part))
			return &a->items[i];
	return NULL;
}

static void
assert_found(
	const struct audit *a, enum audit_severity severity, const char *where, const char *part)
{
	if (found(a, severity, where, part))
		return;
	for (size_t i = 0; i < a->count; i++)
		print_message("%s: %s: %s\n", audit_severity_name(a->items[i].severity),
			a->items[i].where, a->items[i].what);
	fail_msg("no %s about \"%s\" with \"%s\"", audit_severity_name(severity), where, part);
}

static void
read_vault_file(const struct fixture *f, const char *relative, struct buf *out)
{
	AUTO_STR path = NULL;
	struct err e = { 0 };

	buf_free(out);
	assert_ok(file_path(&path, &e, "%s/%s", f->dir, relative), &e);
	assert_ok(file_read(path, FILE_LIMIT_LARGE, out, &e), &e);
}

static void
remove_vault_file(const struct fixture *f, const char *relative)
{
	AUTO_STR path = NULL;
	struct err e = { 0 };

	assert_ok(file_path(&path, &e, "%s/%s", f->dir, relative), &e);
	assert_int_equal(unlink(path), 0);
}

static void
a_sound_vault_has_no_finding(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	make(state, &f);
	audit(&f, &a);
	assert_int_equal(a.count, 0);
	assert_int_equal(a.keys, 3);
	assert_int_equal(a.manifests, 2);
	assert_int_equal(a.files, 3 + 2 + 2 * 3 + 2 * 2);
	assert_int_equal(a.store.journal.entries, 7);
}

static void
a_sound_vault_is_sound_where_nothing_can_be_written(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	make(state, &f);
	if (!volume_read_only(f.dir))
		skip();
	audit(&f, &a);
	assert_int_equal(a.count, 0);
	audit_free(&a);
	volume_unmount(f.dir);
}

static void
there_must_be_a_vault_and_nobody_writing_to_it(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	struct err e = { 0 };

	assert_fails(audit_run(support_path(state, "none"), &a, &e), &e, ERR_MISSING, "no vault");
	fixture_init(&f, support_path(state, "vault"));
	assert_fails(audit_run(f.dir, &a, &e), &e, ERR_BUSY, "in use");
}

/* Every file, one bit at its start, its middle and its end. */
static void
a_flipped_bit_in_any_file_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO sound = { 0 };
	const char *path;
	json_t *hash;
	size_t tried = 0;

	make(state, &f);
	audit(&f, &sound);
	json_object_foreach(sound.store.state.files, path, hash)
	{
		BUF_AUTO text = BUF_NONE;
		read_vault_file(&f, path, &text);
		const size_t places[] = { 0, text.len / 2, text.len - 1 };
		for (size_t i = 0; i < 3; i++) {
			AUDIT_AUTO a = { 0 };
			text.data[places[i]] ^= 1;
			fixture_put(&f, path, text.data, text.len);
			text.data[places[i]] ^= 1;
			audit(&f, &a);
			assert_found(&a, AUDIT_ERROR, path, "was altered");
			tried++;
		}
		fixture_put(&f, path, text.data, text.len);
	}
	assert_int_equal(tried, 3 * 15);
	AUDIT_AUTO a = { 0 };
	audit(&f, &a);
	assert_int_equal(a.errors, 0);
}

static void
a_removed_file_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO sound = { 0 };
	const char *path;
	json_t *hash;

	make(state, &f);
	audit(&f, &sound);
	json_object_foreach(sound.store.state.files, path, hash)
	{
		AUDIT_AUTO a = { 0 };
		BUF_AUTO text = BUF_NONE;
		read_vault_file(&f, path, &text);
		remove_vault_file(&f, path);
		audit(&f, &a);
		assert_found(&a, AUDIT_ERROR, path, "is missing");
		fixture_put(&f, path, text.data, text.len);
	}
}

static void
stray_files_folders_and_links_are_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	struct err e = { 0 };
	char path[300];

	make(state, &f);
	fixture_put(&f, "notes.txt", "x", 1);
	fixture_put(&f, "manifests/000009.json", "x", 1);
	assert_ok(file_mkdir(support_path(state, "vault/keys/other.org-ec-p256-1"), 0700, &e), &e);
	assert_int_equal(symlink("/etc/passwd", support_path(state, "vault/link")), 0);
	audit(&f, &a);
	assert_found(&a, AUDIT_ERROR, "notes.txt", "stray");
	assert_found(&a, AUDIT_ERROR, "manifests/000009.json", "stray");
	assert_found(&a, AUDIT_ERROR, "keys/other.org-ec-p256-1", "stray folder");
	assert_found(&a, AUDIT_ERROR, "link", "stray");

	snprintf(path, sizeof(path), "vault/keys/%s/extra", a.store.state.keys[1]->id);
	assert_int_equal(symlink("/etc/passwd", support_path(state, path)), 0);
	audit(&f, &a);
	assert_found(&a, AUDIT_ERROR, path + 6, "stray");
	assert_int_equal(a.errors, 5);
}

static void
a_link_in_a_file_s_place_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	make(state, &f);
	assert_int_equal(
		rename(support_path(state, "vault/vault.pub"), support_path(state, "elsewhere")),
		0);
	assert_int_equal(symlink("../elsewhere", support_path(state, "vault/vault.pub")), 0);
	audit(&f, &a);
	assert_found(&a, AUDIT_ERROR, "vault.pub", "not a regular file");
}

/* The journal ------------------------------------------------------------------------------ */

static void
a_line_changed_or_removed_is_found_and_named(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO without = BUF_NONE;

	make(state, &f);
	read_vault_file(&f, JOURNAL_FILE, &text);
	char *second = strchr(text.data, '\n') + 1;
	char *third = strchr(second, '\n') + 1;
	buf_add(&without, text.data, (size_t)(second - text.data));
	buf_adds(&without, third);
	fixture_put(&f, JOURNAL_FILE, without.data, without.len);
	audit(&f, &a);
	assert_found(&a, AUDIT_ERROR, JOURNAL_FILE, "line 2");
	assert_found(&a, AUDIT_NOTE, "", "was not checked");
	assert_int_equal(a.errors, 1); /* what lies behind it is not called stray */

	third[40] ^= 1;
	fixture_put(&f, JOURNAL_FILE, text.data, text.len);
	audit(&f, &a);
	assert_found(&a, AUDIT_ERROR, JOURNAL_FILE, "line 3");
	assert_int_equal(a.items[0].code, ERR_AUTH);
}

static void
a_first_line_that_is_bad_is_the_only_finding(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	make(state, &f);
	fixture_put(&f, JOURNAL_FILE, "{}\n", 3);
	audit(&f, &a);
	assert_int_equal(a.count, 1);
	assert_found(&a, AUDIT_ERROR, JOURNAL_FILE, "line 1");
}

static void
a_torn_tail_is_found_and_after_the_repair_all_is_well(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;

	make(state, &f);
	read_vault_file(&f, JOURNAL_FILE, &text);
	buf_adds(&text, "{\"n\":8");
	fixture_put(&f, JOURNAL_FILE, text.data, text.len);
	audit(&f, &a);
	assert_found(&a, AUDIT_ERROR, JOURNAL_FILE, "after line 7 is torn (6 bytes");
	assert_int_equal(a.items[0].code, ERR_FORMAT);
	struct err e = { 0 };
	audit_free(&a);
	assert_ok(store_open(f.dir, STORE_WRITE, false, &f.store, &e), &e);
	store_close(&f.store);
	audit(&f, &a);
	assert_int_equal(a.count, 0);
}

/* A journal cut at its end is a good journal: only who saw more of it can tell. */
static void
a_manifest_that_saw_more_of_the_journal_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;

	make(state, &f);
	read_vault_file(&f, JOURNAL_FILE, &text);
	/* Cut from line 6, the first export's, on. */
	char *at = text.data;
	for (int i = 0; i < 5; i++)
		at = strchr(at, '\n') + 1;
	fixture_put(&f, JOURNAL_FILE, text.data, (size_t)(at - text.data));
	remove_vault_file(&f, "manifests/000002.json");
	remove_vault_file(&f, "manifests/000002.json.minisig");
	audit(&f, &a);
	/* As if that export had been killed before its line. */
	assert_int_equal(a.errors, 0);
	assert_found(&a, AUDIT_NOTE, "manifests/000001.json", "cut off");

	for (at -= 2; at[-1] != '\n';)
		at--;
	fixture_put(&f, JOURNAL_FILE, text.data, (size_t)(at - text.data));
	audit(&f, &a);
	assert_found(&a, AUDIT_ERROR, "manifests/000001.json", "its end was cut off");
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

	read_vault_file(f, "manifests/000002.json", text);
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

	make(state, &f);
	next_manifest(&f, &text);
	if (old)
		replace(&text, old, new);
	journal_manifest(&f, &text, &f.signer);
	audit(&f, &a);
	if (old)
		assert_found(&a, AUDIT_ERROR, "manifests/000003.json", part);
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

	make(state, &f);
	fixture_create(&other, support_path(state, "other"));
	next_manifest(&f, &text);
	journal_manifest(&f, &text, &other.signer);
	audit(&f, &a);
	assert_int_equal(a.errors, 1);
	assert_found(&a, AUDIT_ERROR, "manifests/000003.json", "key");
}

/* Keys ------------------------------------------------------------------------------------- */

/* What a swap between two keys leaves: hashes of the journal and all, but not the pins. */
static void
swap_in_journal(struct fixture *f, const char *file)
{
	BUF_AUTO one = BUF_NONE;
	BUF_AUTO two = BUF_NONE;
	char path_one[300], path_two[300];
	const struct state *s = &f->store.state;

	snprintf(path_one, sizeof(path_one), "keys/%s/%s", s->keys[1]->id, file);
	snprintf(path_two, sizeof(path_two), "keys/%s/%s", s->keys[2]->id, file);
	read_vault_file(f, path_one, &one);
	read_vault_file(f, path_two, &two);
	fixture_put(f, path_one, two.data, two.len);
	fixture_put(f, path_two, one.data, one.len);
}

static void
a_request_or_public_key_of_another_pin_is_found(void **state)
{
	static const char *const files[] = { "request.csr", "public.pem" };

	for (size_t i = 0; i < 2; i++) {
		FIXTURE_AUTO f = { 0 };
		AUDIT_AUTO a = { 0 };
		char path[300];

		fixture_init(&f, support_path(state, i == 0 ? "one" : "two"));
		fixture_keys(&f, "example.org", 2, false);
		swap_in_journal(&f, files[i]);
		snprintf(path, sizeof(path), "keys/%s/%s", f.store.state.keys[1]->id, files[i]);
		store_close(&f.store);
		audit(&f, &a);
		assert_found(&a, AUDIT_ERROR, path, "was altered");
		assert_found(&a, AUDIT_ERROR, path, "key is not the one of the pin");
	}
}

static void
a_sealed_record_of_another_key_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO record = BUF_NONE;
	char one[300], two[300];

	fixture_init(&f, support_path(state, "vault"));
	fixture_keys(&f, "example.org", 2, false);
	const struct state *s = &f.store.state;
	snprintf(one, sizeof(one), "keys/%s/sealed-%s.txt", s->keys[1]->id, s->keys[1]->sets[0].id);
	snprintf(two, sizeof(two), "keys/%s/sealed-%s.txt", s->keys[2]->id, s->keys[2]->sets[0].id);
	read_vault_file(&f, two, &record);
	fixture_put(&f, one, record.data, record.len);
	store_close(&f.store);
	audit(&f, &a);
	assert_found(&a, AUDIT_ERROR, one, "another key's");
}

static void
sealed_files_and_folders_open_to_others_are_warned_of(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	char path[300];

	make(state, &f);
	audit(&f, &a);
	const struct state_key *k = a.store.state.keys[1];
	snprintf(path, sizeof(path), "vault/keys/%s/sealed-%s.txt", k->id, k->sets[0].id);
	assert_int_equal(chmod(support_path(state, path), 0640), 0);
	assert_int_equal(chmod(support_path(state, "vault/vault-1.sec"), 0604), 0);
	assert_int_equal(chmod(support_path(state, "vault"), 0755), 0);
	audit(&f, &a);
	assert_found(&a, AUDIT_WARNING, path + 6, "mode 640");
	assert_found(&a, AUDIT_WARNING, "vault-1.sec", "mode 604");
	assert_found(&a, AUDIT_WARNING, "", "mode 755");
	assert_int_equal(a.errors, 0);
	assert_int_equal(a.count, 3);
}

/* Killed commands -------------------------------------------------------------------------- */

static void
a_void_batch_is_explained_with_its_files_and_media(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	char path[300];

	fixture_init(&f, support_path(state, "vault"));
	fixture_keys(&f, "example.org", 2, true);
	const struct state_key *k = f.store.state.keys[2];
	snprintf(path, sizeof(path), "keys/%s/request.csr", k->id);
	fixture_reopen(&f, STORE_READ);
	audit(&f, &a);
	assert_int_equal(a.errors, 0);
	assert_found(&a, AUDIT_NOTE, "", "void");
	assert_found(&a, AUDIT_NOTE, "", f.store.state.keys[1]->id);
	assert_found(&a, AUDIT_NOTE, "", "dir:/b (number 2, bob)");
	assert_found(&a, AUDIT_NOTE, path, "void: it may be removed");
	assert_int_equal(a.count, 1 + 2 * 3);
}

static void
an_unfinished_init_is_explained(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	fixture_create(&f, support_path(state, "vault"));
	store_close(&f.store);
	audit(&f, &a);
	assert_int_equal(a.errors, 1);
	assert_found(&a, AUDIT_ERROR, "", "init of this vault was cut short");
}

static void
what_killed_commands_leave_is_explained(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	make(state, &f);
	fixture_put(&f, "journal.torn-8", "x", 1);
	fixture_put(&f, "manifests/000003.json", "x", 1);
	fixture_put(&f, "manifests/000003.json.minisig", "x", 1);
	fixture_put(&f, "keys/.coldspare-4hT2aB.tmp", "x", 1);
	audit(&f, &a);
	assert_int_equal(a.errors, 0);
	assert_int_equal(a.count, 4);
	assert_found(&a, AUDIT_NOTE, "journal.torn-8", "repair");
	assert_found(&a, AUDIT_NOTE, "manifests/000003.json", "next export replaces it");
	assert_found(&a, AUDIT_NOTE, "keys/.coldspare-4hT2aB.tmp", "did not finish");
}

static void
a_clock_that_went_back_is_warned_of(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	fixture_init(&f, support_path(state, "vault"));
	fixture_forge(&f, "2999-01-01T00:00:00Z", "drill", "\"keys\":[]");
	store_close(&f.store);
	audit(&f, &a);
	assert_found(&a, AUDIT_WARNING, "", "the clock says");
	assert_int_equal(a.errors, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(a_sound_vault_has_no_finding),
		unit_in_dir(a_sound_vault_is_sound_where_nothing_can_be_written),
		unit_in_dir(there_must_be_a_vault_and_nobody_writing_to_it),
		unit_in_dir(a_flipped_bit_in_any_file_is_found),
		unit_in_dir(a_removed_file_is_found),
		unit_in_dir(stray_files_folders_and_links_are_found),
		unit_in_dir(a_link_in_a_file_s_place_is_found),
		unit_in_dir(a_line_changed_or_removed_is_found_and_named),
		unit_in_dir(a_first_line_that_is_bad_is_the_only_finding),
		unit_in_dir(a_torn_tail_is_found_and_after_the_repair_all_is_well),
		unit_in_dir(a_manifest_that_saw_more_of_the_journal_is_found),
		unit_in_dir(manifests_are_held_to_their_place_and_their_journal),
		unit_in_dir(a_manifest_signed_by_another_key_is_found),
		unit_in_dir(a_request_or_public_key_of_another_pin_is_found),
		unit_in_dir(a_sealed_record_of_another_key_is_found),
		unit_in_dir(sealed_files_and_folders_open_to_others_are_warned_of),
		unit_in_dir(a_void_batch_is_explained_with_its_files_and_media),
		unit_in_dir(an_unfinished_init_is_explained),
		unit_in_dir(what_killed_commands_leave_is_explained),
		unit_in_dir(a_clock_that_went_back_is_warned_of),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
