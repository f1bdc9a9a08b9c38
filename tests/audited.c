/* SPDX-License-Identifier: ISC */
#include "tests/audited.h"

#include "base/file.h"
#include "tests/support.h"

#include <unistd.h>

void
audited_make(const char *dir, struct fixture *f)
{
	fixture_init(f, dir);
	fixture_keys(f, "example.org", 2, false);
	fixture_export(f);
	fixture_export(f);
	store_close(&f->store);
}

void
audited_run(const struct fixture *f, struct audit *out)
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

void
audited_found(
	const struct audit *a, enum audit_severity severity, const char *where, const char *part)
{
	if (found(a, severity, where, part))
		return;
	for (size_t i = 0; i < a->count; i++)
		print_message("%s: %s: %s\n", audit_severity_name(a->items[i].severity),
			a->items[i].where, a->items[i].what);
	fail_msg("no %s about \"%s\" with \"%s\"", audit_severity_name(severity), where, part);
}

void
audited_read(const struct fixture *f, const char *relative, struct buf *out)
{
	AUTO_STR path = NULL;
	struct err e = { 0 };

	buf_free(out);
	assert_ok(file_path(&path, &e, "%s/%s", f->dir, relative), &e);
	assert_ok(file_read(path, FILE_LIMIT_LARGE, out, &e), &e);
}

void
audited_remove(const struct fixture *f, const char *relative)
{
	AUTO_STR path = NULL;
	struct err e = { 0 };

	assert_ok(file_path(&path, &e, "%s/%s", f->dir, relative), &e);
	assert_int_equal(unlink(path), 0);
}

/* One line again, with the file's new hash, after the line before. */
static void
forge_line(struct buf *out, json_t *body, const char *prev, const char *relative, const char *hash)
{
	BUF_AUTO line = BUF_NONE;
	char check[ENCODE_HASH_HEX];
	json_t *files = json_object_get(body, "files");
	struct err e = { 0 };

	json_object_del(body, "check");
	json_object_set_new(body, "prev", json_string(prev));
	if (json_object_get(files, relative) && hash)
		json_object_set_new(files, relative, json_string(hash));
	else
		json_object_del(files, relative);
	assert_ok(json_write(body, false, &line, &e), &e);
	line.len--; /* its brace */
	encode_hash_hex(check, line.data, line.len);
	buf_add(out, line.data, line.len);
	buf_addf(out, ",\"check\":\"%s\"}\n", check);
}

void
audited_forge(const struct fixture *f, const char *relative, const struct buf *bytes)
{
	BUF_AUTO old = BUF_NONE;
	BUF_AUTO new = BUF_NONE;
	char hash[ENCODE_HASH_HEX], prev[ENCODE_HASH_HEX];
	struct err e = { 0 };

	memset(prev, '0', sizeof(prev) - 1);
	prev[sizeof(prev) - 1] = '\0';
	if (bytes) {
		fixture_put(f, relative, bytes->data, bytes->len);
		encode_hash_hex(hash, bytes->data, bytes->len);
	} else {
		audited_remove(f, relative);
	}
	audited_read(f, JOURNAL_FILE, &old);
	for (char *at = old.data, *lf; (lf = strchr(at, '\n')); at = lf + 1) {
		JSON_AUTO body = NULL;
		size_t start = new.len;
		assert_ok(json_parse(at, (size_t)(lf - at), &body, &e), &e);
		forge_line(&new, body, prev, relative, bytes ? hash : NULL);
		encode_hash_hex(prev, new.data + start, new.len - start - 1);
	}
	fixture_put(f, JOURNAL_FILE, new.data, new.len);
}
