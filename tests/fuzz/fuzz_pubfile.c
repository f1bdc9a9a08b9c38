/* SPDX-License-Identifier: ISC */
/*
 * fuzz_pubfile: whatever bytes a certificate file holds, reading it and climbing its chains ends
 * well.
 */
#include "base/secret.h"
#include "pins/chain.h"
#include "tests/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PUBFILE_AUTO f = { 0 };
	CHAIN_AUTO c = { 0 };
	struct err e;

	require(secret_init(true, &e));
	if (!pubfile_parse(data, size, &f, &e))
		return 0;
	require(f.count > 0 || f.private_keys > 0);
	if (chain_find(&f, NULL, &c, &e))
		require(c.count > 0 && c.paths[0].count > 0);
	return 0;
}
