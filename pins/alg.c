/* SPDX-License-Identifier: ISC */
#include "pins/alg.h"

#include "base/buf.h"
#include "base/nearest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { ALG_EC_P256 = 3 };

#define GROUP_SIZE 64 /* a curve's name, with NUL */

/* In the order in which they are listed to people. */
const struct alg alg_table[] = {
	{ .name = "rsa:2048", .slug = "rsa-2048", .type = "RSA", .bits = 2048, .digest = "SHA256" },
	{ .name = "rsa:3072", .slug = "rsa-3072", .type = "RSA", .bits = 3072, .digest = "SHA256" },
	{ .name = "rsa:4096", .slug = "rsa-4096", .type = "RSA", .bits = 4096, .digest = "SHA256" },
	[ALG_EC_P256] = { .name = "ec:p256",
		.slug = "ec-p256",
		.type = "EC",
		.group = "prime256v1",
		.digest = "SHA256" },
	{ .name = "ec:p384",
		.slug = "ec-p384",
		.type = "EC",
		.group = "secp384r1",
		.digest = "SHA384" },
	{ .name = "ec:p521",
		.slug = "ec-p521",
		.type = "EC",
		.group = "secp521r1",
		.digest = "SHA512" },
	{ .name = "ed25519", .slug = "ed25519", .type = "ED25519" },
};
const size_t alg_count = sizeof(alg_table) / sizeof(*alg_table);
const struct alg *const alg_default = &alg_table[ALG_EC_P256];

static bool
unknown(const char *name, struct err *e)
{
	BUF_AUTO names = BUF_NONE;
	struct nearest n = { .word = name };

	for (size_t i = 0; i < alg_count; i++) {
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", alg_table[i].name);
		nearest_offer(&n, alg_table[i].name);
	}
	if (!buf_ok(&names, e))
		return false;
	err_set(e, ERR_USAGE, "unknown algorithm '%s': not one of %s", name, names.data);
	return n.name ? err_hint(e, "did you mean %s?", n.name) : false;
}

bool
alg_find(const char *name, const struct alg **out, struct err *e)
{
	for (size_t i = 0; i < alg_count; i++) {
		if (strcmp(alg_table[i].name, name) == 0) {
			*out = &alg_table[i];
			return true;
		}
	}
	return unknown(name, e);
}

/* OpenSSL's name for an EC key's curve; empty for other keys. A curve that the key spells out in
 * parameters is none of ours, even when it is the same: CAs and clients refuse such keys (RFC 5480
 * section 2.1.1), and the pin is another. */
static void
group_of(EVP_PKEY *key, char out[static GROUP_SIZE])
{
	size_t len;

	out[0] = '\0';
	if (!EVP_PKEY_is_a(key, "EC"))
		return;
	if (EVP_PKEY_get_utf8_string_param(
		    key, OSSL_PKEY_PARAM_EC_ENCODING, out, GROUP_SIZE, &len) == 1 &&
		strcmp(out, OSSL_PKEY_EC_ENCODING_EXPLICIT) == 0)
		return;
	if (EVP_PKEY_get_group_name(key, out, GROUP_SIZE, &len) != 1)
		out[0] = '\0';
}

const struct alg *
alg_of_key(EVP_PKEY *key)
{
	char group[GROUP_SIZE];

	group_of(key, group);
	for (size_t i = 0; i < alg_count; i++) {
		const struct alg *a = &alg_table[i];
		if (EVP_PKEY_is_a(key, a->type) &&
			(a->bits == 0 || (int)a->bits == EVP_PKEY_get_bits(key)) &&
			(!a->group || strcmp(a->group, group) == 0))
			return a;
	}
	return NULL;
}

/* Whether the size belongs into the name; those of other types have it in their type. */
static bool
is_sized(EVP_PKEY *key)
{
	static const char *const types[] = { "RSA", "RSA-PSS", "DSA", "DH" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (EVP_PKEY_is_a(key, types[i]))
			return true;
	return false;
}

void
alg_describe(EVP_PKEY *key, char *out, size_t size)
{
	const struct alg *a = alg_of_key(key);
	const char *type = EVP_PKEY_get0_type_name(key);
	char group[GROUP_SIZE];

	group_of(key, group);
	if (a)
		snprintf(out, size, "%s", a->name);
	else if (*group)
		snprintf(out, size, "ec:%s", group);
	else if (is_sized(key))
		snprintf(out, size, "%s:%d", type, EVP_PKEY_get_bits(key));
	else
		snprintf(out, size, "%s", type ? type : "unknown");
	for (size_t i = 0; i < size && out[i]; i++)
		out[i] = out[i] >= 'A' && out[i] <= 'Z' ? (char)(out[i] + 'a' - 'A') : out[i];
}
