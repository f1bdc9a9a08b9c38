/* SPDX-License-Identifier: ISC */
#include "vault/audit.h"

#include "base/file.h"
#include "tests/audited.h"
#include "tests/fixture.h"
#include "tests/support.h"
#include "tests/volume.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void
a_sound_vault_has_no_finding(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	audited_make(support_path(state, "vault"), &f);
	audited_run(&f, &a);
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

	audited_make(support_path(state, "vault"), &f);
	if (!volume_read_only(f.dir)) {
		fixture_free(&f); /* skip() jumps over what ends with its scope */
		skip();
	}
	audited_run(&f, &a);
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

	audited_make(support_path(state, "vault"), &f);
	audited_run(&f, &sound);
	json_object_foreach(sound.store.state.files, path, hash)
	{
		BUF_AUTO text = BUF_NONE;
		audited_read(&f, path, &text);
		const size_t places[] = { 0, text.len / 2, text.len - 1 };
		for (size_t i = 0; i < 3; i++) {
			AUDIT_AUTO a = { 0 };
			text.data[places[i]] ^= 1;
			fixture_put(&f, path, text.data, text.len);
			text.data[places[i]] ^= 1;
			audited_run(&f, &a);
			audited_found(&a, AUDIT_ERROR, path, "was altered");
			tried++;
		}
		fixture_put(&f, path, text.data, text.len);
	}
	assert_int_equal(tried, 3 * 15);
	AUDIT_AUTO a = { 0 };
	audited_run(&f, &a);
	assert_int_equal(a.errors, 0);
}

static void
a_removed_file_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO sound = { 0 };
	const char *path;
	json_t *hash;

	audited_make(support_path(state, "vault"), &f);
	audited_run(&f, &sound);
	json_object_foreach(sound.store.state.files, path, hash)
	{
		AUDIT_AUTO a = { 0 };
		BUF_AUTO text = BUF_NONE;
		audited_read(&f, path, &text);
		audited_remove(&f, path);
		audited_run(&f, &a);
		/* Without the signing key it is what a backup is. */
		if (strcmp(path, "vault-1.sec") == 0)
			audited_found(&a, AUDIT_WARNING, path, "`passphrase --from");
		else
			audited_found(&a, AUDIT_ERROR, path, "is missing");
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

	audited_make(support_path(state, "vault"), &f);
	fixture_put(&f, "notes.txt", "x", 1);
	fixture_put(&f, "manifests/000009.json", "x", 1);
	assert_ok(file_mkdir(support_path(state, "vault/keys/other.org-ec-p256-1"), 0700, &e), &e);
	assert_int_equal(symlink("/etc/passwd", support_path(state, "vault/link")), 0);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, "notes.txt", "stray");
	audited_found(&a, AUDIT_ERROR, "manifests/000009.json", "stray");
	audited_found(&a, AUDIT_ERROR, "keys/other.org-ec-p256-1", "stray folder");
	audited_found(&a, AUDIT_ERROR, "link", "stray");

	snprintf(path, sizeof(path), "vault/keys/%s/extra", a.store.state.keys[1]->id);
	assert_int_equal(symlink("/etc/passwd", support_path(state, path)), 0);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, path + 6, "stray");
	assert_int_equal(a.errors, 5);
}

static void
a_link_in_a_file_s_place_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	audited_make(support_path(state, "vault"), &f);
	assert_int_equal(
		rename(support_path(state, "vault/vault.pub"), support_path(state, "elsewhere")),
		0);
	assert_int_equal(symlink("../elsewhere", support_path(state, "vault/vault.pub")), 0);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, "vault.pub", "not a regular file");
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
	audited_read(f, path_one, &one);
	audited_read(f, path_two, &two);
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
		audited_run(&f, &a);
		audited_found(&a, AUDIT_ERROR, path, "was altered");
		audited_found(&a, AUDIT_ERROR, path, "key is not the one of the pin");
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
	audited_read(&f, two, &record);
	fixture_put(&f, one, record.data, record.len);
	store_close(&f.store);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, one, "another key's");
}

/* Who can rewrite the journal can make every hash fit, but not these. */

#define SEALED "sealed-"

/* The path of a file of the first key: "request.csr", "public.pem", or SEALED. */
static const char *
key_file(const struct fixture *f, const char *name)
{
	static char path[300];
	AUDIT_AUTO a = { 0 };

	audited_run(f, &a);
	const struct state_key *k = a.store.state.keys[1];
	if (strcmp(name, SEALED) == 0)
		snprintf(path, sizeof(path), "keys/%s/sealed-%s.txt", k->id, k->sets[0].id);
	else
		snprintf(path, sizeof(path), "keys/%s/%s", k->id, name);
	return path;
}

static void
a_request_whose_own_signature_fails_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO forged = BUF_NONE;
	unsigned char *der = NULL;
	char *pem;

	audited_make(support_path(state, "vault"), &f);
	const char *path = key_file(&f, "request.csr");
	audited_read(&f, path, &text);
	BIO *in = BIO_new_mem_buf(text.data, (int)text.len);
	BIO *out = BIO_new(BIO_s_mem());
	X509_REQ *request = PEM_read_bio_X509_REQ(in, NULL, NULL, NULL);
	int len = i2d_X509_REQ(request, &der);
	der[len - 1] ^= 1;
	PEM_write_bio(out, PEM_STRING_X509_REQ, "", der, len);
	long size = BIO_get_mem_data(out, &pem);
	buf_add(&forged, pem, (size_t)size);
	OPENSSL_free(der);
	X509_REQ_free(request);
	BIO_free(in);
	BIO_free(out);

	audited_forge(&f, path, &forged);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, path, "own signature fails");
}

static void
a_sealed_record_of_a_set_that_never_was_is_found(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	SEALED_AUTO record = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO forged = BUF_NONE;
	struct err e = { 0 };

	audited_make(support_path(state, "vault"), &f);
	const char *path = key_file(&f, SEALED);
	audited_read(&f, path, &text);
	assert_ok(sealed_parse(text.data, text.len, &record, &e), &e);
	memcpy(record.set, "0123456789abcdef", sizeof(record.set));
	sealed_encode(&record, &forged);
	audited_forge(&f, path, &forged);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, path, "another set, 0123456789abcdef");
}

static void
a_file_of_a_key_that_no_line_names_is_found(void **state)
{
	static const char *const names[] = { "request.csr", "public.pem", SEALED };

	for (size_t i = 0; i < 3; i++) {
		FIXTURE_AUTO f = { 0 };
		AUDIT_AUTO a = { 0 };
		audited_make(support_path(state, i == 0 ? "one" : i == 1 ? "two" : "three"), &f);
		const char *path = key_file(&f, names[i]);
		audited_forge(&f, path, NULL);
		audited_run(&f, &a);
		audited_found(&a, AUDIT_ERROR, path, "no line of the journal names it");
	}
}

static void
an_identity_that_is_not_the_journal_s_is_found(void **state)
{
	static const char other[] =
		"{\"format\":\"" STORE_FORMAT "\",\"name\":\"Other\",\"key\":\"\"}";
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	BUF_AUTO forged = BUF_NONE;

	audited_make(support_path(state, "vault"), &f);
	buf_adds(&forged, other);
	audited_forge(&f, "vault.json", &forged);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_ERROR, "", "names another vault");
}

static void
sealed_files_and_folders_open_to_others_are_warned_of(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	char path[300];

	audited_make(support_path(state, "vault"), &f);
	audited_run(&f, &a);
	const struct state_key *k = a.store.state.keys[1];
	snprintf(path, sizeof(path), "vault/keys/%s/sealed-%s.txt", k->id, k->sets[0].id);
	assert_int_equal(chmod(support_path(state, path), 0640), 0);
	assert_int_equal(chmod(support_path(state, "vault/vault-1.sec"), 0604), 0);
	assert_int_equal(chmod(support_path(state, "vault"), 0755), 0);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_WARNING, path + 6, "mode 640");
	audited_found(&a, AUDIT_WARNING, "vault-1.sec", "mode 604");
	audited_found(&a, AUDIT_WARNING, "", "mode 755");
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
	audited_run(&f, &a);
	assert_int_equal(a.errors, 0);
	audited_found(&a, AUDIT_NOTE, "", "void");
	audited_found(&a, AUDIT_NOTE, "", f.store.state.keys[1]->id);
	audited_found(&a, AUDIT_NOTE, "", "dir:/b (number 2, bob)");
	audited_found(&a, AUDIT_NOTE, path, "void: it may be removed");
	assert_int_equal(a.count, 1 + 2 * 3);
}

static void
an_unfinished_init_is_explained(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	fixture_create(&f, support_path(state, "vault"));
	store_close(&f.store);
	audited_run(&f, &a);
	assert_int_equal(a.errors, 1);
	audited_found(&a, AUDIT_ERROR, "", "making of this vault was cut short");
}

static void
what_killed_commands_leave_is_explained(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	audited_make(support_path(state, "vault"), &f);
	fixture_put(&f, "journal.torn-8", "x", 1);
	fixture_put(&f, "manifests/000003.json", "x", 1);
	fixture_put(&f, "manifests/000003.json.minisig", "x", 1);
	fixture_put(&f, "keys/.coldspare-4hT2aB.tmp", "x", 1);
	audited_run(&f, &a);
	assert_int_equal(a.errors, 0);
	assert_int_equal(a.count, 4);
	audited_found(&a, AUDIT_NOTE, "journal.torn-8", "repair");
	audited_found(&a, AUDIT_NOTE, "manifests/000003.json", "next export replaces it");
	audited_found(&a, AUDIT_NOTE, "keys/.coldspare-4hT2aB.tmp", "did not finish");
}

static void
a_clock_that_went_back_is_warned_of(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };

	fixture_init(&f, support_path(state, "vault"));
	fixture_forge(&f, "2999-01-01T00:00:00Z", "drill", "\"keys\":[]");
	store_close(&f.store);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_WARNING, "", "the clock says");
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
		unit_in_dir(a_request_or_public_key_of_another_pin_is_found),
		unit_in_dir(a_sealed_record_of_another_key_is_found),
		unit_in_dir(a_request_whose_own_signature_fails_is_found),
		unit_in_dir(a_sealed_record_of_a_set_that_never_was_is_found),
		unit_in_dir(a_file_of_a_key_that_no_line_names_is_found),
		unit_in_dir(an_identity_that_is_not_the_journal_s_is_found),
		unit_in_dir(sealed_files_and_folders_open_to_others_are_warned_of),
		unit_in_dir(a_void_batch_is_explained_with_its_files_and_media),
		unit_in_dir(an_unfinished_init_is_explained),
		unit_in_dir(what_killed_commands_leave_is_explained),
		unit_in_dir(a_clock_that_went_back_is_warned_of),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
