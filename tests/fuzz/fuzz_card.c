/* SPDX-License-Identifier: ISC */
/*
 * fuzz_card: whatever bytes a card holds or answers, reading them ends well, and what is read can
 * be written again to the same bytes.
 */
#include "hsm/cardstore.h"
#include "hsm/tlv.h"
#include "shares/sharebin.h"
#include "tests/fuzz.h"

#include <string.h>

static void
try_share(const uint8_t *data, size_t size)
{
	SHARE_AUTO s = { 0 };
	SECRET_AUTO again = SECRET_NONE;
	struct err e;

	if (!sharebin_decode(data, size, &s, &e))
		return;
	require(sharebin_encode(&s, false, &again, &e));
	require(again.len == size && memcmp(again.data, data, size) == 0);
}

static void
try_object(const uint8_t *data, size_t size)
{
	CARDSTORE_AUTO s = { 0 };
	SECRET_AUTO again = SECRET_NONE;
	enum cardstore_state state;
	struct err e;

	require(cardstore_parse(data, size, &state, &s, &e));
	if (state != CARDSTORE_OURS)
		return;
	require(cardstore_encode(&s, &again, &e));
	require(again.len <= size && memcmp(again.data, data, again.len) == 0);
}

static void
try_tlv(const uint8_t *data, size_t size)
{
	struct tlv_rest rest = { data, size };
	struct tlv t;
	struct err e;

	while (rest.len > 0 && tlv_next(&rest, &t, &e)) {
		uint8_t head[TLV_HEAD_MAX];
		require(t.value >= data && t.value + t.len == rest.at);
		require(rest.at + rest.len == data + size);
		require(tlv_head(head, t.tag, t.len) <= (size_t)(t.value - data));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e;

	require(secret_init(true, &e));
	try_share(data, size);
	try_object(data, size);
	try_tlv(data, size);
	require(secret_live() == 0);
	return 0;
}
