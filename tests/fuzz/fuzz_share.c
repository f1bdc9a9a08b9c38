/* SPDX-License-Identifier: ISC */
/*
 * fuzz_share: whatever bytes a share file holds, reading it ends well, and what is read can be
 * written again to the same text.
 */
#include "base/secret.h"
#include "shares/quorum.h"
#include "tests/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* A share's text is what its encoding parses to, and encodes to again. */
static void
try_share(const uint8_t *data, size_t size)
{
	SHARE_AUTO s = { 0 };
	SHARE_AUTO again = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	SECRET_AUTO same = SECRET_NONE;
	struct err e;

	if (!share_parse(data, size, &s, &e))
		return;
	require(share_encode(&s, false, &text, &e));
	require(share_parse(text.data, text.len, &again, &e));
	require(share_encode(&again, false, &same, &e));
	require(same.len == text.len && memcmp(same.data, text.data, text.len) == 0);
	require(size != text.len || memcmp(data, text.data, size) == 0);
}

/* A sealed record has one form only. */
static void
try_sealed(const uint8_t *data, size_t size)
{
	SEALED_AUTO s = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e;

	if (!sealed_parse((const char *)data, size, &s, &e))
		return;
	sealed_encode(&s, &text);
	require(text.len == size && memcmp(text.data, data, size) == 0);
}

/* No bytes make a quorum alone. */
static void
try_quorum(const uint8_t *data, size_t size)
{
	const struct quorum_want want = { .key = "" };
	MEDIUM_RECORDS_AUTO records = { .items = calloc(1, sizeof(*records.items)), .count = 1 };
	QUORUM_AUTO q = { 0 };
	struct err e;

	require(records.items != NULL);
	records.items[0].label = strdup("record");
	require(secret_copy(&records.items[0].text, data, size, &e));
	require(quorum_add(&q, &want, &records, &e));
	require(q.count + q.reject_count == 1);
	require(!quorum_settle(&q, &want, &e));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e;

	require(secret_init(true, &e));
	try_share(data, size);
	try_sealed(data, size);
	try_quorum(data, size);
	require(secret_live() == 0);
	return 0;
}
