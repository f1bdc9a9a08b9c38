/* SPDX-License-Identifier: ISC */
#include "vault/weakkey.h"

#include "vault/ossl.h"

#include <openssl/core_names.h>

#define LEADING_ZEROS_MAX 64

/* Half the modulus, less this: how close the factors may be (FIPS 186-4 appendix B.3.3). */
#define CLOSE_BITS 100

static bool
get_secret_number(EVP_PKEY *key, const char *name, BIGNUM **out, struct err *e)
{
	AUTO_OSSL(BIGNUM) n = BN_secure_new();

	if (!n || EVP_PKEY_get_bn_param(key, name, &n) != 1)
		return err_openssl(e, ERR_REFUSED, "the private key is not whole");
	*out = n;
	n = NULL;
	return true;
}

static bool
factors_check(EVP_PKEY *key, struct err *e)
{
	AUTO_OSSL(BIGNUM) p = NULL;
	AUTO_OSSL(BIGNUM) q = NULL;

	if (!get_secret_number(key, OSSL_PKEY_PARAM_RSA_FACTOR1, &p, e) ||
		!get_secret_number(key, OSSL_PKEY_PARAM_RSA_FACTOR2, &q, e))
		return false;
	AUTO_OSSL(BIGNUM) distance = BN_secure_new();
	if (!distance || BN_sub(distance, p, q) != 1)
		return err_openssl(e, ERR_MEMORY, "out of memory");
	return BN_num_bits(distance) > EVP_PKEY_get_bits(key) / 2 - CLOSE_BITS ||
	       err_set(e, ERR_REFUSED, "a weak RSA key: its two factors are too close");
}

static uint64_t
gcd(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/* The logarithm of `n` to the base 65537 modulo the prime `r`, and the order of that base; false
 * when there is none. */
static bool
logarithm(unsigned n, unsigned r, uint64_t *log, uint64_t *order)
{
	unsigned power = 1;
	bool found = false;

	for (*order = 0; power != 1 || *order == 0; (*order)++) {
		if (power == n && !found) {
			*log = *order;
			found = true;
		}
		power = power * (65537 % r) % r;
	}
	return found;
}

/* Whether the modulus is one power of 65537 modulo all of these primes at once. All of Infineon's
 * are, whatever their length; of others one in 2^154 (Nemec and others, CCS 2017, section 3). */
static bool
is_roca(const BIGNUM *modulus)
{
	static const uint8_t primes[] = { 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53,
		59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139,
		149, 151, 157, 163, 167 };
	uint64_t exponent = 0, period = 1; /* of the power; the period ends below 2^63 */

	for (size_t i = 0; i < sizeof(primes); i++) {
		uint64_t log, order, tries = 0;
		unsigned n = (unsigned)BN_mod_word(modulus, primes[i]);
		if (!logarithm(n, primes[i], &log, &order))
			return false;
		uint64_t steps = order / gcd(order, period);
		while (tries < steps && exponent % order != log) {
			exponent += period;
			tries++;
		}
		if (tries == steps)
			return false;
		period *= steps;
	}
	return true;
}

static bool
rsa_check(EVP_PKEY *key, struct err *e)
{
	AUTO_OSSL(BIGNUM) modulus = NULL;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) != 1)
		return err_openssl(e, ERR_REFUSED, "an RSA key without its modulus");
	if (is_roca(modulus))
		return err_set(e, ERR_REFUSED,
			"a weak RSA key: made by a chip whose keys can be factored (ROCA)");
	return factors_check(key, e);
}

static bool
ec_check(EVP_PKEY *key, struct err *e)
{
	AUTO_OSSL(BIGNUM) scalar = NULL;

	if (!get_secret_number(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar, e))
		return false;
	return BN_num_bits(scalar) > EVP_PKEY_get_bits(key) - LEADING_ZEROS_MAX ||
	       err_set(e, ERR_REFUSED, "a weak EC key: its private number is far too short");
}

bool
weakkey_check(EVP_PKEY *key, struct err *e)
{
	if (EVP_PKEY_is_a(key, "RSA"))
		return rsa_check(key, e);
	return !EVP_PKEY_is_a(key, "EC") || ec_check(key, e);
}
