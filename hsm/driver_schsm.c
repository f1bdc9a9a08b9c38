/* SPDX-License-Identifier: ISC */
/*
 * driver_schsm: the PIN-protected files CD00 to CDFF of a SmartCard-HSM (its user manual; Nitrokey
 * HSM and Pico HSM are alike).
 *
 * One slot a file. Nobody else may read or write those without the user PIN.
 */
#include "hsm/card.h"
#include "hsm/pinpad.h"
#include "hsm/tlv.h"

#include <string.h>

#define PIN_REFERENCE 0x81
#define DATA_FILES 0xcd
#define DEVICE_CERTIFICATE 0x2f02
#define CHUNK 200      /* fits a short APDU with its offset and length */
#define FILE_MAX 16384 /* as large as an object of ours */
#define SEQUENCE_LEN 5 /* at the end of a holder's name */
#define TAG_REQUEST 0x67
#define TAG_CERTIFICATE 0x7f21
#define TAG_BODY 0x7f4e
#define TAG_HOLDER 0x5f20

/* Ends a file: no such offset, or fewer bytes than were asked for. */
static bool
is_file_end(uint16_t sw)
{
	return sw == 0x6282 || sw == 0x6b00;
}

/* One piece from `offset` on, added at *len; *more is false at the file's end. */
static bool
read_piece(struct card *c, uint16_t file, struct secret *to, size_t *len, bool *more, struct err *e)
{
	const uint8_t offset[] = { 0x54, 0x02, (uint8_t)(*len >> 8), (uint8_t)*len };
	const struct apdu read = { 0x00, 0xb1, (uint8_t)(file >> 8), (uint8_t)file, offset,
		sizeof(offset), 256 };
	SECRET_AUTO piece = SECRET_NONE;
	uint16_t sw = 0;

	if (!apdu_exchange(c->link, &read, &piece, &sw, e))
		return false;
	if (sw != APDU_OK && !(is_file_end(sw) && (*len > 0 || sw == 0x6282)))
		return apdu_refused(sw, "reading a file", e);
	if (piece.len > to->len - *len)
		return err_set(e, ERR_DEVICE, "a file on the card has no end");
	if (piece.len > 0)
		memcpy(to->data + *len, piece.data, piece.len);
	*len += piece.len;
	*more = sw == APDU_OK && piece.len > 0;
	return true;
}

static bool
read_file(struct card *c, uint16_t file, struct secret *out, struct err *e)
{
	SECRET_AUTO all = SECRET_NONE;
	SECRET_AUTO exact = SECRET_NONE;
	size_t len = 0;
	bool more = true;

	if (!secret_new(&all, FILE_MAX + 256, e))
		return false;
	while (more)
		if (!read_piece(c, file, &all, &len, &more, e))
			return err_wrap(e, "file %04X", file);
	if (!secret_copy(&exact, all.data, len, e))
		return false;
	secret_move(out, &exact);
	return true;
}

/* The card's name in its certificate: letters and digits, and a sequence number at the end. */
static bool
holder_of(const struct secret *file, struct tlv *out, struct err *e)
{
	struct tlv whole = { .value = file->data, .len = file->len };
	struct tlv t;
	struct err ignored;

	/* A card that makes its own certificate keeps it in a request. */
	if (!tlv_find(whole.value, whole.len, TAG_REQUEST, &t, &ignored))
		t = whole;
	if (!tlv_find(t.value, t.len, TAG_CERTIFICATE, &t, e) ||
		!tlv_find(t.value, t.len, TAG_BODY, &t, e) ||
		!tlv_find(t.value, t.len, TAG_HOLDER, &t, e))
		return false;
	*out = t;
	return (t.len > SEQUENCE_LEN && t.len - SEQUENCE_LEN <= CARD_SERIAL_MAX) ||
	       err_set(e, ERR_FORMAT, "a name of %zu bytes", t.len);
}

static bool
read_serial(struct card *c, struct err *e)
{
	SECRET_AUTO file = SECRET_NONE;
	struct tlv holder;

	if (!read_file(c, DEVICE_CERTIFICATE, &file, e))
		return false;
	if (!holder_of(&file, &holder, e)) {
		err_wrap(e, "SmartCard-HSM: its certificate");
		e->code = ERR_DEVICE;
		return false;
	}
	for (size_t i = 0; i < holder.len - SEQUENCE_LEN; i++) {
		if (holder.value[i] <= ' ' || holder.value[i] > '~')
			return err_set(e, ERR_DEVICE, "SmartCard-HSM: a name that is no text");
		c->serial[i] = (char)holder.value[i];
	}
	return true;
}

static bool
read_tries(struct card *c, struct err *e)
{
	uint16_t sw = 0;

	if (!card_ask_tries(c, PIN_REFERENCE, &sw, e))
		return false;
	if (sw == 0x6984)
		return err_set(e, ERR_MISSING,
			"a SmartCard-HSM, %s, but one that was never set up (sc-hsm-tool "
			"--initialize)",
			c->serial);
	return sw == APDU_OK || c->tries >= 0 || apdu_refused(sw, "asking for the PIN's tries", e);
}

static bool
list_files(struct card *c, struct err *e)
{
	const struct apdu list = { .cla = 0x80, .ins = 0x58, .le = 256 };
	SECRET_AUTO reply = SECRET_NONE;

	if (!apdu_send(c->link, &list, "listing files", &reply, e))
		return false;
	if (reply.len % 2 != 0)
		return err_set(e, ERR_DEVICE, "SmartCard-HSM: half a file in its list");
	for (size_t i = 0; i < reply.len; i += 2)
		if (reply.data[i] == DATA_FILES)
			c->in_use[reply.data[i + 1]] = true;
	return true;
}

static bool
schsm_select(struct card *c, struct err *e)
{
	static const uint8_t aid[] = { 0xe8, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xc3, 0x1f, 0x02,
		0x01 };
	SECRET_AUTO reply = SECRET_NONE;

	if (!card_select_aid(c, aid, sizeof(aid), &reply, e) || !read_serial(c, e) ||
		!read_tries(c, e) || !list_files(c, e))
		return false;
	c->slots = CARD_SLOTS_MAX;
	c->room = FILE_MAX;
	return true;
}

static bool
schsm_verify(struct card *c, const struct secret *pin, struct err *e)
{
	return card_verify(c, PIN_REFERENCE, pin, e);
}

static const struct pinpad_format *
schsm_pinpad(const struct card *c)
{
	static const struct pinpad_format format = { PIN_REFERENCE, 6, 15, 0 };

	(void)c;
	return &format;
}

static bool
schsm_load(struct card *c, unsigned slot, struct secret *out, struct err *e)
{
	if (!c->in_use[slot])
		return secret_new(out, 0, e);
	return read_file(c, (uint16_t)(DATA_FILES << 8 | slot), out, e);
}

static bool
write_piece(struct card *c, unsigned slot, size_t offset, const struct secret *bytes, struct err *e)
{
	size_t len = bytes->len - offset < CHUNK ? bytes->len - offset : CHUNK;
	SECRET_AUTO data = SECRET_NONE;

	if (!secret_new(&data, 4 + TLV_HEAD_MAX + CHUNK, e))
		return false;
	memcpy(data.data, (const uint8_t[]){ 0x54, 0x02, (uint8_t)(offset >> 8), (uint8_t)offset },
		4);
	size_t head = 4 + tlv_head(data.data + 4, 0x53, len);
	memcpy(data.data + head, bytes->data + offset, len);
	const struct apdu update = { 0x00, 0xd7, DATA_FILES, (uint8_t)slot, data.data, head + len,
		0 };
	return apdu_send(c->link, &update, "writing a file", NULL, e);
}

static bool
remove_file(struct card *c, unsigned slot, struct err *e)
{
	const uint8_t file[] = { DATA_FILES, (uint8_t)slot };
	const struct apdu delete = { 0x00, 0xe4, 0x02, 0x00, file, sizeof(file), 0 };

	if (!c->in_use[slot])
		return true;
	if (!apdu_send(c->link, &delete, "deleting a file", NULL, e))
		return false;
	c->in_use[slot] = false;
	return true;
}

static bool
schsm_store(struct card *c, unsigned slot, const struct secret *bytes, struct err *e)
{
	if (bytes->len == 0)
		return remove_file(c, slot, e);
	c->in_use[slot] = true;
	for (size_t offset = 0; offset < bytes->len; offset += CHUNK)
		if (!write_piece(c, slot, offset, bytes, e))
			return err_wrap(e, "file CD%02X", slot);
	return true;
}

static bool
schsm_change_pin(
	struct card *c, const struct secret *old, const struct secret *fresh, struct err *e)
{
	return card_change_pin(c, PIN_REFERENCE, old, fresh, e);
}

const struct card_driver card_schsm = {
	.name = "sc-hsm",
	.title = "SmartCard-HSM",
	.factory_pin = "648219",
	.pin_min = 6,
	.pin_max = 15,
	.admin_note = "the SO-PIN is the one of sc-hsm-tool --initialize: nothing else changes it",
	.select = schsm_select,
	.verify = schsm_verify,
	.pinpad = schsm_pinpad,
	.load = schsm_load,
	.store = schsm_store,
	.change_pin = schsm_change_pin,
};
