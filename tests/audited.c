/* SPDX-License-Identifier: ISC */
#include "tests/audited.h"

#include "base/file.h"
#include "tests/support.h"

#include <unistd.h>

void
audited_make(void **state, struct fixture *f)
{
	fixture_init(f, support_path(state, "vault"));
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
