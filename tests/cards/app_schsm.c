/* SPDX-License-Identifier: ISC */
/*
 * The SmartCard-HSM's file system, without keys: elementary files by number, those from CD00 to
 * CDFF readable with the user's PIN alone, all of them written with it.
 */
#include "tests/cards/ber.h"
#include "tests/cards/iso.h"

#include <string.h>

#define REF_USER 0x81
#define REF_SO 0x88
#define SO_PIN_LEN 8

#define USER 1U

#define FILE_CERTIFICATE 0x2f02U
#define FILE_TOKEN_INFO 0x2f03U
#define PREFIX_PROTECTED 0xcdU

#define CHUNK_MAX 1024

static bool
readable(const struct card *c, uint32_t file)
{
	return file >> 8 != PREFIX_PROTECTED || c->session.verified & USER;
}

/* Of the device's own files only the label's may be written. */
static bool
writable(const struct card *c, uint32_t file)
{
	return c->session.verified & USER && (file >> 8 >= 0xc4 || file == FILE_TOKEN_INFO);
}

/* A file, and not a PIN. */
static const struct store_value *
file_of(const struct card *c, uint32_t file)
{
	return file <= 0xffff ? store_get(&c->store, file) : NULL;
}

/* The file that P1 and P2 name: 0000 is the selected one. */
static uint32_t
named_file(const struct card *c, const struct apdu *a)
{
	return APDU_P1P2(a) != 0 ? APDU_P1P2(a) : c->session.file;
}

static void
add_fci(struct buf *out, const struct store_value *v)
{
	uint8_t size[2] = { (uint8_t)(v->len >> 8), (uint8_t)v->len };
	uint8_t id[2] = { (uint8_t)(v->id >> 8), (uint8_t)v->id };
	BUF_AUTO fci = BUF_NONE;

	ber_add(&fci, 0x80, size, sizeof(size));
	ber_add(&fci, 0x82, &(uint8_t){ 1 }, 1); /* a transparent file */
	ber_add(&fci, 0x83, id, sizeof(id));
	ber_add(out, 0x6f, fci.data, fci.len);
}

static uint16_t
select_file(struct card *c, const struct apdu *a, struct buf *out)
{
	const struct store_value *v;

	if (a->p1 != 0 || a->lc != 2)
		return SW_WRONG_P1P2;
	v = file_of(c, (uint32_t)a->data[0] << 8 | a->data[1]);
	if (!v)
		return SW_NO_FILE;
	c->session.file = v->id;
	if (a->p2 != 0x0c)
		add_fci(out, v);
	return SW_OK;
}

/* 54 02 offset: what READ and UPDATE BINARY begin with. */
static bool
read_offset(const struct apdu *a, size_t *offset)
{
	struct ber b;

	if (!ber_find(a->data, a->lc, 0x54, &b) || b.len != 2)
		return false;
	*offset = (size_t)b.value[0] << 8 | b.value[1];
	return true;
}

static uint16_t
read_binary(struct card *c, const struct apdu *a, struct buf *out)
{
	const struct store_value *v = file_of(c, named_file(c, a));
	size_t offset, n;

	if (!v)
		return SW_NO_FILE;
	if (!readable(c, v->id))
		return SW_NOT_AUTHORISED;
	if (!read_offset(a, &offset))
		return SW_WRONG_DATA;
	if (offset > v->len)
		return SW_WRONG_OFFSET;
	n = v->len - offset;
	buf_add(out, v->data + offset, n < a->le ? n : a->le);
	return n < a->le ? SW_END_REACHED : SW_OK;
}

static size_t
room_left(const struct card *c)
{
	size_t i, used = 0, room = (size_t)c->settings.room;

	for (i = 0; i < c->store.count; i++) {
		if (c->store.values[i].id <= 0xffff && c->store.values[i].id >> 8 >= 0xc4)
			used += c->store.values[i].len;
	}
	return used < room ? room - used : 0;
}

/* Behind the end the file grows; a file that is not there begins. It is selected from now on. */
static uint16_t
update_binary(struct card *c, const struct apdu *a, struct buf *out)
{
	uint32_t file = named_file(c, a);
	const struct store_value *v = file_of(c, file);
	size_t offset, len = v ? v->len : 0;
	BUF_AUTO content = BUF_NONE;
	struct ber chunk;

	(void)out;
	if (!writable(c, file))
		return SW_NOT_AUTHORISED;
	if (!read_offset(a, &offset) || !ber_find(a->data, a->lc, 0x53, &chunk))
		return SW_WRONG_DATA;
	if (chunk.len > CHUNK_MAX)
		return SW_WRONG_LENGTH;
	if (offset > len)
		return SW_WRONG_OFFSET;
	if (offset + chunk.len > (size_t)c->settings.size ||
		(offset + chunk.len > len && offset + chunk.len - len > room_left(c)))
		return SW_NO_ROOM;
	if (v)
		buf_add(&content, v->data, offset);
	buf_add(&content, chunk.value, iso_torn(c, chunk.len));
	if (content.len < len)
		buf_add(&content, v->data + content.len, len - content.len);
	c->session.file = file;
	return store_put(&c->store, file, content.data, content.len) ? SW_OK : SW_MEMORY_FAILURE;
}

static uint16_t
delete_file(struct card *c, const struct apdu *a, struct buf *out)
{
	uint32_t file;

	(void)out;
	if (a->p1 != 2 || a->p2 != 0 || a->lc != 2)
		return SW_WRONG_P1P2;
	file = (uint32_t)a->data[0] << 8 | a->data[1];
	if (!file_of(c, file))
		return SW_NO_FILE;
	if (!writable(c, file))
		return SW_NOT_AUTHORISED;
	iso_torn(c, 0);
	store_drop(&c->store, file);
	return SW_OK;
}

/* Two bytes for each file. */
static uint16_t
enumerate(struct card *c, const struct apdu *a, struct buf *out)
{
	size_t i;

	(void)a;
	for (i = 0; i < c->store.count; i++) {
		uint32_t id = c->store.values[i].id;

		if (id <= 0xffff)
			buf_add(out, (uint8_t[]){ (uint8_t)(id >> 8), (uint8_t)id }, 2);
	}
	return SW_OK;
}

/* PINs ------------------------------------------------------------------------------------- */

static uint16_t
verify(struct card *c, const struct apdu *a, struct buf *out)
{
	(void)out;
	if (a->p1 != 0 || (a->p2 != REF_USER && a->p2 != REF_SO))
		return SW_WRONG_P1P2;
	if (a->lc == 0) {
		if (a->p2 == REF_USER && c->session.verified & USER)
			return SW_OK;
		return iso_pin_tries(c, a->p2) == 0
			       ? SW_BLOCKED
			       : (uint16_t)(SW_TRIES_LEFT | iso_pin_tries(c, a->p2));
	}
	c->session.verified &= ~USER;
	if (!iso_pin_check(c, a->p2, a->data, a->lc))
		return iso_pin_refused(c, a->p2);
	if (a->p2 == REF_USER)
		c->session.verified |= USER;
	return SW_OK;
}

static bool
pin_fits(uint8_t ref, size_t len)
{
	return ref == REF_SO ? len == SO_PIN_LEN : len >= 6 && len <= 16;
}

static uint16_t
change_pin(struct card *c, const struct apdu *a, struct buf *out)
{
	size_t len = iso_pin_len(c, a->p2);

	(void)out;
	if (a->p1 != 0 || (a->p2 != REF_USER && a->p2 != REF_SO))
		return SW_WRONG_P1P2;
	if (!iso_pin_check(c, a->p2, a->data, a->lc < len ? a->lc : len))
		return iso_pin_refused(c, a->p2);
	if (!pin_fits(a->p2, a->lc - len))
		return SW_WRONG_LENGTH;
	iso_pin_set(c, a->p2, a->data + len, a->lc - len);
	return SW_OK;
}

/* The SO-PIN, and the user's new PIN behind it. */
static uint16_t
reset_tries(struct card *c, const struct apdu *a, struct buf *out)
{
	size_t len = a->lc < SO_PIN_LEN ? a->lc : SO_PIN_LEN;

	(void)out;
	if (a->p1 != 0 || a->p2 != REF_USER)
		return SW_WRONG_P1P2;
	if (!iso_pin_check(c, REF_SO, a->data, len))
		return iso_pin_refused(c, REF_SO);
	if (!pin_fits(REF_USER, a->lc - len))
		return SW_WRONG_LENGTH;
	iso_pin_set(c, REF_USER, a->data + len, a->lc - len);
	return SW_OK;
}

/* Factory ---------------------------------------------------------------------------------- */

/* A card-verifiable certificate (BSI TR-03110-3, C.1) by the device for itself, with a point and a
 * signature of zeros. The holder's reference is the serial number and a sequence number. */
static void
add_certificate(struct buf *out, const char *serial)
{
	static const uint8_t point[65] = { 4 }, signature[64];
	BUF_AUTO holder = BUF_NONE;
	BUF_AUTO key = BUF_NONE;
	BUF_AUTO body = BUF_NONE;
	BUF_AUTO certificate = BUF_NONE;

	buf_addf(&holder, "%.11s00001", serial);
	iso_hex(&key, "060a04007f00070202020203"); /* id-TA-ECDSA-SHA-256 */
	ber_add(&key, 0x86, point, sizeof(point));
	ber_add(&body, 0x5f29, &(uint8_t){ 0 }, 1);
	ber_add(&body, 0x42, holder.data, holder.len);
	ber_add(&body, 0x7f49, key.data, key.len);
	ber_add(&body, 0x5f20, holder.data, holder.len);
	ber_add(&certificate, 0x7f4e, body.data, body.len);
	ber_add(&certificate, 0x5f37, signature, sizeof(signature));
	ber_add(out, 0x7f21, certificate.data, certificate.len);
}

static void
factory(struct card *c)
{
	BUF_AUTO certificate = BUF_NONE;
	BUF_AUTO so_pin = BUF_NONE;

	add_certificate(&certificate, c->settings.serial);
	iso_hex(&so_pin, c->settings.admin);
	store_put(&c->store, FILE_CERTIFICATE, certificate.data, certificate.len);
	iso_pin_set(c, REF_USER, c->settings.pin, strlen(c->settings.pin));
	iso_pin_set(c, REF_SO, so_pin.data, so_pin.len);
}

/* INITIALIZE DEVICE: who knows the SO-PIN gets an empty card with the PIN he names. */
static uint16_t
initialise(struct card *c, const struct apdu *a, struct buf *out)
{
	struct ber user, so, tries;
	size_t i;

	(void)out;
	if (!ber_find(a->data, a->lc, 0x81, &user) || !ber_find(a->data, a->lc, 0x82, &so) ||
		!pin_fits(REF_USER, user.len) || !pin_fits(REF_SO, so.len))
		return SW_WRONG_DATA;
	if (!iso_pin_check(c, REF_SO, so.value, so.len))
		return iso_pin_refused(c, REF_SO);
	if (ber_find(a->data, a->lc, 0x91, &tries) && tries.len == 1)
		c->settings.tries = tries.value[0];
	for (i = c->store.count; i-- > 0;) {
		if (c->store.values[i].id <= 0xffff && c->store.values[i].id != FILE_CERTIFICATE)
			store_drop(&c->store, c->store.values[i].id);
	}
	iso_pin_set(c, REF_USER, user.value, user.len);
	c->session.verified = 0;
	return SW_OK;
}

static uint16_t
selected(struct card *c, struct buf *out)
{
	(void)c;
	iso_hex(out, "6f0782017885020305"); /* an application; version 3.5 */
	return SW_OK;
}

static const struct instruction instructions[] = {
	{ 0x00, 0x20, verify },
	{ 0x00, 0x24, change_pin },
	{ 0x00, 0x2c, reset_tries },
	{ 0x00, 0xa4, select_file },
	{ 0x00, 0xb1, read_binary },
	{ 0x00, 0xd7, update_binary },
	{ 0x00, 0xe4, delete_file },
	{ 0x80, 0x50, initialise },
	{ 0x80, 0x58, enumerate },
	{ 0, 0, NULL },
};

const struct applet app_schsm = {
	.name = "sc-hsm",
	.atr = "3bfe1800008131fe458031815448534d31738021408107fa",
	.aid = "e82b0601040181c31f0201",
	.defaults = { .serial = "DECC0400001",
		.pin = "648219",
		.admin = "3537363231383830",
		.size = 16384,
		.room = 65536,
		.tries = 3,
		.extended = true,
		.counts = true },
	.factory = factory,
	.select = selected,
	.instructions = instructions,
};
