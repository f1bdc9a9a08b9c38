/* SPDX-License-Identifier: ISC */
/*
 * fuzz_manifest: whatever bytes pins.json holds, reading it ends well; what is read is written to a
 * text that reads and writes the same, and lint and diff come to an end on it.
 */
#include "base/secret.h"
#include "pins/diff.h"
#include "pins/lint.h"
#include "tests/fuzz.h"

#include <string.h>

static void
try_round(const struct manifest *m)
{
	MANIFEST_AUTO again = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO same = BUF_NONE;
	DIFF_AUTO diff = { 0 };
	struct err e;

	require(manifest_encode(m, &text, &e));
	require(manifest_parse(text.data, text.len, &again, &e));
	require(manifest_encode(&again, &same, &e));
	require(text.len == same.len && memcmp(text.data, same.data, text.len) == 0);
	require(diff_manifests(m, &again, &diff, &e));
}

static void
try_lint(const struct manifest *m)
{
	const struct lint_context ctx = { .now = 1795860000, .previous = m, .ttl = 3600 };
	LINT_FINDINGS_AUTO f = { 0 };
	struct err e;

	require(lint_run(m, &ctx, &f, &e));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	MANIFEST_AUTO m = { 0 };
	struct err e;

	require(secret_init(true, &e));
	if (!manifest_parse((const char *)data, size, &m, &e))
		return 0;
	try_round(&m);
	try_lint(&m);
	return 0;
}
