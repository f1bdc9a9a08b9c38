/* SPDX-License-Identifier: ISC */
/*
 * The OpenPGP card application, version 3.4 (and 2.1), without keys: its data objects, their access
 * rules, three PINs and the KDF-DO. Section numbers are those of the specification.
 */
#include "tests/cards/ber.h"
#include "tests/cards/iso.h"

#include <sodium.h>
#include <string.h>

#define REF_SIGN 0x81  /* PW1 for one signature */
#define REF_OTHER 0x82 /* PW1 for everything else: one PIN and one counter with 81 */
#define REF_ADMIN 0x83 /* PW3 */
#define REF_RESET 0x84 /* the resetting code; VERIFY does not know it */

#define PW1_SIGN 1U
#define PW1_OTHER 2U
#define PW3 4U
#define NOBODY 8U

#define KDF_TAG 0x00f9
#define PIN_LEN_MAX 0x7f

/* 4.4.1: what GET DATA and PUT DATA take, who may, and what stands there from the factory. */
static const struct object {
	uint16_t tag;
	unsigned read, write; /* any of these PINs; 0: everybody */
	const char *factory;  /* hex */
	size_t zeros;         /* behind that */
} objects[] = {
	{ 0x005b, 0, PW3, "", 0 },
	{ 0x005e, 0, PW3, "", 0 },
	{ 0x0093, 0, NOBODY, "", 3 },          /* signatures made */
	{ 0x00c1, 0, PW3, "010800002000", 0 }, /* RSA 2048 */
	{ 0x00c2, 0, PW3, "010800002000", 0 },
	{ 0x00c3, 0, PW3, "010800002000", 0 },
	{ 0x00c5, 0, NOBODY, "", 60 },            /* three keys' fingerprints, */
	{ 0x00c6, 0, NOBODY, "", 60 },            /* their certifiers', */
	{ 0x00cd, 0, NOBODY, "", 12 },            /* their times, */
	{ 0x00de, 0, NOBODY, "010002000300", 0 }, /* and none of them is there */
	{ KDF_TAG, 0, PW3, "810100", 0 },
	{ 0x0101, 0, PW1_OTHER, "", 0 },
	{ 0x0102, 0, PW3, "", 0 },
	{ 0x0103, PW1_OTHER, PW1_OTHER, "", 0 },
	{ 0x0104, PW3, PW3, "", 0 },
	{ 0x5f2d, 0, PW3, "656e", 0 },
	{ 0x5f35, 0, PW3, "39", 0 },
	{ 0x5f50, 0, PW3, "", 0 },
	{ 0x7f21, 0, PW3, "", 0 },
};

/* Objects made of others. A tag of 0 ends the parts. */
static const struct template
{
	uint16_t tag, parts[12];
}
templates[] = {
	{ 0x0065, { 0x5b, 0x5f2d, 0x5f35 } },
	{ 0x006e, { 0x4f, 0x5f52, 0x73 } },
	{ 0x0073, { 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xcd, 0xde } },
	{ 0x007a, { 0x93 } },
};

static const struct object *
object_of(unsigned tag)
{
	size_t i;

	for (i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		if (objects[i].tag == tag)
			return &objects[i];
	}
	return NULL;
}

static const struct template *
template_of(unsigned tag)
{
	size_t i;

	for (i = 0; i < sizeof(templates) / sizeof(*templates); i++) {
		if (templates[i].tag == tag)
			return &templates[i];
	}
	return NULL;
}

/* Computed objects ------------------------------------------------------------------------- */

/* 4.2.1: the vendor FFFE has no serial numbers of its own. */
static void
add_aid(const struct card *c, struct buf *out)
{
	iso_hex(out, "d27600012401");
	iso_hex(out, c->settings.old ? "0201" : "0304");
	iso_hex(out, "fffe");
	iso_hex(out, c->settings.serial);
	iso_hex(out, "0000");
}

/* 4.4.3.7: the PW status and the private objects; algorithms may be chosen; a KDF-DO is possible.
 */
static void
add_capabilities(const struct card *c, struct buf *out)
{
	uint8_t size[2] = { (uint8_t)(c->settings.size >> 8), (uint8_t)c->settings.size };

	buf_add(out, &(uint8_t){ c->settings.old ? 0x1c : 0x1d }, 1);
	iso_hex(out, "000000"); /* no secure messaging, no GET CHALLENGE */
	if (c->settings.old) {
		iso_hex(out, "080008000800"); /* a certificate, a command, a reply */
		return;
	}
	iso_hex(out, "0800");
	buf_add(out, size, 2);
	iso_hex(out, "0000");
}

static void
add_pin_status(const struct card *c, struct buf *out)
{
	uint8_t status[] = { 0, PIN_LEN_MAX, PIN_LEN_MAX, PIN_LEN_MAX,
		(uint8_t)iso_pin_tries(c, REF_SIGN), (uint8_t)iso_pin_tries(c, REF_RESET),
		(uint8_t)iso_pin_tries(c, REF_ADMIN) };
	const struct store_value *v = store_get(&c->store, 0xc4);

	status[0] = v && v->len > 0 ? v->data[0] : 0;
	buf_add(out, status, sizeof(status));
}

/* 6: chaining, and extended length where the settings say so. */
static void
add_historical(const struct card *c, struct buf *out)
{
	iso_hex(out, "0031f573c001");
	buf_add(out, &(uint8_t){ c->settings.extended ? 0xc0 : 0x80 }, 1);
	iso_hex(out, "059000");
}

static const struct computed {
	uint16_t tag;
	void (*add)(const struct card *c, struct buf *out);
} computed[] = {
	{ 0x004f, add_aid },
	{ 0x00c0, add_capabilities },
	{ 0x00c4, add_pin_status },
	{ 0x5f52, add_historical },
};

/* Reading ---------------------------------------------------------------------------------- */

static void
add_stored(const struct card *c, const struct object *o, struct buf *out)
{
	static const uint8_t zeros[64];
	const struct store_value *v = store_get(&c->store, o->tag);

	if (v) {
		buf_add(out, v->data, v->len);
	} else {
		iso_hex(out, o->factory);
		buf_add(out, zeros, o->zeros);
	}
}

/* False: there is no such object. Templates nest: 6E holds 73. */
static bool
add_value(const struct card *c, unsigned tag, struct buf *out)
{
	const struct template *t = template_of(tag);
	const struct object *o = object_of(tag);
	size_t i;

	for (i = 0; t && t->parts[i] != 0; i++) {
		BUF_AUTO part = BUF_NONE;

		add_value(c, t->parts[i], &part);
		ber_add(out, t->parts[i], part.data, part.len);
	}
	for (i = 0; i < sizeof(computed) / sizeof(*computed); i++) {
		if (computed[i].tag == tag) {
			computed[i].add(c, out);
			return true;
		}
	}
	if (o)
		add_stored(c, o, out);
	return t || o;
}

static uint16_t
get_data(struct card *c, const struct apdu *a, struct buf *out)
{
	unsigned tag = APDU_P1P2(a);
	const struct object *o = object_of(tag);
	BUF_AUTO value = BUF_NONE;

	if (tag == KDF_TAG && c->settings.old)
		return SW_NO_REFERENCE;
	if (o && o->read && !(o->read & c->session.verified))
		return SW_NOT_AUTHORISED;
	if (!add_value(c, tag, &value))
		return SW_NO_REFERENCE;
	if (template_of(tag))
		ber_add(out, tag, value.data, value.len);
	else
		buf_add(out, value.data, value.len);
	return SW_OK;
}

/* PINs ------------------------------------------------------------------------------------- */

static unsigned
bit_of(unsigned ref)
{
	return ref == REF_SIGN    ? PW1_SIGN
	       : ref == REF_OTHER ? PW1_OTHER
	       : ref == REF_ADMIN ? PW3
				  : 0;
}

/* 81 and 82 are one PIN. */
static uint8_t
stored_ref(unsigned ref)
{
	return ref == REF_OTHER ? REF_SIGN : (uint8_t)ref;
}

static uint16_t
verify(struct card *c, const struct apdu *a, struct buf *out)
{
	uint8_t ref = stored_ref(a->p2);
	unsigned bit = bit_of(a->p2);

	(void)out;
	if (!bit || (a->p1 != 0 && a->p1 != 0xff))
		return SW_WRONG_P1P2;
	if (a->p1 == 0xff || a->lc > 0)
		c->session.verified &= ~bit;
	if (a->p1 == 0xff)
		return SW_OK;
	if (c->session.verified & bit)
		return SW_OK;
	if (a->lc == 0)
		return (uint16_t)(SW_TRIES_LEFT | iso_pin_tries(c, ref));
	if (!iso_pin_check(c, ref, a->data, a->lc))
		return iso_pin_refused(c, ref);
	c->session.verified |= bit;
	return SW_OK;
}

/* 4.2: six characters at least, eight of PW3. */
static bool
long_enough(uint8_t ref, size_t len)
{
	return len >= (ref == REF_SIGN ? 6 : 8) && len <= PIN_LEN_MAX;
}

static uint16_t
change_pin(struct card *c, const struct apdu *a, struct buf *out)
{
	uint8_t ref = a->p2;
	size_t len = iso_pin_len(c, ref);

	(void)out;
	if (a->p1 != 0 || (ref != REF_SIGN && ref != REF_ADMIN))
		return SW_WRONG_P1P2;
	if (!iso_pin_check(c, ref, a->data, a->lc < len ? a->lc : len))
		return iso_pin_refused(c, ref);
	if (!long_enough(ref, a->lc - len))
		return SW_WRONG_DATA;
	iso_pin_set(c, ref, a->data + len, a->lc - len);
	return SW_OK;
}

/* P1 02: the administrator says so; P1 00: whoever knows the resetting code. */
static uint16_t
reset_tries(struct card *c, const struct apdu *a, struct buf *out)
{
	size_t len = a->p1 == 0 ? iso_pin_len(c, REF_RESET) : 0;

	(void)out;
	if ((a->p1 != 0 && a->p1 != 2) || a->p2 != REF_SIGN)
		return SW_WRONG_P1P2;
	if (a->p1 == 2 && !(c->session.verified & PW3))
		return SW_NOT_AUTHORISED;
	if (a->p1 == 0 && !iso_pin_check(c, REF_RESET, a->data, a->lc < len ? a->lc : len))
		return iso_pin_refused(c, REF_RESET);
	if (!long_enough(REF_SIGN, a->lc - len))
		return SW_WRONG_DATA;
	iso_pin_set(c, REF_SIGN, a->data + len, a->lc - len);
	return SW_OK;
}

/* Writing ---------------------------------------------------------------------------------- */

static void
factory_pins(struct card *c)
{
	iso_pin_set(c, REF_SIGN, c->settings.pin, strlen(c->settings.pin));
	iso_pin_set(c, REF_ADMIN, c->settings.admin, strlen(c->settings.admin));
}

/* 4.3.2: with the KDF the PINs become hashes, at first those that the object itself brings. */
static uint16_t
put_kdf(struct card *c, const struct apdu *a)
{
	struct ber kdf, user, admin;
	uint16_t status;

	if (!ber_find(a->data, a->lc, 0x81, &kdf) || kdf.len != 1)
		return SW_WRONG_DATA;
	if (kdf.value[0] == 0)
		factory_pins(c);
	else if (!ber_find(a->data, a->lc, 0x87, &user) || !ber_find(a->data, a->lc, 0x88, &admin))
		return SW_WRONG_DATA;
	status = iso_write(c, KDF_TAG, a->data, a->lc);
	if (status == SW_OK && kdf.value[0] != 0) {
		iso_pin_set(c, REF_SIGN, user.value, user.len);
		iso_pin_set(c, REF_ADMIN, admin.value, admin.len);
	}
	return status;
}

static uint16_t
put_data(struct card *c, const struct apdu *a, struct buf *out)
{
	unsigned tag = APDU_P1P2(a);
	const struct object *o = object_of(tag);

	(void)out;
	if (tag == 0xc4 || tag == 0xd3) {
		if (!(c->session.verified & PW3))
			return SW_NOT_AUTHORISED;
		if (tag == 0xc4)
			return a->lc == 1 ? iso_write(c, tag, a->data, a->lc) : SW_WRONG_DATA;
		iso_pin_set(c, REF_RESET, a->data, a->lc);
		return SW_OK;
	}
	if (!o || o->write == NOBODY || (tag == KDF_TAG && c->settings.old))
		return SW_NO_REFERENCE;
	if (!(o->write & c->session.verified))
		return SW_NOT_AUTHORISED;
	return tag == KDF_TAG ? put_kdf(c, a) : iso_write(c, tag, a->data, a->lc);
}

/* Factory ---------------------------------------------------------------------------------- */

#define KDF_COUNT 100000
#define KDF_SALT_LEN 8

/* RFC 4880 section 3.7.1.3: the hash of `count` bytes of salt and PIN, again and again. */
static void
hash_pin(uint8_t out[static crypto_hash_sha256_BYTES], const char *pin, const char *salt)
{
	crypto_hash_sha256_state state;
	BUF_AUTO once = BUF_NONE;
	size_t left;

	buf_add(&once, salt, KDF_SALT_LEN);
	buf_adds(&once, pin);
	crypto_hash_sha256_init(&state);
	for (left = KDF_COUNT; left > once.len; left -= once.len)
		crypto_hash_sha256_update(&state, (const uint8_t *)once.data, once.len);
	crypto_hash_sha256_update(&state, (const uint8_t *)once.data, left);
	crypto_hash_sha256_final(&state, out);
}

static void
factory_kdf(struct card *c)
{
	static const char salts[3][KDF_SALT_LEN + 1] = { "saltuser", "saltcode", "saltboss" };
	static const uint8_t count[] = { KDF_COUNT >> 24, KDF_COUNT >> 16 & 0xff,
		KDF_COUNT >> 8 & 0xff, KDF_COUNT & 0xff };
	uint8_t hash[2][crypto_hash_sha256_BYTES];
	BUF_AUTO kdf = BUF_NONE;
	uint32_t i;

	hash_pin(hash[0], c->settings.pin, salts[0]);
	hash_pin(hash[1], c->settings.admin, salts[2]);
	ber_add(&kdf, 0x81, &(uint8_t){ 3 }, 1); /* iterated and salted */
	ber_add(&kdf, 0x82, &(uint8_t){ 8 }, 1); /* SHA-256 */
	ber_add(&kdf, 0x83, count, sizeof(count));
	for (i = 0; i < 3; i++)
		ber_add(&kdf, 0x84 + i, salts[i], KDF_SALT_LEN);
	ber_add(&kdf, 0x87, hash[0], sizeof(hash[0]));
	ber_add(&kdf, 0x88, hash[1], sizeof(hash[1]));
	store_put(&c->store, KDF_TAG, kdf.data, kdf.len);
	iso_pin_set(c, REF_SIGN, hash[0], sizeof(hash[0]));
	iso_pin_set(c, REF_ADMIN, hash[1], sizeof(hash[1]));
}

static void
factory(struct card *c)
{
	factory_pins(c);
	if (c->settings.kdf)
		factory_kdf(c);
}

static uint16_t
selected(struct card *c, struct buf *out)
{
	(void)c;
	(void)out;
	return SW_OK;
}

static const struct instruction instructions[] = {
	{ 0x00, 0x20, verify },
	{ 0x00, 0x24, change_pin },
	{ 0x00, 0x2c, reset_tries },
	{ 0x00, 0xca, get_data },
	{ 0x00, 0xda, put_data },
	{ 0, 0, NULL },
};

const struct applet app_openpgp = {
	.name = "openpgp",
	.atr = "3b8a010031f573c00180059000e8",
	.aid = "d27600012401",
	.defaults = { .serial = "00c01d01",
		.pin = "123456",
		.admin = "12345678",
		.size = 255,
		.tries = 3 },
	.factory = factory,
	.select = selected,
	.instructions = instructions,
};
