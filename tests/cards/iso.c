/* SPDX-License-Identifier: ISC */
#include "tests/cards/iso.h"

#include "base/encode.h"

#include <string.h>

#define CHAIN_MAX ((size_t)8192)
#define PIN_MAX 127

void
iso_hex(struct buf *out, const char *hex)
{
	uint8_t bytes[256];
	struct err e;
	size_t len = strlen(hex) / 2;

	if (len <= sizeof(bytes) && encode_unhex(bytes, len, hex, 2 * len, &e))
		buf_add(out, bytes, len);
}

void
iso_reset(struct card *c)
{
	c->session = (struct session){ 0 };
	buf_clear(&c->chain);
	buf_clear(&c->rest);
}

size_t
iso_torn(struct card *c, size_t len)
{
	if (++c->writes != c->settings.tear)
		return len;
	c->dying = true;
	return len / 2;
}

uint16_t
iso_write(struct card *c, uint32_t id, const void *data, size_t len)
{
	if (len > (size_t)c->settings.size)
		return SW_WRONG_LENGTH;
	return store_put(&c->store, id, data, iso_torn(c, len)) ? SW_OK : SW_MEMORY_FAILURE;
}

/* PINs ------------------------------------------------------------------------------------- */

void
iso_pin_set(struct card *c, uint8_t ref, const void *pin, size_t len)
{
	uint8_t value[ISO_PIN_HEAD + PIN_MAX] = { (uint8_t)c->settings.tries,
		(uint8_t)c->settings.tries };

	if (len > PIN_MAX)
		len = PIN_MAX;
	memcpy(value + ISO_PIN_HEAD, pin, len);
	store_put(&c->store, ISO_PIN_ID(ref), value, ISO_PIN_HEAD + len);
}

bool
iso_pin_check(struct card *c, uint8_t ref, const void *pin, size_t len)
{
	const struct store_value *v = store_get(&c->store, ISO_PIN_ID(ref));
	bool right;

	if (!v || v->data[0] == 0)
		return false;
	right = len == v->len - ISO_PIN_HEAD && memcmp(pin, v->data + ISO_PIN_HEAD, len) == 0;
	v->data[0] = right ? v->data[1] : (uint8_t)(v->data[0] - 1);
	c->store.changed = true;
	return right;
}

unsigned
iso_pin_tries(const struct card *c, uint8_t ref)
{
	const struct store_value *v = store_get(&c->store, ISO_PIN_ID(ref));

	return v ? v->data[0] : 0;
}

size_t
iso_pin_len(const struct card *c, uint8_t ref)
{
	const struct store_value *v = store_get(&c->store, ISO_PIN_ID(ref));

	return v ? v->len - ISO_PIN_HEAD : 0;
}

uint16_t
iso_pin_refused(const struct card *c, uint8_t ref)
{
	unsigned tries = iso_pin_tries(c, ref);

	if (tries == 0)
		return SW_BLOCKED;
	return c->settings.counts ? (uint16_t)(SW_TRIES_LEFT | tries) : SW_NOT_AUTHORISED;
}

/* Commands --------------------------------------------------------------------------------- */

/* The length of `width` bytes at *at, where 0 stands for the most that can be said. */
static size_t
read_le(const uint8_t *at, size_t width)
{
	size_t n = width == 1 ? at[0] : (size_t)at[0] << 8 | at[1];

	return n > 0 ? n : (size_t)1 << (8 * width);
}

/* What follows the four bytes of the header: [Lc data] [Le], in one of the seven cases. */
static bool
parse_body(struct apdu *a, const uint8_t *body, size_t len, bool extended)
{
	size_t width = len > 1 && body[0] == 0 ? 2 : 1, lead = width == 2 ? 3 : 1;

	if (len == 0)
		return true;
	if (width == 2 && !extended)
		return false;
	if (len == lead) {
		a->le = read_le(body + lead - width, width);
		return true;
	}
	if (len < lead)
		return false;
	a->lc = width == 1 ? body[0] : (size_t)body[1] << 8 | body[2];
	a->data = body + lead;
	if (a->lc == 0 || len < lead + a->lc)
		return false;
	if (len == lead + a->lc)
		return true;
	a->le = read_le(body + lead + a->lc, width);
	return len == lead + a->lc + width;
}

static uint16_t
select_applet(struct card *c, const struct apdu *a, struct buf *out)
{
	BUF_AUTO aid = BUF_NONE;

	iso_hex(&aid, c->applet->aid);
	if (a->lc == 0 || a->lc > aid.len || memcmp(a->data, aid.data, a->lc) != 0)
		return SW_NO_FILE;
	c->session = (struct session){ .selected = true };
	return c->applet->select(c, out);
}

static uint16_t
run(struct card *c, const struct apdu *a, struct buf *out)
{
	const struct instruction *k;
	bool known_class = false;

	if (a->cla == 0x00 && a->ins == 0xa4 && a->p1 == 0x04)
		return select_applet(c, a, out);
	if (!c->session.selected)
		return SW_WRONG_INS;
	for (k = c->applet->instructions; k->run; k++) {
		if (k->cla == a->cla && k->ins == a->ins)
			return k->run(c, a, out);
		known_class |= k->cla == a->cla;
	}
	return known_class ? SW_WRONG_INS : SW_WRONG_CLA;
}

/* Collects the parts of a chain. True when `a` is complete, with all of its data. */
static bool
complete(struct card *c, const uint8_t *in, struct apdu *a)
{
	uint8_t head[4] = { a->cla, a->ins, a->p1, a->p2 };
	bool last = !(in[0] & 0x10);

	if (c->chain.len > 0 && memcmp(head, c->chain_head, sizeof(head)) != 0)
		buf_clear(&c->chain); /* another command ends it */
	if (last && c->chain.len == 0)
		return true;
	memcpy(c->chain_head, head, sizeof(head));
	buf_add(&c->chain, a->data, a->lc);
	if (c->chain.len > CHAIN_MAX) {
		buf_clear(&c->chain);
		c->status = SW_WRONG_LENGTH;
		return false;
	}
	a->data = (const uint8_t *)c->chain.data;
	a->lc = c->chain.len;
	c->status = SW_OK;
	if (!last && c->settings.pieces && c->applet->piece)
		c->applet->piece(c, a);
	return last;
}

/* As much of the rest as was asked for, and how much more there is. */
static void
answer(struct card *c, size_t le, struct buf *out)
{
	size_t n = c->rest.len < le ? c->rest.len : le, left = c->rest.len - n;
	uint16_t status = c->status;

	if (n > 0) {
		buf_add(out, c->rest.data, n);
		memmove(c->rest.data, c->rest.data + n, left);
		c->rest.len = left;
	}
	if (left > 0)
		status = (uint16_t)(SW_MORE | (left > 0xff ? 0 : left));
	buf_add(out, (uint8_t[]){ (uint8_t)(status >> 8), (uint8_t)status }, 2);
}

/* The reply waits in `rest`, as in a card, which cannot always hand it over at once. */
static void
execute(struct card *c, const uint8_t *in, struct apdu *a)
{
	buf_clear(&c->rest);
	if (a->cla & 0x03) {
		c->status = SW_CHANNEL;
	} else if (a->cla & 0x0c) {
		c->status = SW_SECURE_MESSAGING;
	} else if (complete(c, in, a)) {
		c->status = run(c, a, &c->rest);
		buf_clear(&c->chain);
	}
	if (c->settings.exact_le && a->lc == 0 && a->le != c->rest.len && c->rest.len > 0 &&
		c->rest.len <= 256) {
		c->status = (uint16_t)(SW_EXACT_LENGTH | (c->rest.len & 0xff));
		buf_clear(&c->rest);
	}
}

void
iso_exchange(struct card *c, const uint8_t *in, size_t len, struct buf *out)
{
	struct apdu a = { 0 };

	if (len < 4 || !parse_body(&a, in + 4, len - 4, c->settings.extended)) {
		c->status = SW_WRONG_LENGTH;
		buf_clear(&c->rest);
		answer(c, 0, out);
		return;
	}
	a.cla = in[0] & 0xef;
	a.ins = in[1];
	a.p1 = in[2];
	a.p2 = in[3];
	if (a.cla != 0 || a.ins != 0xc0)
		execute(c, in, &a);
	else if (c->rest.len == 0)
		c->status = SW_CONDITIONS;
	/* Cards of T=1 answer at once, even where Le was forgotten. */
	answer(c, a.le > 0 || c->settings.exact_le ? a.le : 256, out);
}
