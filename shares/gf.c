/* SPDX-License-Identifier: ISC */
#include "shares/gf.h"

#include <libgfshare.h>
#include <pthread.h>
#include <sodium.h>

#define COUNT_MAX 255u

/*
 * libgfshare 2.0.0 (read in its machine code) takes randomness through one
 * global function pointer, NULL at first, with no way to report failure. It is called
 *   - once by gfshare_ctx_enc_setsecret, for all coefficients of all bytes at once;
 *   - three times by gfshare_ctx_free, over the buffer (coefficients and secret, or the shares
 *     given), the numbers and the context, each before it goes back to the heap, and unasked.
 * So the pointer is set once and leads to this thread's source: while it is armed, that is during
 * setsecret, bytes come from the caller; at any other time the library is freeing, and zeros do.
 * The call goes through a pointer in another object: no compiler can drop it as a dead store.
 *
 * The casts below take away a const that the library's prototypes lack; it only reads there.
 */
struct source {
	bool armed;
	gf_random random;
	void *context;
	struct err *err;
	bool failed;
};

static _Thread_local struct source source;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
fill(unsigned char *out, unsigned len)
{
	if (!source.armed || source.failed) {
		sodium_memzero(out, len);
		return;
	}
	source.failed = !source.random(source.context, out, len, source.err);
}

static void
install(void)
{
	gfshare_fill_rand = fill;
}

/* Distinct and nonzero: the library takes duplicates and skips zeros, and answers with garbage. */
static bool
numbers_check(unsigned count, const uint8_t *numbers, struct err *e)
{
	bool seen[256] = { false };

	for (unsigned i = 0; i < count; i++) {
		if (numbers[i] == 0)
			return err_set(e, ERR_USAGE, "no share can have number 0");
		if (seen[numbers[i]])
			return err_set(e, ERR_USAGE, "share number %u is there twice", numbers[i]);
		seen[numbers[i]] = true;
	}
	return true;
}

bool
gf_split(const uint8_t secret[static GF_SECRET_LEN], unsigned threshold, unsigned count,
	const uint8_t *numbers, gf_random random, void *context, uint8_t *out, struct err *e)
{
	if (threshold < 2 || threshold > count || count > COUNT_MAX)
		return err_set(
			e, ERR_USAGE, "cannot split into %u shares, %u needed", count, threshold);
	if (!numbers_check(count, numbers, e))
		return false;
	pthread_once(&once, install);

	gfshare_ctx *ctx = gfshare_ctx_init_enc(
		(unsigned char *)numbers, count, (unsigned char)threshold, GF_SECRET_LEN);
	if (!ctx)
		return err_set(e, ERR_MEMORY, "no memory to split a key");
	source = (struct source){ .armed = true, .random = random, .context = context, .err = e };
	gfshare_ctx_enc_setsecret(ctx, (unsigned char *)secret);
	bool ok = !source.failed;
	source = (struct source){ 0 };
	for (unsigned i = 0; ok && i < count; i++)
		gfshare_ctx_enc_getshare(ctx, (unsigned char)i, out + (size_t)i * GF_SECRET_LEN);
	gfshare_ctx_free(ctx);
	return ok;
}

bool
gf_combine(unsigned count, const uint8_t *numbers, const uint8_t *const *shares,
	uint8_t out[static GF_SECRET_LEN], struct err *e)
{
	if (count < 2 || count > COUNT_MAX)
		return err_set(e, ERR_USAGE, "cannot combine %u shares", count);
	if (!numbers_check(count, numbers, e))
		return false;
	pthread_once(&once, install);

	gfshare_ctx *ctx = gfshare_ctx_init_dec((unsigned char *)numbers, count, GF_SECRET_LEN);
	if (!ctx)
		return err_set(e, ERR_MEMORY, "no memory to combine shares");
	for (unsigned i = 0; i < count; i++)
		gfshare_ctx_dec_giveshare(ctx, (unsigned char)i, (unsigned char *)shares[i]);
	gfshare_ctx_dec_extract(ctx, out);
	gfshare_ctx_free(ctx);
	return true;
}

/* The library interpolates at 0 alone. In this field subtracting is XOR: p(z ^ x) is a polynomial
 * of the same degree that takes the same values at numbers[i] ^ x, and at 0 it is p(x). */
bool
gf_interpolate(unsigned count, const uint8_t *numbers, const uint8_t *const *shares, unsigned x,
	uint8_t out[static GF_SECRET_LEN], struct err *e)
{
	uint8_t shifted[COUNT_MAX];

	if (count > COUNT_MAX)
		return err_set(e, ERR_USAGE, "cannot combine %u shares", count);
	if (x < 1 || x > COUNT_MAX)
		return err_set(e, ERR_USAGE, "no share can have number %u", x);
	if (!numbers_check(count, numbers, e))
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (numbers[i] == x)
			return err_set(e, ERR_USAGE, "share number %u is there", x);
		shifted[i] = (uint8_t)(numbers[i] ^ x);
	}
	return gf_combine(count, shifted, shares, out, e);
}
