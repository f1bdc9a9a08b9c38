/* SPDX-License-Identifier: ISC */
#include "tests/journalfile.h"

#include "base/file.h"
#include "tests/support.h"

#include <stdio.h>

const char *
journalfile_path(void **state)
{
	return support_path(state, JOURNAL_FILE);
}

void
journalfile_read(void **state, struct buf *out)
{
	struct err e = { 0 };

	buf_free(out);
	assert_ok(file_read(journalfile_path(state), FILE_LIMIT_LARGE, out, &e), &e);
}

void
journalfile_put(void **state, const char *data, size_t len)
{
	FILE *f = fopen(journalfile_path(state), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

void
journalfile_append(struct journal *j, const char *event, json_t *body)
{
	struct err e = { 0 };

	assert_ok(journal_append(j, event, body, NULL, NULL, &e), &e);
}

void
journalfile_fill(void **state, struct journal *j)
{
	struct err e = { 0 };

	assert_ok(journal_new(*state, j, &e), &e);
	journalfile_append(j, "create", json_pack("{s:s}", "name", "Example Ops"));
	journalfile_append(j, "policy", json_pack("{s:n, s:i}", "domain", "max_age", 5184000));
	journalfile_append(j, "drill", json_object());
}

void
journalfile_forge(void **state, const char *prev, const char *members)
{
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO line = BUF_NONE;
	char check[ENCODE_HASH_HEX];

	journalfile_read(state, &text);
	buf_addf(&line, "{\"prev\":\"%s\",%s", prev, members);
	encode_hash_hex(check, line.data, line.len);
	buf_addf(&line, ",\"check\":\"%s\"}\n", check);
	buf_add(&text, line.data, line.len);
	journalfile_put(state, text.data, text.len);
}
