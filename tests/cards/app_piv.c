/* SPDX-License-Identifier: ISC */
/*
 * The PIV card application (NIST SP 800-73-4 part 2), without key pairs: data objects, PIN, PUK,
 * the management key, and what YubiKeys add: version, serial number, metadata, changing the
 * management key.
 */
#include "tests/cards/ber.h"
#include "tests/cards/iso.h"
#include "tests/cards/pieces.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

#define REF_PIN 0x80
#define REF_PUK 0x81
#define PIN_LEN 8 /* padded with FF */

#define PIN_GIVEN 1U
#define KEY_PROVEN 2U

#define KEY_REF 0x9b
#define KEY_ID UINT32_C(0x200009b) /* in the store: the algorithm, then the key */
#define KEY_MAX 32

#define TAG_DISCOVERY 0x7eU
#define TAG_CHUID UINT32_C(0x5fc102)

#define FACTORY_KEY "0102030405060708010203040506070801020304050607080102030405060708"

/* SP 800-78-4 table 6-2, and what YubiKeys call AES. */
static const struct algorithm {
	const char *name;
	uint8_t id;
	size_t key_len, block_len;
	const EVP_CIPHER *(*cipher)(void);
} algorithms[] = {
	{ "3des", 0x03, 24, 8, EVP_des_ede3_ecb },
	{ "aes128", 0x08, 16, 16, EVP_aes_128_ecb },
	{ "aes192", 0x0a, 24, 16, EVP_aes_192_ecb },
	{ "aes256", 0x0c, 32, 16, EVP_aes_256_ecb },
};

static const struct algorithm *
algorithm_of(const char *name, uint8_t id)
{
	size_t i;

	for (i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		if (name ? strcmp(algorithms[i].name, name) == 0 : algorithms[i].id == id)
			return &algorithms[i];
	}
	return NULL;
}

/* Data objects ----------------------------------------------------------------------------- */

/* Table 3 of part 1: printed information, fingerprints, facial image. */
static bool
needs_pin(uint32_t tag)
{
	return tag == 0x5fc109 || tag == 0x5fc103 || tag == 0x5fc108;
}

/* 5C tag: which object a command is about. */
static bool
read_tag(const struct apdu *a, uint32_t *tag)
{
	struct ber b;
	size_t i;

	if (APDU_P1P2(a) != 0x3fff || !ber_find(a->data, a->lc, 0x5c, &b) || b.len < 1 || b.len > 3)
		return false;
	*tag = 0;
	for (i = 0; i < b.len; i++)
		*tag = *tag << 8 | b.value[i];
	return true;
}

static uint16_t
get_data(struct card *c, const struct apdu *a, struct buf *out)
{
	const struct store_value *v;
	uint32_t tag;

	if (!read_tag(a, &tag))
		return SW_WRONG_DATA;
	if (tag == TAG_DISCOVERY) {
		iso_hex(out, "7e124f0ba0000003080000100001005f2f024000"); /* its own PIN */
		return SW_OK;
	}
	if (needs_pin(tag) && !(c->session.verified & PIN_GIVEN))
		return SW_NOT_AUTHORISED;
	v = store_get(&c->store, tag);
	if (!v)
		return SW_NO_FILE;
	ber_add(out, 0x53, v->data, v->len);
	return SW_OK;
}

/* An object without content is no object. */
static uint16_t
put_data(struct card *c, const struct apdu *a, struct buf *out)
{
	struct ber content;
	uint32_t tag;

	(void)out;
	if (!(c->session.verified & KEY_PROVEN))
		return SW_NOT_AUTHORISED;
	if (!read_tag(a, &tag) || tag <= 0xffff || !ber_find(a->data, a->lc, 0x53, &content))
		return SW_WRONG_DATA;
	if (content.len > (size_t)c->settings.size)
		return SW_NO_ROOM;
	if (content.len > 0)
		return iso_write(c, tag, content.value, content.len);
	iso_torn(c, 0);
	store_drop(&c->store, tag);
	return SW_OK;
}

static void
put_piece(struct card *c, const struct apdu *a)
{
	uint32_t tag;
	if ((c->session.verified & KEY_PROVEN) && a->ins == 0xdb && read_tag(a, &tag))
		pieces_write(c, tag, a->data, a->lc);
}

/* PIN and PUK ------------------------------------------------------------------------------ */

static uint16_t
check_pin(struct card *c, uint8_t ref, const uint8_t *pin)
{
	if (iso_pin_tries(c, ref) == 0)
		return SW_BLOCKED;
	if (!iso_pin_check(c, ref, pin, PIN_LEN))
		return (uint16_t)(SW_TRIES_LEFT | iso_pin_tries(c, ref));
	return SW_OK;
}

static uint16_t
verify(struct card *c, const struct apdu *a, struct buf *out)
{
	uint16_t status;

	(void)out;
	if (a->p2 != REF_PIN || (a->p1 != 0 && a->p1 != 0xff))
		return a->p2 != REF_PIN ? SW_NO_REFERENCE : SW_WRONG_P1P2;
	if (a->p1 == 0 && a->lc == 0) {
		if (c->session.verified & PIN_GIVEN)
			return SW_OK;
		return (uint16_t)(SW_TRIES_LEFT | iso_pin_tries(c, REF_PIN));
	}
	c->session.verified &= ~PIN_GIVEN;
	if (a->p1 == 0xff)
		return SW_OK;
	if (a->lc != PIN_LEN)
		return SW_WRONG_DATA;
	status = check_pin(c, REF_PIN, a->data);
	if (status == SW_OK)
		c->session.verified |= PIN_GIVEN;
	return status;
}

/* CHANGE REFERENCE DATA proves what it changes, RESET RETRY COUNTER proves the PUK. */
static uint16_t
set_pin(struct card *c, const struct apdu *a, uint8_t proof)
{
	uint16_t status;

	if (a->p1 != 0 || (a->p2 != REF_PIN && a->p2 != REF_PUK))
		return SW_NO_REFERENCE;
	if (a->lc != 2 * PIN_LEN)
		return SW_WRONG_DATA;
	status = check_pin(c, proof, a->data);
	if (status == SW_OK)
		iso_pin_set(c, a->p2, a->data + PIN_LEN, PIN_LEN);
	return status;
}

static uint16_t
change_pin(struct card *c, const struct apdu *a, struct buf *out)
{
	(void)out;
	return set_pin(c, a, a->p2);
}

static uint16_t
reset_tries(struct card *c, const struct apdu *a, struct buf *out)
{
	(void)out;
	return a->p2 == REF_PIN ? set_pin(c, a, REF_PUK) : SW_NO_REFERENCE;
}

/* The management key ----------------------------------------------------------------------- */

static bool
crypt_block(const struct card *c, bool encrypt, uint8_t *out, const uint8_t *in, size_t len)
{
	const struct store_value *key = store_get(&c->store, KEY_ID);
	const struct algorithm *k = algorithm_of(NULL, key->data[0]);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok =
		context && len == k->block_len &&
		EVP_CipherInit_ex(context, k->cipher(), NULL, key->data + 1, NULL, encrypt) == 1 &&
		EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
		EVP_CipherUpdate(context, out, &n, in, (int)len) == 1 && n == (int)len;

	EVP_CIPHER_CTX_free(context);
	return ok;
}

static void
add_template(struct buf *out, uint32_t tag, const uint8_t *value, size_t len)
{
	BUF_AUTO inner = BUF_NONE;

	ber_add(&inner, tag, value, len);
	ber_add(out, 0x7c, inner.data, inner.len);
}

/* The first step: a random block, as it is (81, to be encrypted by who knows the key) or encrypted
 * (80, the witness, to be decrypted). `session.file` keeps which. */
static uint16_t
pose(struct card *c, uint32_t tag, size_t len, struct buf *out)
{
	uint8_t shown[16];

	randombytes_buf(c->session.challenge, len);
	c->session.challenge_len = len;
	c->session.file = tag;
	memcpy(shown, c->session.challenge, len);
	if (tag == 0x80 && !crypt_block(c, true, shown, c->session.challenge, len))
		return SW_MEMORY_FAILURE;
	add_template(out, tag, shown, len);
	return SW_OK;
}

/* The second step, which uses the block up. */
static bool
solved(struct card *c, uint32_t posed, const struct ber *answer)
{
	uint8_t want[16];
	size_t len = c->session.challenge_len;

	c->session.challenge_len = 0;
	if (c->session.file != posed || len == 0 || answer->len != len)
		return false;
	memcpy(want, c->session.challenge, len);
	if (posed == 0x81 && !crypt_block(c, true, want, c->session.challenge, len))
		return false;
	return memcmp(want, answer->value, len) == 0;
}

/* Part 2, A.1 and A.2: the host proves the key, and with a witness the card does too. */
static uint16_t
authenticate(struct card *c, const struct apdu *a, struct buf *out)
{
	const struct store_value *key = store_get(&c->store, KEY_ID);
	const struct algorithm *k = algorithm_of(NULL, a->p1 == 0 ? 0x03 : a->p1);
	struct ber all, witness, challenge = { 0 }, response;
	uint8_t proof[16];

	if (a->p2 != KEY_REF || !k || k->id != key->data[0])
		return SW_WRONG_P1P2;
	if (!ber_find(a->data, a->lc, 0x7c, &all))
		return SW_WRONG_DATA;
	if (ber_find(all.value, all.len, 0x80, &witness) && witness.len == 0)
		return pose(c, 0x80, k->block_len, out);
	ber_find(all.value, all.len, 0x81, &challenge);
	if (ber_find(all.value, all.len, 0x82, &response) && response.len > 0) {
		if (!solved(c, 0x81, &response))
			return SW_NOT_AUTHORISED;
	} else if (ber_find(all.value, all.len, 0x80, &witness)) {
		if (!solved(c, 0x80, &witness))
			return SW_NOT_AUTHORISED;
		if (!crypt_block(c, true, proof, challenge.value, challenge.len))
			return SW_WRONG_DATA;
		add_template(out, 0x82, proof, k->block_len);
	} else {
		return pose(c, 0x81, k->block_len, out);
	}
	c->session.verified |= KEY_PROVEN;
	return SW_OK;
}

static void
store_key(struct card *c, const struct algorithm *k, const uint8_t *key)
{
	uint8_t value[1 + KEY_MAX] = { k->id };

	memcpy(value + 1, key, k->key_len);
	store_put(&c->store, KEY_ID, value, 1 + k->key_len);
}

/* The algorithm, 9B, the key's length and the key. */
static uint16_t
set_key(struct card *c, const struct apdu *a, struct buf *out)
{
	const struct algorithm *k = a->lc > 3 ? algorithm_of(NULL, a->data[0]) : NULL;
	(void)out;

	if (!(c->session.verified & KEY_PROVEN))
		return SW_NOT_AUTHORISED;
	if (!k || a->data[1] != KEY_REF || a->data[2] != k->key_len || a->lc != 3 + k->key_len ||
		(c->settings.old && k->id != 0x03))
		return SW_WRONG_DATA;
	store_key(c, k, a->data + 3);
	return SW_OK;
}

/* What YubiKeys tell -------------------------------------------------------------------------- */

static uint16_t
get_version(struct card *c, const struct apdu *a, struct buf *out)
{
	(void)a;
	iso_hex(out, c->settings.old ? "040305" : "050403");
	return SW_OK;
}

static uint16_t
get_serial(struct card *c, const struct apdu *a, struct buf *out)
{
	(void)a;
	if (c->settings.old)
		return SW_WRONG_INS;
	iso_hex(out, c->settings.serial);
	return SW_OK;
}

static bool
is_factory_pin(const struct card *c, uint8_t ref)
{
	const struct store_value *v = store_get(&c->store, ISO_PIN_ID(ref));
	const char *pin = ref == REF_PIN ? "123456\xff\xff" : "12345678";

	return v->len == ISO_PIN_HEAD + PIN_LEN &&
	       memcmp(v->data + ISO_PIN_HEAD, pin, PIN_LEN) == 0;
}

static uint16_t
get_metadata(struct card *c, const struct apdu *a, struct buf *out)
{
	const struct store_value *key = store_get(&c->store, KEY_ID);
	BUF_AUTO factory_key = BUF_NONE;

	if (c->settings.old)
		return SW_WRONG_INS;
	if (a->p2 == REF_PIN || a->p2 == REF_PUK) {
		uint8_t tries[2] = { store_get(&c->store, ISO_PIN_ID(a->p2))->data[1],
			(uint8_t)iso_pin_tries(c, a->p2) };

		ber_add(out, 0x01, &(uint8_t){ 0xff }, 1);
		ber_add(out, 0x05, &(uint8_t){ is_factory_pin(c, a->p2) }, 1);
		ber_add(out, 0x06, tries, sizeof(tries));
		return SW_OK;
	}
	if (a->p2 != KEY_REF)
		return SW_NO_REFERENCE;
	iso_hex(&factory_key, FACTORY_KEY);
	ber_add(out, 0x01, &key->data[0], 1);
	ber_add(out, 0x02, (uint8_t[]){ 0, 1 }, 2); /* no touch is wanted */
	ber_add(out, 0x05, &(uint8_t){ memcmp(key->data + 1, factory_key.data, key->len - 1) == 0 },
		1);
	return SW_OK;
}

/* Factory ---------------------------------------------------------------------------------- */

static void
factory_pin(struct card *c, uint8_t ref, const char *text)
{
	uint8_t pin[PIN_LEN];
	size_t len = strlen(text);

	memset(pin, 0xff, sizeof(pin));
	memcpy(pin, text, len < PIN_LEN ? len : PIN_LEN);
	iso_pin_set(c, ref, pin, sizeof(pin));
}

/* The only place where a card that is no YubiKey has a number of its own: the CHUID's GUID. */
static void
factory_chuid(struct card *c)
{
	BUF_AUTO chuid = BUF_NONE;

	iso_hex(&chuid, "3019d4e739da739ced39ce739d836858210842108421c84210c3eb3410");
	iso_hex(&chuid, "000000000000000000000000");
	iso_hex(&chuid, c->settings.serial);
	iso_hex(&chuid, "350832303330303130313e00fe00"); /* expires 20300101 */
	store_put(&c->store, TAG_CHUID, chuid.data, chuid.len);
}

static void
factory(struct card *c)
{
	const struct algorithm *k = algorithm_of(c->settings.algorithm, 0);
	BUF_AUTO key = BUF_NONE;

	if (!k)
		k = &algorithms[0];
	iso_hex(&key, FACTORY_KEY);
	store_key(c, k, (const uint8_t *)key.data);
	factory_pin(c, REF_PIN, c->settings.pin);
	factory_pin(c, REF_PUK, c->settings.admin);
	if (c->settings.old)
		factory_chuid(c);
}

static uint16_t
selected(struct card *c, struct buf *out)
{
	(void)c;
	iso_hex(out, "61114f0600001000010079074f05a000000308");
	return SW_OK;
}

static const struct instruction instructions[] = {
	{ 0x00, 0x20, verify },
	{ 0x00, 0x24, change_pin },
	{ 0x00, 0x2c, reset_tries },
	{ 0x00, 0x87, authenticate },
	{ 0x00, 0xcb, get_data },
	{ 0x00, 0xdb, put_data },
	{ 0x00, 0xf7, get_metadata },
	{ 0x00, 0xf8, get_serial },
	{ 0x00, 0xfd, get_version },
	{ 0x00, 0xff, set_key },
	{ 0, 0, NULL },
};

const struct applet app_piv = {
	.name = "piv",
	.atr = "3b8a010031f573c00180059000e8",
	.aid = "a000000308000010000100",
	.defaults = { .serial = "00bada55",
		.pin = "123456",
		.admin = "12345678",
		.algorithm = "3des",
		.size = 3063,
		.tries = 3,
		.counts = true },
	.factory = factory,
	.select = selected,
	.instructions = instructions,
	.piece = put_piece,
};
