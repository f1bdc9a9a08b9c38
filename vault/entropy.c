/* SPDX-License-Identifier: ISC */
#include "vault/entropy.h"

#include "base/secret.h"
#include "vault/health.h"
#include "vault/seedsource.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define POOL_LEN 32
#define SOURCE_LEN 64
#define OUT_LEN 32

/* A run of one face this long comes less than once in 2^40 rolls, as in health.c. */
#define DICE_RUN 17

/* What is hashed, in one piece, and what comes of it; always in locked memory. */
struct mix {
	struct {
		uint8_t pool[POOL_LEN];
		uint8_t kernel[SOURCE_LEN];
		uint8_t openssl[SOURCE_LEN];
	} in;
	struct {
		uint8_t pool[POOL_LEN];
		uint8_t fresh[OUT_LEN];
	} out;
};

struct entropy {
	pthread_mutex_t lock;
	struct secret memory; /* holds a struct mix */
	struct health health;
	bool dice;
	struct seedsource source;
};

static struct mix *
mix_of(struct entropy *x)
{
	return (struct mix *)(void *)x->memory.data;
}

/* The system call, not a library's generator: health tests are for the source itself. */
static bool
kernel_read(struct health *health, uint8_t *out, size_t len, struct err *e)
{
	memset(out, 0, len);
	for (size_t done = 0; done < len;) {
		ssize_t n = getrandom(out + done, len - done, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err_errno(e, "the kernel gives no random bytes");
			e->code = ERR_INTERNAL;
			return false;
		}
		done += (size_t)n;
	}
	return health_feed(health, out, len, e);
}

static bool
openssl_read(uint8_t *out, size_t len, struct err *e)
{
	memset(out, 0, len);
	if (RAND_priv_bytes(out, (int)len) != 1)
		return err_openssl(e, ERR_INTERNAL, "OpenSSL gives no random bytes");
	return true;
}

/* BLAKE2b-512 over pool, kernel and OpenSSL: one half is the next pool, the other goes out. So
 * what was given out tells nothing of the pool, and the pool nothing of what was given out. */
static bool
mix_block(struct entropy *x, struct err *e)
{
	static const uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] = "coldspare mix 1";
	struct mix *m = mix_of(x);

	if (!kernel_read(&x->health, m->in.kernel, sizeof(m->in.kernel), e) ||
		!openssl_read(m->in.openssl, sizeof(m->in.openssl), e))
		return false;
	crypto_generichash_blake2b_salt_personal((uint8_t *)&m->out, sizeof(m->out),
		(const uint8_t *)&m->in, sizeof(m->in), NULL, 0, NULL, personal);
	memcpy(m->in.pool, m->out.pool, POOL_LEN);
	return true;
}

static bool
fill_locked(struct entropy *x, uint8_t *out, size_t len, struct err *e)
{
	struct mix *m = mix_of(x);

	for (size_t done = 0; done < len;) {
		size_t n = len - done < OUT_LEN ? len - done : OUT_LEN;
		if (!mix_block(x, e))
			return false;
		memcpy(out + done, m->out.fresh, n);
		done += n;
	}
	return true;
}

bool
entropy_fill(struct entropy *x, uint8_t *out, size_t len, struct err *e)
{
	struct mix *m = mix_of(x);

	pthread_mutex_lock(&x->lock);
	bool filled = fill_locked(x, out, len, e);
	sodium_memzero(m->in.kernel, sizeof(m->in.kernel));
	sodium_memzero(m->in.openssl, sizeof(m->in.openssl));
	sodium_memzero(&m->out, sizeof(m->out));
	pthread_mutex_unlock(&x->lock);
	if (!filled)
		sodium_memzero(out, len);
	return filled;
}

bool
entropy_random(void *x, uint8_t *out, size_t len, struct err *e)
{
	return entropy_fill(x, out, len, e);
}

/* pool = BLAKE2b-256 of the samples under the old pool as key. */
static void
absorb(struct entropy *x, const struct secret *samples)
{
	struct mix *m = mix_of(x);

	pthread_mutex_lock(&x->lock);
	crypto_generichash(
		m->out.pool, POOL_LEN, samples->data, samples->len, m->in.pool, POOL_LEN);
	memcpy(m->in.pool, m->out.pool, POOL_LEN);
	sodium_memzero(m->out.pool, POOL_LEN);
	pthread_mutex_unlock(&x->lock);
}

static bool
start_up(struct entropy *x, struct err *e)
{
	SECRET_AUTO samples = SECRET_NONE;

	if (!secret_new(&samples, HEALTH_STARTUP, e) ||
		!kernel_read(&x->health, samples.data, samples.len, e))
		return false;
	absorb(x, &samples);
	return true;
}

bool
entropy_new(struct entropy **out, struct err *e)
{
	ENTROPY_AUTO *x = calloc(1, sizeof(*x));

	if (!x)
		return err_set(e, ERR_MEMORY, "no memory");
	pthread_mutex_init(&x->lock, NULL);
	health_init(&x->health);
	x->source.fill = entropy_random;
	x->source.context = x;
	if (!secret_new(&x->memory, sizeof(struct mix), e) || !start_up(x, e) ||
		!seedsource_open(&x->source, e))
		return false;
	*out = x;
	x = NULL;
	return true;
}

void
entropy_free(struct entropy **x)
{
	if (!*x)
		return;
	seedsource_close(&(*x)->source);
	secret_free(&(*x)->memory);
	pthread_mutex_destroy(&(*x)->lock);
	free(*x);
	*x = NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
dice_collect(const char *rolls, size_t len, struct secret *out, struct err *e)
{
	size_t count = 0;

	if (!secret_new(out, len, e))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (is_blank(rolls[i]))
			continue;
		if (rolls[i] < '1' || rolls[i] > '6')
			return err_set(
				e, ERR_USAGE, "dice: character %zu is no digit from 1 to 6", i + 1);
		out->data[count++] = (uint8_t)rolls[i];
	}
	secret_shorten(out, count);
	if (count < ENTROPY_DICE_MIN)
		return err_set(e, ERR_USAGE, "dice: %zu rolls, at least %d are needed", count,
			ENTROPY_DICE_MIN);
	return true;
}

/* What people type who do not roll: one face held down, or a pattern over and over. */
static bool
dice_plausible(const struct secret *rolls, struct err *e)
{
	size_t run = 1;

	for (size_t i = 1; i < rolls->len; i++) {
		run = rolls->data[i] == rolls->data[i - 1] ? run + 1 : 1;
		if (run == DICE_RUN)
			return err_set(
				e, ERR_REFUSED, "dice: the same face %d times in a row", DICE_RUN);
	}
	for (size_t period = 1; period <= rolls->len / 2; period++)
		if (sodium_memcmp(rolls->data, rolls->data + period, rolls->len - period) == 0)
			return err_set(
				e, ERR_REFUSED, "dice: the same %zu rolls over and over", period);
	return true;
}

bool
entropy_dice(struct entropy *x, const char *rolls, size_t len, struct err *e)
{
	SECRET_AUTO digits = SECRET_NONE;

	if (!dice_collect(rolls, len, &digits, e))
		return false;
	if (!dice_plausible(&digits, e))
		return err_hint(e, "roll a six-sided die and type what it shows");
	absorb(x, &digits);
	x->dice = true;
	return entropy_reseed(x, e);
}

OSSL_LIB_CTX *
entropy_libctx(struct entropy *x)
{
	return x->source.libctx;
}

bool
entropy_reseed(struct entropy *x, struct err *e)
{
	/* The generators of threads hang on this one and follow it. */
	EVP_RAND_CTX *primary = RAND_get0_primary(x->source.libctx);

	if (!primary || EVP_RAND_reseed(primary, 0, NULL, 0, NULL, 0) != 1)
		return err_openssl(e, ERR_INTERNAL, "cannot seed OpenSSL's generators");
	return true;
}

const char *
entropy_sources(const struct entropy *x)
{
	return x->dice ? "kernel, openssl, dice" : "kernel, openssl";
}
