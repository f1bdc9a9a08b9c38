/* SPDX-License-Identifier: ISC */
#include "vault/ceremonyneed.h"

#include "shares/sharebin.h"
#include "vault/spare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES_MAX 32        /* keys of one algorithm */
#define ENOUGH 0.2            /* seconds: a sample that took less is repeated, larger */
#define JOURNAL_LINE 1024     /* bytes, generously, of what is told of one key but its shares */
#define JOURNAL_SHARE 256     /* and of each of those */
#define FOLDER_FILES 12       /* of the vault beside its keys: identity, journal, manifest ... */
#define MANIFEST_PIN 512      /* bytes of one pin */
#define SAMPLE_ID "-xxxxxxxx" /* what follows domain and algorithm in a key id */
#define WILDCARD "_wildcard."

void
ceremonyneed_free(struct ceremonyneed *n)
{
	for (size_t i = 0; i < n->algorithm_count; i++)
		sealed_free(&n->algorithms[i].sealed);
	*n = (struct ceremonyneed){ 0 };
}

/* Measuring -------------------------------------------------------------------------------- */

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* `count` keys made and thrown away; the first one's sizes are kept. */
static bool
make_samples(const struct plan *p, struct entropy *x, size_t count, struct ceremonyneed_alg *a,
	struct err *e)
{
	struct spare_recipe recipes[SAMPLES_MAX];
	struct spare spares[SAMPLES_MAX] = { 0 };
	SECRET_AUTO payloads = SECRET_NONE;
	double start = now();
	bool ok;

	for (size_t i = 0; i < count; i++)
		recipes[i] = (struct spare_recipe){
			.domain = p->domains[0].name,
			.subject = p->domains[0].subject,
			.names = p->domains[0].names.items,
			.name_count = p->domains[0].names.count,
			.alg = a->alg,
			.threshold = p->threshold,
			.shares = (unsigned)p->custodian_count,
		};
	ok = secret_new(&payloads, count * p->custodian_count * SHARE_DATA_LEN, e) &&
	     spare_generate(recipes, count, x, payloads.data, spares, e);
	a->seconds = (now() - start) / (double)count;
	a->csr = spares[0].csr.len;
	a->public_pem = spares[0].public_pem.len;
	sealed_free(&a->sealed);
	ok = ok && sealed_copy(&spares[0].sealed, &a->sealed, e);
	for (size_t i = 0; i < count; i++)
		spare_free(&spares[i]);
	return ok;
}

static bool
measure_alg(const struct plan *p, struct entropy *x, struct ceremonyneed_alg *a, struct err *e)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t count = processors < 1 ? 1 : (size_t)processors;

	for (count = count < SAMPLES_MAX / 4 ? count : SAMPLES_MAX / 4;; count *= 4) {
		if (!make_samples(p, x, count, a, e))
			return false;
		if (a->seconds * (double)count > ENOUGH || count * 4 > SAMPLES_MAX)
			return true;
	}
}

/* The small cost is tried, and reckoned up to the plan's: scrypt's time grows with its operations.
 */
static bool
measure_passphrase(const struct plan *p, struct entropy *x, double *out, struct err *e)
{
	const struct signer_kdf *small = NULL;
	SIGNER_AUTO signer = { 0 };
	SECRET_AUTO passphrase = SECRET_NONE;
	SECRET_AUTO file = SECRET_NONE;
	double start;

	if (!signer_kdf_find("interactive", &small, e) || !signer_new(x, &signer, e) ||
		!secret_copy(&passphrase, "a trial", 7, e))
		return false;
	start = now();
	if (!signer_encode(&signer, &passphrase, small, &file, e))
		return false;
	*out = (now() - start) * (double)p->kdf->opslimit / (double)small->opslimit;
	return true;
}

bool
ceremonyneed_measure(const struct plan *p, struct ceremonyneed *out, struct err *e)
{
	CEREMONYNEED_AUTO n = { 0 };
	ENTROPY_AUTO *x = NULL;
	double per_algorithm = (double)(p->domain_count * p->backups);

	if (!entropy_new(&x, e))
		return false;
	for (size_t i = 0; i <= p->algorithm_count; i++) {
		struct ceremonyneed_alg *a = &n.algorithms[i];

		if (i < p->algorithm_count)
			a->alg = p->algorithms[i];
		else if (!alg_find("ed25519", &a->alg, e))
			return false;
		n.algorithm_count = i + 1;
		if (!measure_alg(p, x, a, e))
			return false;
		n.keys_seconds += a->seconds * (i < p->algorithm_count ? per_algorithm : 1);
	}
	if (!measure_passphrase(p, x, &n.passphrase_seconds, e))
		return false;
	*out = n;
	n = (struct ceremonyneed){ 0 };
	return true;
}

/* Room ------------------------------------------------------------------------------------- */

static uint64_t
rounded(uint64_t bytes, uint64_t block)
{
	return block > 1 ? (bytes + block - 1) / block * block : bytes;
}

/* A key id as long as those of this domain and algorithm will be. */
static bool
sample_id(const char *domain, const struct alg *alg, char out[static SEALED_KEY_ID_MAX + 1],
	struct err *e)
{
	bool wildcard = strncmp(domain, "*.", 2) == 0;
	int n = snprintf(out, SEALED_KEY_ID_MAX + 1, "%s%s-%s" SAMPLE_ID, wildcard ? WILDCARD : "",
		wildcard ? domain + 2 : domain, alg->slug);

	return (n > 0 && n <= SEALED_KEY_ID_MAX) ||
	       err_set(e, ERR_FORMAT, "the key id for %s would be too long", domain);
}

/* The size of one share: one is made up, and encoded. */
static bool
share_size(const struct plan *p, const struct plan_custodian *c, const struct sealed *sealed,
	const char *key, bool packed, bool detached, uint64_t *out, struct err *e)
{
	SHARE_AUTO s = { 0 };
	SECRET_AUTO bytes = SECRET_NONE;

	strcpy(s.vault, p->name);
	strcpy(s.key, key);
	strcpy(s.pin, sealed->pin);
	strcpy(s.set, sealed->set);
	strcpy(s.origin, "imported");
	strcpy(s.custodian, c->name);
	s.threshold = p->threshold;
	s.shares = (unsigned)p->custodian_count;
	s.number = SHARE_COUNT_MAX;
	s.rehearsal = true;
	s.carries_sealed = !detached;
	if (!secret_new(&s.data, SHARE_DATA_LEN, e) || !sealed_copy(sealed, &s.sealed, e))
		return false;
	strcpy(s.sealed.key, key);
	share_commitment(s.data.data, s.commitment);
	if (!sealed_hash(&s.sealed, s.sealed_hash, e) ||
		!(packed ? sharebin_encode : share_encode)(&s, detached, &bytes, e))
		return false;
	*out = bytes.len;
	return true;
}

bool
ceremonyneed_shares(const struct ceremonyneed *n, const struct plan *p,
	const struct plan_custodian *c, bool packed, bool detached, uint64_t block, uint64_t *out,
	struct err *e)
{
	const struct sealed *own = &n->algorithms[p->algorithm_count].sealed;
	uint64_t sum, bytes = 0;

	if (!share_size(p, c, own, SHARE_SIGNING_KEY, packed, detached, &bytes, e))
		return false;
	sum = rounded(bytes, block);
	for (size_t d = 0; d < p->domain_count; d++)
		for (size_t a = 0; a < p->algorithm_count; a++) {
			const struct ceremonyneed_alg *of = &n->algorithms[a];
			char id[SEALED_KEY_ID_MAX + 1];

			if (!sample_id(p->domains[d].name, of->alg, id, e) ||
				!share_size(p, c, &of->sealed, id, packed, detached, &bytes, e))
				return false;
			sum += p->backups * rounded(bytes, block);
		}
	*out = sum;
	return true;
}

/* Base64 takes a third more than the record itself; the lines around it are short. */
static uint64_t
sealed_size(const struct ceremonyneed_alg *a)
{
	return a->sealed.data.len * 4 / 3 + 512 + SEALED_KEY_ID_MAX;
}

uint64_t
ceremonyneed_vault(const struct ceremonyneed *n, const struct plan *p, uint64_t block)
{
	uint64_t lines = JOURNAL_LINE + JOURNAL_SHARE * p->custodian_count;
	uint64_t sum = FOLDER_FILES * rounded(4096, block) + plan_keys(p) * rounded(lines, block);

	for (size_t a = 0; a < p->algorithm_count; a++) {
		const struct ceremonyneed_alg *of = &n->algorithms[a];
		uint64_t one = rounded(4096, block) + rounded(sealed_size(of), block) +
			       rounded(of->csr, block) + rounded(of->public_pem, block);

		sum += p->domain_count * p->backups * one;
	}
	return sum + ceremonyneed_export(n, p, block);
}

uint64_t
ceremonyneed_export(const struct ceremonyneed *n, const struct plan *p, uint64_t block)
{
	uint64_t sum =
		rounded(4096 + plan_keys(p) * MANIFEST_PIN, block) + 4 * rounded(1024, block);

	for (size_t a = 0; a < p->algorithm_count; a++)
		sum += p->domain_count * p->backups * rounded(n->algorithms[a].csr, block);
	return sum;
}
