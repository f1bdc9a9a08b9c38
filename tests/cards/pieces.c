/* SPDX-License-Identifier: ISC */
#include "tests/cards/pieces.h"

#include <string.h>

#define HEAD 9

void
pieces_write(struct card *c, uint32_t tag, const uint8_t *data, size_t len)
{
	const struct store_value *old = store_get(&c->store, tag);
	uint8_t content[4096] = { 0 };
	size_t total;

	if (len < HEAD || data[5] != 0x53 || data[6] != 0x82)
		return;
	total = (size_t)data[7] << 8 | data[8];
	if (total > sizeof(content) || total > (size_t)c->settings.size || len - HEAD > total)
		return;
	if (old)
		memcpy(content, old->data, old->len < total ? old->len : total);
	memcpy(content, data + HEAD, len - HEAD);
	store_put(&c->store, tag, content, total);
}
