/* SPDX-License-Identifier: ISC */
#include "hsm/apdu.h"

#include <string.h>

#define HEADER 4
#define COMMAND_MAX (HEADER + 1 + APDU_DATA_MAX + 1)
#define PIECE_MAX (256 + 2)
#define CHAINING 0x10
#define GET_RESPONSE 0xc0

/* One exchange under way, all of it in one piece of secret memory. */
struct exchange {
	const struct apdu_link *link;
	struct secret memory;
	uint8_t *command; /* COMMAND_MAX */
	uint8_t *piece;   /* PIECE_MAX: one reply of the card */
	uint8_t *reply;   /* APDU_REPLY_MAX: the pieces together */
	size_t reply_len;
	uint16_t sw;
};

static bool
exchange_new(struct exchange *x, const struct apdu_link *l, struct err *e)
{
	*x = (struct exchange){ .link = l };
	if (!secret_new(&x->memory, COMMAND_MAX + PIECE_MAX + APDU_REPLY_MAX, e))
		return false;
	x->command = x->memory.data;
	x->piece = x->command + COMMAND_MAX;
	x->reply = x->piece + PIECE_MAX;
	return true;
}

static void
exchange_free(struct exchange *x)
{
	secret_free(&x->memory);
}

static size_t
encode(const struct apdu *c, uint8_t *out)
{
	size_t n = HEADER;

	memcpy(out, (const uint8_t[]){ c->cla, c->ins, c->p1, c->p2 }, HEADER);
	if (c->len > 0) {
		out[n++] = (uint8_t)c->len;
		memcpy(out + n, c->data, c->len);
		n += c->len;
	}
	if (c->le > 0)
		out[n++] = (uint8_t)c->le; /* 256 is written 00 */
	return n;
}

/* One command that is short enough; the reply's bytes are added to what came before. */
static bool
transmit(struct exchange *x, const struct apdu *c, struct err *e)
{
	size_t len = encode(c, x->command);
	size_t got = 0;

	if (!x->link->transmit(x->link->context, x->command, len, x->piece, PIECE_MAX, &got, e))
		return false;
	if (got < 2 || got > PIECE_MAX)
		return err_set(e, ERR_DEVICE, "the card's reply of %zu bytes is none", got);
	got -= 2;
	x->sw = (uint16_t)(x->piece[got] << 8 | x->piece[got + 1]);
	if (x->reply_len + got > APDU_REPLY_MAX)
		return err_set(e, ERR_DEVICE, "the card's reply has no end");
	memcpy(x->reply + x->reply_len, x->piece, got);
	x->reply_len += got;
	return true;
}

/* All but the last piece of what is too long for one command. */
static bool
send_chain(struct exchange *x, struct apdu *c, struct err *e)
{
	while (c->len > APDU_DATA_MAX) {
		struct apdu part = *c;

		part.cla |= CHAINING;
		part.len = APDU_DATA_MAX;
		part.le = 0;
		if (!transmit(x, &part, e))
			return false;
		if (x->sw != APDU_OK)
			return true;
		c->data = (const uint8_t *)c->data + APDU_DATA_MAX;
		c->len -= APDU_DATA_MAX;
	}
	return true;
}

/* How many bytes xx of 61xx and 6Cxx speaks of. */
static unsigned
counted(uint16_t sw)
{
	return (sw & 0xff) ? sw & 0xff : 256;
}

static bool
fetch_rest(struct exchange *x, struct err *e)
{
	while (x->sw >> 8 == 0x61) {
		struct apdu more = { .ins = GET_RESPONSE, .le = counted(x->sw) };
		size_t before = x->reply_len;

		if (!transmit(x, &more, e))
			return false;
		if (x->reply_len == before && x->sw >> 8 == 0x61)
			return err_set(e, ERR_DEVICE, "the card promises a reply without end");
	}
	return true;
}

static bool
run(struct exchange *x, const struct apdu *command, struct err *e)
{
	struct apdu c = *command;

	x->sw = APDU_OK;
	if (!send_chain(x, &c, e))
		return false;
	if (x->sw != APDU_OK)
		return true;
	if (!transmit(x, &c, e))
		return false;
	if (x->sw >> 8 == 0x6c) {
		c.le = counted(x->sw);
		x->reply_len = 0;
		if (!transmit(x, &c, e))
			return false;
	}
	return fetch_rest(x, e);
}

static bool
hand_out(
	struct exchange *x, const struct apdu *c, struct secret *reply, uint16_t *sw, struct err *e)
{
	SECRET_AUTO bytes = SECRET_NONE;

	if (!reply && x->reply_len > 0)
		return err_set(e, ERR_DEVICE,
			"the card answers INS %02x with bytes nobody asked for", c->ins);
	if (reply) {
		if (!secret_copy(&bytes, x->reply, x->reply_len, e))
			return false;
		secret_move(reply, &bytes);
	}
	*sw = x->sw;
	return true;
}

bool
apdu_exchange(const struct apdu_link *l, const struct apdu *c, struct secret *reply, uint16_t *sw,
	struct err *e)
{
	__attribute__((cleanup(exchange_free))) struct exchange x = { 0 };

	return exchange_new(&x, l, e) && run(&x, c, e) && hand_out(&x, c, reply, sw, e);
}

bool
apdu_send(const struct apdu_link *l, const struct apdu *c, const char *what, struct secret *reply,
	struct err *e)
{
	SECRET_AUTO bytes = SECRET_NONE;
	uint16_t sw = 0;

	if (!apdu_exchange(l, c, reply ? &bytes : NULL, &sw, e))
		return err_wrap(e, "%s", what);
	if (sw != APDU_OK)
		return apdu_refused(sw, what, e);
	if (reply)
		secret_move(reply, &bytes);
	return true;
}

bool
apdu_refused(uint16_t sw, const char *what, struct err *e)
{
	static const struct {
		uint16_t sw;
		enum err_code code;
		const char *text;
	} known[] = {
		{ 0x6581, ERR_DEVICE, "the card's memory failed" },
		{ 0x6700, ERR_DEVICE, "the card takes no such length" },
		{ 0x6982, ERR_AUTH, "the card wants its PIN first" },
		{ 0x6983, ERR_AUTH, "the PIN is blocked" },
		{ 0x6984, ERR_AUTH, "the PIN is not set" },
		{ 0x6985, ERR_DEVICE, "the card's state does not allow it" },
		{ 0x6a80, ERR_DEVICE, "the card does not like the data" },
		{ 0x6a81, ERR_DEVICE, "the card has no such function" },
		{ 0x6a82, ERR_MISSING, "the card has no such object" },
		{ 0x6a84, ERR_DEVICE, "the card is full" },
		{ 0x6a88, ERR_MISSING, "the card has no such object" },
		{ 0x6d00, ERR_DEVICE, "the card does not know this command" },
		{ 0x6e00, ERR_DEVICE, "the card does not know this command" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].sw == sw)
			return err_set(e, known[i].code, "%s: %s (%04X)", what, known[i].text, sw);
	if ((sw & 0xfff0) == 0x63c0)
		return err_set(e, ERR_AUTH, "%s: wrong PIN, %u tries left", what, sw & 0xfu);
	return err_set(e, ERR_DEVICE, "%s: the card refuses it (%04X)", what, sw);
}
