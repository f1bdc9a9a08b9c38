/* SPDX-License-Identifier: ISC */
#include "vault/signer.h"

#include "base/encode.h"

#include <errno.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

#define SEED_LEN crypto_sign_SEEDBYTES
#define KEY_LEN crypto_sign_SECRETKEYBYTES

/* minisign's secret key, as it stands in base64 on the file's second line. */
struct seckey {
	uint8_t sig_alg[2];
	uint8_t kdf_alg[2];
	uint8_t chk_alg[2];
	uint8_t salt[crypto_pwhash_scryptsalsa208sha256_SALTBYTES];
	uint8_t opslimit[8]; /* little-endian */
	uint8_t memlimit[8];
	struct seckey_body {
		uint8_t id[MINISIGN_ID_LEN];
		uint8_t key[KEY_LEN];
		uint8_t check[32]; /* zero where nothing is encrypted */
	} body;                    /* XORed with scrypt's output */
};

#define SECKEY_TEXT ENCODE_BASE64_SIZE(sizeof(struct seckey)) /* with NUL */

#define UNTRUSTED "untrusted comment: "
static const char heading[] = UNTRUSTED "minisign encrypted secret key\n";

static const uint8_t alg_ed25519[2] = "Ed";
static const uint8_t kdf_scrypt[2] = "Sc";
static const uint8_t kdf_none[2] = { 0, 0 };
static const uint8_t chk_blake2b[2] = "B2";

const struct signer_kdf signer_kdfs[] = {
	{ "sensitive", crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE,
		crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE },
	{ "interactive", crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_INTERACTIVE,
		crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_INTERACTIVE },
	{ NULL, 0, 0 },
};

bool
signer_kdf_find(const char *name, const struct signer_kdf **out, struct err *e)
{
	for (const struct signer_kdf *k = signer_kdfs; k->name; k++)
		if (strcmp(k->name, name) == 0) {
			*out = k;
			return true;
		}
	return err_set(e, ERR_USAGE, "no such KDF cost: %s (sensitive or interactive)", name);
}

void
signer_free(struct signer *s)
{
	secret_free(&s->key);
}

/* The whole key from its seed: what a file says of the public half is never signed with. */
static bool
from_seed(const uint8_t seed[static SEED_LEN], const uint8_t id[static MINISIGN_ID_LEN],
	struct signer *out, struct err *e)
{
	SIGNER_AUTO s = { 0 };

	if (!secret_new(&s.key, KEY_LEN, e))
		return false;
	crypto_sign_seed_keypair(s.pub.key, s.key.data, seed);
	memcpy(s.pub.id, id, MINISIGN_ID_LEN);
	out->pub = s.pub;
	secret_move(&out->key, &s.key);
	return true;
}

bool
signer_new(struct entropy *x, struct signer *out, struct err *e)
{
	SECRET_AUTO seed = SECRET_NONE;
	uint8_t id[MINISIGN_ID_LEN];

	return secret_new(&seed, SEED_LEN, e) && entropy_fill(x, seed.data, seed.len, e) &&
	       entropy_fill(x, id, sizeof(id), e) && from_seed(seed.data, id, out, e);
}

static void
store64(uint8_t out[static 8], uint64_t n)
{
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(n >> (8 * i));
}

static uint64_t
load64(const uint8_t in[static 8])
{
	uint64_t n = 0;

	for (size_t i = 0; i < 8; i++)
		n |= (uint64_t)in[i] << (8 * i);
	return n;
}

static void
checksum(const struct seckey *k, uint8_t out[static 32])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, 32);
	crypto_generichash_update(&h, k->sig_alg, sizeof(k->sig_alg));
	crypto_generichash_update(&h, k->body.id, sizeof(k->body.id));
	crypto_generichash_update(&h, k->body.key, sizeof(k->body.key));
	crypto_generichash_final(&h, out, 32);
}

/* Encrypts or decrypts the body in place, at the cost that the header says. */
static bool
apply_passphrase(struct seckey *k, const struct secret *passphrase, struct err *e)
{
	SECRET_AUTO stream = SECRET_NONE;
	uint64_t memory = load64(k->memlimit);

	if (!secret_new(&stream, sizeof(k->body), e))
		return false;
	if (crypto_pwhash_scryptsalsa208sha256(stream.data, stream.len,
		    (const char *)passphrase->data, passphrase->len, k->salt, load64(k->opslimit),
		    (size_t)memory) != 0) {
		err_set(e, ERR_MEMORY, "no memory for the key derivation: it takes %llu MiB",
			(unsigned long long)(memory >> 20));
		return err_hint(e, "close other programs, or use a machine with more memory");
	}
	uint8_t *body = (uint8_t *)&k->body;
	for (size_t i = 0; i < sizeof(k->body); i++)
		body[i] ^= stream.data[i];
	return true;
}

static bool
write_text(const struct seckey *k, struct secret *out, struct err *e)
{
	SECRET_AUTO text = SECRET_NONE;
	size_t start = strlen(heading);

	if (!secret_new(&text, start + SECKEY_TEXT, e))
		return false;
	memcpy(text.data, heading, start);
	encode_base64((char *)text.data + start, (const uint8_t *)k, sizeof(*k));
	text.data[text.len - 1] = '\n';
	secret_move(out, &text);
	return true;
}

bool
signer_encode(const struct signer *s, const struct secret *passphrase, const struct signer_kdf *kdf,
	struct secret *out, struct err *e)
{
	SECRET_AUTO memory = SECRET_NONE;

	if (!secret_new(&memory, sizeof(struct seckey), e))
		return false;
	struct seckey *k = (struct seckey *)memory.data;
	memcpy(k->sig_alg, alg_ed25519, sizeof(k->sig_alg));
	memcpy(k->kdf_alg, passphrase ? kdf_scrypt : kdf_none, sizeof(k->kdf_alg));
	memcpy(k->chk_alg, chk_blake2b, sizeof(k->chk_alg));
	memcpy(k->body.id, s->pub.id, sizeof(k->body.id));
	memcpy(k->body.key, s->key.data, sizeof(k->body.key));
	if (passphrase) {
		/* Public, and has only to differ from file to file. */
		randombytes_buf(k->salt, sizeof(k->salt));
		store64(k->opslimit, kdf->opslimit);
		store64(k->memlimit, kdf->memlimit);
		checksum(k, k->body.check);
		if (!apply_passphrase(k, passphrase, e))
			return false;
	}
	return write_text(k, out, e);
}

/* The second line, decoded. The first one says nothing that could be relied on. */
static bool
read_text(const struct secret *file, struct secret *out, struct err *e)
{
	const char *text = (const char *)file->data;
	const char *end = text ? memchr(text, '\n', file->len) : NULL;

	if (!end || file->len < strlen(UNTRUSTED) ||
		memcmp(text, UNTRUSTED, strlen(UNTRUSTED)) != 0)
		return err_set(e, ERR_FORMAT, "this is no minisign secret key");
	const char *line = end + 1;
	size_t left = file->len - (size_t)(line - text);
	size_t len = SECKEY_TEXT - 1;
	size_t tail = len;
	while (tail < left && (line[tail] == '\r' || line[tail] == '\n'))
		tail++;
	if (left < len || tail != left)
		return err_set(e, ERR_FORMAT, "the secret key's second line has a wrong length");
	return secret_new(out, sizeof(struct seckey), e) &&
	       encode_unbase64(out->data, out->len, line, len, e);
}

static bool
check_header(const struct seckey *k, bool encrypted, struct err *e)
{
	if (memcmp(k->sig_alg, alg_ed25519, 2) != 0 || memcmp(k->chk_alg, chk_blake2b, 2) != 0)
		return err_set(e, ERR_FORMAT, "the secret key is of an unknown kind");
	if (memcmp(k->kdf_alg, kdf_none, 2) == 0)
		return !encrypted || err_set(e, ERR_REFUSED, "the secret key is not encrypted");
	if (memcmp(k->kdf_alg, kdf_scrypt, 2) != 0)
		return err_set(e, ERR_FORMAT, "the secret key is encrypted in an unknown way");
	uint64_t ops = load64(k->opslimit);
	uint64_t memory = load64(k->memlimit);
	if (ops < crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_MIN ||
		ops > crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE ||
		memory < crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_MIN ||
		memory > crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE)
		return err_set(e, ERR_FORMAT, "the secret key asks for an absurd key derivation");
	return encrypted || err_set(e, ERR_AUTH, "the secret key is encrypted");
}

static bool
decrypt(struct seckey *k, const struct secret *passphrase, struct err *e)
{
	uint8_t check[32];

	if (!apply_passphrase(k, passphrase, e))
		return false;
	checksum(k, check);
	if (sodium_memcmp(check, k->body.check, sizeof(check)) != 0)
		return err_set(e, ERR_AUTH, "wrong passphrase for the secret key");
	return true;
}

bool
signer_is_encrypted(const struct secret *file, bool *out, struct err *e)
{
	SECRET_AUTO memory = SECRET_NONE;

	if (!read_text(file, &memory, e))
		return false;
	*out = memcmp(((const struct seckey *)memory.data)->kdf_alg, kdf_none, 2) != 0;
	return true;
}

bool
signer_decode(const struct secret *file, const struct secret *passphrase, struct signer *out,
	struct err *e)
{
	SECRET_AUTO memory = SECRET_NONE;
	SIGNER_AUTO s = { 0 };

	if (!read_text(file, &memory, e))
		return false;
	struct seckey *k = (struct seckey *)memory.data;
	if (!check_header(k, passphrase != NULL, e) || (passphrase && !decrypt(k, passphrase, e)) ||
		!from_seed(k->body.key, k->body.id, &s, e))
		return false;
	/* Signing with a public half that is not the seed's own would give the seed away. */
	if (sodium_memcmp(s.key.data, k->body.key, KEY_LEN) != 0)
		return err_set(e, ERR_FORMAT, "the secret key's two halves do not belong together");
	out->pub = s.pub;
	secret_move(&out->key, &s.key);
	return true;
}

bool
signer_to_key(const struct signer *s, EVP_PKEY **out, struct err *e)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, s->key.data, SEED_LEN);

	if (!key)
		return err_openssl(e, ERR_INTERNAL, "the signing key as OpenSSL's");
	*out = key;
	return true;
}

bool
signer_is_of(const struct minisign_pub *pub, EVP_PKEY *key)
{
	uint8_t half[MINISIGN_KEY_LEN];
	size_t len = sizeof(half);

	return EVP_PKEY_get_raw_public_key(key, half, &len) == 1 && len == sizeof(half) &&
	       memcmp(pub->key, half, len) == 0;
}

bool
signer_from_key(
	EVP_PKEY *key, const uint8_t id[static MINISIGN_ID_LEN], struct signer *out, struct err *e)
{
	SECRET_AUTO seed = SECRET_NONE;
	size_t len = SEED_LEN;

	if (!EVP_PKEY_is_a(key, "ED25519"))
		return err_set(e, ERR_USAGE, "a minisign key is an Ed25519 key, this one is not");
	if (!secret_new(&seed, SEED_LEN, e))
		return false;
	if (EVP_PKEY_get_raw_private_key(key, seed.data, &len) != 1 || len != SEED_LEN)
		return err_openssl(e, ERR_FORMAT, "no private Ed25519 key");
	return from_seed(seed.data, id, out, e);
}

void
signer_sign(
	const struct signer *s, const void *data, size_t len, uint8_t out[static MINISIGN_SIG_LEN])
{
	crypto_sign_detached(out, NULL, data, len, s->key.data);
}

static bool
comment_check(const char *comment, struct err *e)
{
	if (strlen(comment) >= MINISIGN_COMMENT_MAX)
		return err_set(e, ERR_USAGE, "the trusted comment is too long");
	for (const unsigned char *p = (const unsigned char *)comment; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			return err_set(e, ERR_USAGE, "control characters in the trusted comment");
	return true;
}

bool
signer_minisig(const struct signer *s, const void *data, size_t len, const char *comment,
	struct buf *out, struct err *e)
{
	struct minisign_sig sig = { 0 };
	uint8_t hash[crypto_generichash_BYTES_MAX];
	uint8_t signed_too[MINISIGN_SIG_LEN + MINISIGN_COMMENT_MAX];
	size_t comment_len = strlen(comment);

	if (!comment_check(comment, e))
		return false;
	memcpy(sig.id, s->pub.id, sizeof(sig.id));
	memcpy(sig.comment, comment, comment_len);
	crypto_generichash(hash, sizeof(hash), data, len, NULL, 0);
	signer_sign(s, hash, sizeof(hash), sig.sig);
	memcpy(signed_too, sig.sig, sizeof(sig.sig));
	memcpy(signed_too + sizeof(sig.sig), comment, comment_len);
	signer_sign(s, signed_too, sizeof(sig.sig) + comment_len, sig.global);
	minisign_sig_encode(&sig, out);
	return buf_ok(out, e);
}
