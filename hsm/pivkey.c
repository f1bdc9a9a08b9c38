/* SPDX-License-Identifier: ISC */
#include "hsm/pivkey.h"

#include "base/encode.h"
#include "hsm/tlv.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

const struct pivkey_alg pivkey_algs[PIVKEY_ALGS] = {
	{ "3DES", 0x03, 24, 8 },
	{ "AES-192", 0x0a, 24, 16 },
	{ "AES-256", 0x0c, 32, 16 },
	{ "AES-128", 0x08, 16, 16 },
};

const struct pivkey_alg *
pivkey_alg_of(uint8_t id)
{
	for (size_t i = 0; i < PIVKEY_ALGS; i++)
		if (pivkey_algs[i].id == id)
			return &pivkey_algs[i];
	return NULL;
}

static bool
is_key_len(size_t len)
{
	for (size_t i = 0; i < PIVKEY_ALGS; i++)
		if (pivkey_algs[i].key_len == len)
			return true;
	return false;
}

bool
pivkey_parse(const struct secret *typed, struct secret *out, struct err *e)
{
	SECRET_AUTO key = SECRET_NONE;
	struct err why;

	if (typed->len % 2 == 0 && is_key_len(typed->len / 2)) {
		if (!secret_new(&key, typed->len / 2, e))
			return false;
		if (encode_unhex(key.data, key.len, (const char *)typed->data, typed->len, &why)) {
			secret_move(out, &key);
			return true;
		}
	}
	return err_set(
		e, ERR_AUTH, "a management key is 32, 48 or 64 hexadecimal digits: not tried");
}

static const EVP_CIPHER *
cipher_of(const struct pivkey_alg *alg)
{
	switch (alg->id) {
	case 0x03:
		return EVP_des_ede3_ecb();
	case 0x08:
		return EVP_aes_128_ecb();
	case 0x0a:
		return EVP_aes_192_ecb();
	default:
		return EVP_aes_256_ecb();
	}
}

bool
pivkey_crypt(const struct pivkey_alg *alg, const struct secret *key, bool encrypt,
	const uint8_t *in, uint8_t *out, struct err *e)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok = context && key->len == alg->key_len &&
		  EVP_CipherInit_ex(context, cipher_of(alg), NULL, key->data, NULL, encrypt) == 1 &&
		  EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
		  EVP_CipherUpdate(context, out, &n, in, (int)alg->block_len) == 1 &&
		  n == (int)alg->block_len;

	EVP_CIPHER_CTX_free(context);
	return ok || err_openssl(e, ERR_INTERNAL, "%s with the management key", alg->name);
}

/* With the card ---------------------------------------------------------------------------- */

bool
pivkey_metadata(struct card *c, uint8_t reference, struct secret *reply, struct err *e)
{
	const struct apdu get = { .ins = 0xf7, .p2 = reference, .le = 256 };
	uint16_t sw = 0;

	if (!apdu_exchange(c->link, &get, reply, &sw, e))
		return false;
	if (sw != APDU_OK)
		secret_free(reply);
	return true;
}

/* GENERAL AUTHENTICATE (part 2, A.2): `tag` of the reply's template, one block. */
static bool
authenticate(struct card *c, const struct pivkey_alg *alg, const uint8_t *data, size_t len,
	uint8_t tag, uint8_t *block, uint16_t *sw, struct err *e)
{
	const struct apdu auth = { 0x00, 0x87, alg->id, PIVKEY_REFERENCE, data, len, 256 };
	SECRET_AUTO reply = SECRET_NONE;
	struct tlv t;

	if (!apdu_exchange(c->link, &auth, &reply, sw, e))
		return err_wrap(e, "proving the management key");
	if (*sw != APDU_OK)
		return true;
	if (!tlv_find(reply.data, reply.len, 0x7c, &t, e) ||
		!tlv_find(t.value, t.len, tag, &t, e) || t.len != alg->block_len)
		return err_set(e, ERR_DEVICE,
			"proving the management key: the card's answer is no %s block", alg->name);
	memcpy(block, t.value, t.len);
	return true;
}

/* The algorithm that the card names, or the first that it poses a witness for. */
static bool
pose(struct card *c, const struct pivkey_alg **alg, uint8_t *witness, struct err *e)
{
	static const uint8_t ask[] = { 0x7c, 0x02, 0x80, 0x00 };
	SECRET_AUTO metadata = SECRET_NONE;
	struct tlv t;
	struct err ignored;
	uint16_t sw = 0;
	const struct pivkey_alg *told = NULL;

	if (!pivkey_metadata(c, PIVKEY_REFERENCE, &metadata, e))
		return false;
	if (tlv_find(metadata.data, metadata.len, 0x01, &t, &ignored) && t.len == 1)
		told = pivkey_alg_of(t.value[0]);
	for (size_t i = 0; i < PIVKEY_ALGS; i++) {
		*alg = &pivkey_algs[i];
		if (told && *alg != told)
			continue;
		if (!authenticate(c, *alg, ask, sizeof(ask), 0x80, witness, &sw, e))
			return false;
		if (sw == APDU_OK)
			return true;
	}
	return err_set(e, ERR_DEVICE,
		"the PIV card %s has no management key of an algorithm that is known here (%04X)",
		c->serial, sw);
}

static bool
wrong_key(const struct card *c, uint16_t sw, struct err *e)
{
	if (sw != 0x6982 && sw != 0x6a80 && sw >> 8 != 0x63)
		return apdu_refused(sw, "proving the management key", e);
	err_set(e, ERR_AUTH, "wrong management key for the PIV card %s", c->serial);
	return err_hint(e, "writing wants it; reading does not");
}

/* We decrypt the card's witness, and the card encrypts our challenge. */
static bool
prove_mutually(struct card *c, const struct pivkey_alg *alg, const struct secret *key,
	const uint8_t *witness, struct err *e)
{
	uint8_t data[2 + 2 * (2 + PIVKEY_BLOCK_MAX)], want[PIVKEY_BLOCK_MAX], got[PIVKEY_BLOCK_MAX];
	uint8_t len = (uint8_t)alg->block_len;
	uint8_t *shown = data + 4, *challenge = data + 6 + len;
	uint16_t sw = 0;

	memcpy(data, (const uint8_t[]){ 0x7c, (uint8_t)(4 + 2 * len), 0x80, len }, 4);
	memcpy(shown + len, (const uint8_t[]){ 0x81, len }, 2);
	randombytes_buf(challenge, len);
	if (!pivkey_crypt(alg, key, false, witness, shown, e) ||
		!pivkey_crypt(alg, key, true, challenge, want, e) ||
		!authenticate(c, alg, data, (size_t)6 + 2 * len, 0x82, got, &sw, e))
		return false;
	if (sw != APDU_OK)
		return wrong_key(c, sw, e);
	return sodium_memcmp(want, got, len) == 0 ||
	       err_set(e, ERR_AUTH, "the PIV card %s does not know its own management key",
		       c->serial);
}

bool
pivkey_prove(struct card *c, const struct secret *typed, struct err *e)
{
	const struct card_admin *admin = card_admin_to_write(c);
	const struct pivkey_alg *alg = NULL;
	uint8_t witness[PIVKEY_BLOCK_MAX];
	SECRET_AUTO value = SECRET_NONE;
	SECRET_AUTO key = SECRET_NONE;

	if (!card_admin_value(admin, typed, &value, e) || !pivkey_parse(&value, &key, e) ||
		!pose(c, &alg, witness, e))
		return false;
	/* The word stands for the longest one, and that of a shorter key is its beginning. */
	if (card_admin_is_factory(admin, &value) && value.len == strlen(admin->factory))
		secret_shorten(&key, alg->key_len);
	if (key.len != alg->key_len)
		return err_set(e, ERR_AUTH,
			"the management key of the PIV card %s is %s, %zu hexadecimal digits: "
			"not tried",
			c->serial, alg->name, 2 * alg->key_len);
	c->facts[0] = alg->id;
	c->facts_len = 1;
	return prove_mutually(c, alg, &key, witness, e);
}

static const struct pivkey_alg *
proven_alg(const struct card *c)
{
	return c->facts_len == 1 ? pivkey_alg_of(c->facts[0]) : NULL;
}

bool
pivkey_check(const struct card *c, const struct secret *typed, struct err *e)
{
	const struct pivkey_alg *alg = proven_alg(c);
	SECRET_AUTO key = SECRET_NONE;

	if (!pivkey_parse(typed, &key, e))
		return false;
	return !alg || key.len == alg->key_len ||
	       err_set(e, ERR_AUTH, "a management key of %s has %zu hexadecimal digits", alg->name,
		       2 * alg->key_len);
}

/* Algorithm, reference, length, key. */
bool
pivkey_change(struct card *c, const struct secret *fresh, struct err *e)
{
	const struct pivkey_alg *alg = proven_alg(c);
	SECRET_AUTO key = SECRET_NONE;
	SECRET_AUTO data = SECRET_NONE;

	if (!alg)
		return err_set(e, ERR_INTERNAL, "the old management key was not proven");
	if (!pivkey_check(c, fresh, e) || !pivkey_parse(fresh, &key, e) ||
		!secret_new(&data, 3 + key.len, e))
		return false;
	memcpy(data.data, (const uint8_t[]){ alg->id, PIVKEY_REFERENCE, (uint8_t)key.len }, 3);
	memcpy(data.data + 3, key.data, key.len);
	const struct apdu set = { 0x00, 0xff, 0xff, 0xff, data.data, data.len, 0 };
	return apdu_send(c->link, &set, "changing the management key", NULL, e);
}
