/* SPDX-License-Identifier: ISC */
#include "tests/cards/mishap.h"

#include <stdint.h>
#include <string.h>

/* Leaves `len` bytes of the data, puts `filling` more behind them, and the status word at the end.
 */
static void
reshape(struct buf *reply, size_t len, size_t filling, uint16_t status)
{
	static const uint8_t a5[1024] = { [0 ... 1023] = 0xa5 };

	reply->len = len;
	buf_add(reply, a5, filling);
	buf_add(reply, (uint8_t[]){ (uint8_t)(status >> 8), (uint8_t)status }, 2);
}

static uint16_t
status_of(const struct buf *reply)
{
	const uint8_t *end = (const uint8_t *)reply->data + reply->len;

	return (uint16_t)(end[-2] << 8 | end[-1]);
}

/* More data than any short Le allows, where there was some. */
static void
spoil_long(struct buf *reply)
{
	if (reply->len > 2)
		reshape(reply, reply->len - 2, 1024, status_of(reply));
}

/* The second half of the data is missing. */
static void
spoil_short(struct buf *reply)
{
	reshape(reply, (reply->len - 2) / 2, 0, status_of(reply));
}

/* A status word that no standard knows. */
static void
spoil_status(struct buf *reply)
{
	reshape(reply, reply->len - 2, 0, 0x9f42);
}

/* Not even a status word. */
static void
spoil_tiny(struct buf *reply)
{
	reply->len = 1;
}

/* There is always more to fetch. */
static void
spoil_endless(struct buf *reply)
{
	reshape(reply, 0, 200, 0x61ff);
}

static const struct mishap mishaps[] = {
	{ "long", spoil_long, false },
	{ "short", spoil_short, false },
	{ "status", spoil_status, false },
	{ "tiny", spoil_tiny, false },
	{ "endless", spoil_endless, true },
};

const struct mishap *
mishap_named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(mishaps) / sizeof(*mishaps); i++) {
		if (strcmp(mishaps[i].name, name) == 0)
			return &mishaps[i];
	}
	return NULL;
}
