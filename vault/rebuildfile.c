/* SPDX-License-Identifier: ISC */
#include "vault/rebuildfile.h"

#include "base/file.h"
#include "pins/pubfile.h"
#include "vault/privkey.h"

#include <stdlib.h>

/* Takes the path and the bytes over. */
static bool
keep_file(struct rebuild *r, char **path, mode_t mode, struct buf *bytes, struct err *e)
{
	struct rebuild_file *files = reallocarray(r->files, r->file_count + 1, sizeof *r->files);

	if (!files)
		return err_set(e, ERR_MEMORY, "out of memory");
	r->files = files;
	files[r->file_count] = (struct rebuild_file){ .path = *path, .mode = mode };
	*path = NULL;
	buf_move(&files[r->file_count++].bytes, bytes);
	return true;
}

bool
rebuildfile_public(struct rebuild *r, const char *key, EVP_PKEY *private_key, struct err *e)
{
	BUF_AUTO pem = BUF_NONE;
	AUTO_STR path = NULL;

	return privkey_public_pem(private_key, &pem, e) &&
	       file_path(&path, e, "keys/%s/public.pem", key) && keep_file(r, &path, 0644, &pem, e);
}

bool
rebuildfile_sealed(struct rebuild *r, const struct sealed *record, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	AUTO_STR path = NULL;

	sealed_encode(record, &text);
	return buf_ok(&text, e) &&
	       file_path(&path, e, "keys/%s/sealed-%s.txt", record->key, record->set) &&
	       keep_file(r, &path, 0600, &text, e);
}

static bool
is_request(const struct buf *text, const struct pin *pin)
{
	PUBFILE_AUTO f = { 0 };
	struct err no;

	return pubfile_parse((const uint8_t *)text->data, text->len, &f, &no) && f.count > 0 &&
	       f.items[0].kind == PUBFILE_CSR && pin_equal(&f.items[0].pin, pin);
}

/* No signature covers it: what counts is whose key it asks a certificate for. */
bool
rebuildfile_request(struct rebuild *r, const struct manifest_pin *p, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	AUTO_STR from = NULL;
	AUTO_STR path = NULL;

	if (!file_path(&from, e, "%s/requests/%s.csr", r->folder, p->key) ||
		!file_read(from, FILE_LIMIT, &text, e))
		return err_wrap(e, "the export folder is not whole");
	if (!is_request(&text, &p->pin))
		return err_set(e, ERR_AUTH, "%s is no request of that key", from);
	return file_path(&path, e, "keys/%s/request.csr", p->key) &&
	       keep_file(r, &path, 0644, &text, e);
}

bool
rebuildfile_manifest(struct rebuild *r, const char *suffix, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	AUTO_STR from = NULL;
	AUTO_STR path = NULL;

	return file_path(&from, e, "%s/pins.json%s", r->folder, suffix) &&
	       file_read(from, FILE_LIMIT_LARGE, &text, e) &&
	       file_path(&path, e, "manifests/%06lld.json%s", (long long)r->from.manifest.serial,
		       suffix) &&
	       keep_file(r, &path, 0644, &text, e);
}

static bool
keep_copy(struct rebuild *r, const char *name, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	AUTO_STR from = NULL;
	AUTO_STR path = NULL;

	return file_path(&from, e, "%s/%s", r->folder, name) &&
	       file_read(from, FILE_LIMIT, &text, e) && file_path(&path, e, "%s", name) &&
	       keep_file(r, &path, 0644, &text, e);
}

bool
rebuildfile_statements(struct rebuild *r, struct err *e)
{
	for (size_t i = 0; i < r->before_count; i++) {
		AUTO_STR path = NULL;
		AUTO_STR signature = NULL;

		if (!file_path(&path, e, SUCCESSION_FILE, (unsigned)i + 1) ||
			!file_path(&signature, e, "%s.minisig", path) || !keep_copy(r, path, e) ||
			!keep_copy(r, signature, e))
			return false;
	}
	return true;
}
