/* SPDX-License-Identifier: ISC */
#include "hsm/pgpkdf.h"

#include "hsm/tlv.h"

#include <sodium.h>
#include <string.h>

#define ALGORITHM_NONE 0
#define ALGORITHM_S2K 3
#define SALT_LEN 8
#define COUNT_MAX (64u << 20)

/* A running hash, in secret memory: it has swallowed the PIN. */
union state {
	crypto_hash_sha256_state sha256;
	crypto_hash_sha512_state sha512;
};

static void
begin_256(union state *s)
{
	(void)crypto_hash_sha256_init(&s->sha256);
}

static void
add_256(union state *s, const uint8_t *data, size_t len)
{
	(void)crypto_hash_sha256_update(&s->sha256, data, len);
}

static void
end_256(union state *s, uint8_t *out)
{
	(void)crypto_hash_sha256_final(&s->sha256, out);
}

static void
begin_512(union state *s)
{
	(void)crypto_hash_sha512_init(&s->sha512);
}

static void
add_512(union state *s, const uint8_t *data, size_t len)
{
	(void)crypto_hash_sha512_update(&s->sha512, data, len);
}

static void
end_512(union state *s, uint8_t *out)
{
	(void)crypto_hash_sha512_final(&s->sha512, out);
}

static const struct hash {
	uint8_t id; /* RFC 4880, 9.4 */
	size_t len;
	void (*begin)(union state *s);
	void (*add)(union state *s, const uint8_t *data, size_t len);
	void (*end)(union state *s, uint8_t *out);
} hashes[] = {
	{ 8, crypto_hash_sha256_BYTES, begin_256, add_256, end_256 },
	{ 10, crypto_hash_sha512_BYTES, begin_512, add_512, end_512 },
};

static const struct hash *
hash_of(uint8_t id)
{
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		if (hashes[i].id == id)
			return &hashes[i];
	return NULL;
}

/* Salt and PIN over and over, `count` bytes, and all of them at least once. */
static bool
iterate(const struct hash *h, const uint8_t *salt, uint32_t count, const struct secret *pin,
	struct secret *out, struct err *e)
{
	SECRET_AUTO salted = SECRET_NONE;
	SECRET_AUTO state = SECRET_NONE;
	SECRET_AUTO digest = SECRET_NONE;

	if (!secret_new(&salted, SALT_LEN + pin->len, e) ||
		!secret_new(&state, sizeof(union state), e) || !secret_new(&digest, h->len, e))
		return false;
	union state *s = (union state *)(void *)state.data;
	memcpy(salted.data, salt, SALT_LEN);
	memcpy(salted.data + SALT_LEN, pin->data, pin->len);
	h->begin(s);
	size_t left = count > salted.len ? count : salted.len;
	for (; left > salted.len; left -= salted.len)
		h->add(s, salted.data, salted.len);
	h->add(s, salted.data, left);
	h->end(s, digest.data);
	secret_move(out, &digest);
	return true;
}

/* An object of exactly `len` bytes. */
static bool
find(const uint8_t *kdf, size_t kdf_len, uint32_t tag, size_t len, const uint8_t **out,
	struct err *e)
{
	struct tlv t;

	if (!tlv_find(kdf, kdf_len, tag, &t, e))
		return false;
	if (t.len != len)
		return err_set(e, ERR_FORMAT, "TLV: tag %02x has %zu bytes", tag, t.len);
	*out = t.value;
	return true;
}

static bool
malformed(struct err *e)
{
	err_wrap(e, "the card's KDF");
	e->code = ERR_DEVICE;
	return false;
}

/* Where the administrator has none, all have the first. */
static bool
find_salt(const uint8_t *kdf, size_t len, enum pgpkdf_pin which, const uint8_t **out, struct err *e)
{
	struct err ignored;

	return (which == PGPKDF_ADMIN && find(kdf, len, 0x86, SALT_LEN, out, &ignored)) ||
	       find(kdf, len, 0x84, SALT_LEN, out, e);
}

bool
pgpkdf_derive(const uint8_t *kdf, size_t len, enum pgpkdf_pin which, const struct secret *pin,
	struct secret *out, struct err *e)
{
	const uint8_t *algorithm = NULL, *id = NULL, *counted = NULL, *salt = NULL;

	if (!find(kdf, len, 0x81, 1, &algorithm, e))
		return malformed(e);
	if (*algorithm == ALGORITHM_NONE)
		return secret_copy(out, pin->data, pin->len, e);
	if (!find(kdf, len, 0x82, 1, &id, e) || !find(kdf, len, 0x83, 4, &counted, e) ||
		!find_salt(kdf, len, which, &salt, e))
		return malformed(e);
	const struct hash *h = hash_of(*id);
	uint32_t count = (uint32_t)counted[0] << 24 | (uint32_t)counted[1] << 16 |
			 (uint32_t)counted[2] << 8 | counted[3];
	if (*algorithm != ALGORITHM_S2K || !h || count > COUNT_MAX)
		return err_set(e, ERR_DEVICE,
			"the card's KDF: algorithm %u, hash %u, %u bytes: not supported; no try "
			"was "
			"spent",
			*algorithm, *id, count);
	return iterate(h, salt, count, pin, out, e);
}
