/* SPDX-License-Identifier: ISC */
#include "vault/auditfile.h"

#include "base/file.h"
#include "base/progress.h"
#include "pins/pubfile.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What the files of a key hold ------------------------------------------------------------- */

/* The first thing in the file, which must be of this kind and carry the key's pin. */
static bool
check_public(
	const struct state_key *k, const struct pubfile *f, enum pubfile_kind kind, struct err *e)
{
	if (f->count == 0 || f->items[0].kind != kind)
		return err_set(e, ERR_FORMAT, "does not begin with a %s", pubfile_kind_name(kind));
	if (!pin_equal(&f->items[0].pin, &k->pin))
		return err_set(e, ERR_AUTH, "the %s's key is not the one of the pin",
			pubfile_kind_name(kind));
	return true;
}

static bool
check_public_pem(const struct state_key *k, const struct buf *text, struct err *e)
{
	PUBFILE_AUTO f = { 0 };

	return pubfile_parse((const uint8_t *)text->data, text->len, &f, e) &&
	       check_public(k, &f, PUBFILE_KEY, e);
}

static bool
check_request(const struct state_key *k, const struct buf *text, struct err *e)
{
	PUBFILE_AUTO f = { 0 };

	if (!pubfile_parse((const uint8_t *)text->data, text->len, &f, e) ||
		!check_public(k, &f, PUBFILE_CSR, e))
		return false;
	if (X509_REQ_verify(f.items[0].csr, f.items[0].key) == 1)
		return true;
	return err_openssl(e, ERR_AUTH, "the CSR's own signature fails");
}

static bool
check_certificate(const struct state_key *k, const struct buf *text, struct err *e)
{
	PUBFILE_AUTO f = { 0 };

	return pubfile_parse((const uint8_t *)text->data, text->len, &f, e) &&
	       check_public(k, &f, PUBFILE_CERTIFICATE, e);
}

static bool
is_set_of(const struct state_key *k, const char *set)
{
	for (size_t i = 0; i < k->set_count; i++)
		if (k->sets[i].committed && strcmp(k->sets[i].id, set) == 0)
			return true;
	return false;
}

static bool
check_sealed(const struct state_key *k, const struct buf *text, struct err *e)
{
	SEALED_AUTO record = { 0 };
	char pin[PIN_TEXT];

	if (!sealed_parse(text->data, text->len, &record, e))
		return false;
	pin_encode(&k->pin, pin);
	if (strcmp(record.key, k->id) != 0 || strcmp(record.pin, pin) != 0)
		return err_set(e, ERR_AUTH, "the sealed record is another key's, %s", record.key);
	if (!is_set_of(k, record.set))
		return err_set(e, ERR_AUTH, "the sealed record is of another set, %s", record.set);
	return true;
}

static const struct {
	const char *prefix, *suffix; /* of the file's name */
	bool secret;                 /* sealed or encrypted: nobody else's to read */
	bool (*check)(const struct state_key *k, const struct buf *text, struct err *e);
} kinds[] = {
	{ "public.pem", "", false, check_public_pem },
	{ "request.csr", "", false, check_request },
	{ "request-", ".csr", false, check_request },
	{ "sealed-", ".txt", true, check_sealed },
	{ "certificate-", ".pem", false, check_certificate },
};

static bool
matches(const char *name, const char *prefix, const char *suffix)
{
	size_t len = strlen(name), before = strlen(prefix), after = strlen(suffix);

	if (after == 0)
		return strcmp(name, prefix) == 0;
	return len > before + after && strncmp(name, prefix, before) == 0 &&
	       strcmp(name + len - after, suffix) == 0;
}

/* "keys/ID/name" -> the key and the name; NULL for any other path. */
static const struct state_key *
key_of(const struct auditwork *w, const char *path, const char **name)
{
	char id[SEALED_KEY_ID_MAX + 1];
	const char *slash = strncmp(path, "keys/", 5) == 0 ? strchr(path + 5, '/') : NULL;
	size_t len = slash ? (size_t)(slash - path - 5) : sizeof(id);

	if (len >= sizeof(id))
		return NULL;
	memcpy(id, path + 5, len);
	id[len] = '\0';
	*name = slash + 1;
	return state_key_by_id(&w->store->state, id);
}

static void
check_contents(struct auditwork *w, const char *path, const struct buf *text)
{
	const char *name;
	const struct state_key *k = key_of(w, path, &name);
	struct err e;

	for (size_t i = 0; k && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (matches(name, kinds[i].prefix, kinds[i].suffix) && !kinds[i].check(k, text, &e))
			auditwork_err(w, path, &e);
}

/* Every file ------------------------------------------------------------------------------- */

static bool
is_signing_key(const char *path)
{
	return matches(path, "vault-", ".sec");
}

static bool
is_secret(const struct auditwork *w, const char *path)
{
	const char *name;

	if (is_signing_key(path))
		return true;
	if (!key_of(w, path, &name))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].secret && matches(name, kinds[i].prefix, kinds[i].suffix))
			return true;
	return false;
}

/* A symbolic link would read well today and be someone else's file tomorrow. */
static bool
check_kind(struct auditwork *w, const char *path, const char *full)
{
	struct stat st;

	if (lstat(full, &st) != 0 && is_signing_key(path)) {
		auditwork_add(w, AUDIT_WARNING, ERR_NONE, path,
			"is not here, as in a backup without the signing key: nothing can be "
			"signed until `passphrase --from MEDIUM ...` brings it back");
		return false;
	}
	if (lstat(full, &st) != 0) {
		auditwork_add(w, AUDIT_ERROR, ERR_AUTH, path,
			"is missing: restore it from a backup of the vault");
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		auditwork_add(w, AUDIT_ERROR, ERR_AUTH, path, "is not a regular file any more");
		return false;
	}
	if ((st.st_mode & 077) != 0 && is_secret(w, path))
		auditwork_add(w, AUDIT_WARNING, ERR_NONE, path,
			"others than its owner may use it (mode %o, not 600)",
			(unsigned)st.st_mode & 0777);
	return true;
}

static void
check_file(struct auditwork *w, const char *path, const char *hash)
{
	AUTO_STR full = NULL;
	BUF_AUTO text = BUF_NONE;
	char found[ENCODE_HASH_HEX];
	struct err e;

	if (!file_path(&full, &e, "%s/%s", w->store->dir, path)) {
		w->failed = true;
		return;
	}
	if (!check_kind(w, path, full))
		return;
	if (!file_read(full, FILE_LIMIT_LARGE, &text, &e)) {
		auditwork_err(w, path, &e);
		return;
	}
	encode_hash_hex(found, text.data, text.len);
	if (strcmp(found, hash) != 0)
		auditwork_add(w, AUDIT_ERROR, ERR_AUTH, path,
			"was altered: its hash is not the journal's");
	check_contents(w, path, &text);
}

static void
expect_file(struct auditwork *w, const struct state_key *k, const char *name)
{
	char path[SEALED_KEY_ID_MAX + 64];

	snprintf(path, sizeof(path), "keys/%s/%s", k->id, name);
	if (!json_object_get(w->store->state.files, path))
		auditwork_add(w, AUDIT_ERROR, ERR_FORMAT, path,
			"belongs to the key, and no line of the journal names it");
}

/* What a committed key must have; the sealed record, until it is destroyed. */
static void
expect_files(struct auditwork *w, const struct state_key *k)
{
	const struct state_set *set = state_current_set(k);
	char sealed[64];

	if (k->state == STATE_VOID)
		return;
	w->audit->keys++;
	expect_file(w, k, "public.pem");
	if (k->domain)
		expect_file(w, k, "request.csr");
	if (!set)
		return;
	snprintf(sealed, sizeof(sealed), "sealed-%s.txt", set->id);
	expect_file(w, k, sealed);
}

void
auditfile_all(struct auditwork *w)
{
	const struct state *s = &w->store->state;
	PROGRESS_AUTO progress = progress_start("checking files", json_object_size(s->files));
	const char *path;
	json_t *hash;

	json_object_foreach(s->files, path, hash)
	{
		check_file(w, path, json_string_value(hash));
		w->audit->files++;
		progress_step(progress, 1);
	}
	for (size_t i = 0; i < s->key_count; i++)
		expect_files(w, s->keys[i]);
}
