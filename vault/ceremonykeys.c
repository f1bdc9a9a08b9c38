/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/file.h"
#include "vault/admit.h"
#include "vault/anchor.h"
#include "vault/ceremonyrun.h"
#include "vault/found.h"

#include <stdlib.h>

/* The batch: the signing key, then every domain's keys. */
struct batch {
	struct spare *spares;
	struct spare_recipe *recipes; /* of all but the signing key */
	struct state_domain *domains; /* borrow from the plan */
	size_t count;                 /* with the signing key */
	struct secret payloads;
	struct holders holders;
};

static void
batch_free(struct batch *b)
{
	for (size_t i = 0; b->spares && i < b->count; i++)
		spare_free(&b->spares[i]);
	free(b->spares);
	free(b->recipes);
	free(b->domains);
	secret_free(&b->payloads);
	holders_free(&b->holders);
}

/* With somebody there every medium is called for, twice; alone they have to be there. */
static bool
open_holders(struct ceremony *c, struct batch *b, struct err *e)
{
	const char *names[SHARE_COUNT_MAX], *specs[SHARE_COUNT_MAX];
	char *made[SHARE_COUNT_MAX] = { 0 };
	size_t count = c->plan->custodian_count;
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		names[i] = c->plan->custodians[i].name;
		if (!c->alone || !c->specs[i])
			ok = file_path(&made[i], e, "prompt:%s", names[i]);
		specs[i] = made[i] ? made[i] : c->specs[i];
	}
	ok = ok && holders_open(&c->media.host, c->dir, names, specs, count, &b->holders, e);
	for (size_t i = 0; i < count; i++)
		file_free_auto(&made[i]);
	return ok;
}

static enum manifest_origin
origin_of(const struct ceremony *c)
{
	return c->online ? ORIGIN_ONLINE : ORIGIN_OFFLINE;
}

static void
fill_recipes(const struct ceremony *c, struct batch *b)
{
	const struct plan *p = c->plan;
	size_t n = 0;

	for (size_t d = 0; d < p->domain_count; d++) {
		const struct plan_domain *domain = &p->domains[d];

		b->domains[d] = (struct state_domain){
			.name = domain->name,
			.names = domain->names.items,
			.name_count = domain->names.count,
		};
		for (size_t a = 0; a < p->algorithm_count; a++)
			for (unsigned i = 0; i < p->backups; i++)
				b->recipes[n++] = (struct spare_recipe){
					.domain = domain->name,
					.subject = domain->subject,
					.names = domain->names.items,
					.name_count = domain->names.count,
					.alg = p->algorithms[a],
					.threshold = p->threshold,
					.shares = (unsigned)p->custodian_count,
					.origin = origin_of(c),
				};
	}
}

static bool
make_spares(struct ceremony *c, struct batch *b, struct err *e)
{
	const struct plan *p = c->plan;
	size_t each = p->custodian_count * SHARE_DATA_LEN;
	size_t keys = plan_keys(p);

	b->spares = calloc(keys + 1, sizeof *b->spares);
	b->recipes = calloc(keys + 1, sizeof *b->recipes);
	b->domains = calloc(p->domain_count + 1, sizeof *b->domains);
	if (!b->spares || !b->recipes || !b->domains)
		return err_set(e, ERR_MEMORY, "out of memory");
	fill_recipes(c, b);
	if (!secret_new(&b->payloads, (keys + 1) * each, e) ||
		!found_spare(&c->signer, p->threshold, (unsigned)p->custodian_count, origin_of(c),
			c->entropy, b->payloads.data, &b->spares[0], e))
		return false;
	b->count = 1;
	if (!spare_generate(
		    b->recipes, keys, c->entropy, b->payloads.data + each, b->spares + 1, e))
		return false;
	b->count += keys;
	return true;
}

/* All is proven, and nothing counts yet. */
static bool
consent(void *context, const struct admit *a, struct err *e)
{
	struct ceremony *c = context;
	char key[ENCODE_HASH_HEX];

	if (c->alone && (!ceremony_done(c, CEREMONY_WRITE, NULL, e) ||
				!ceremony_done(c, CEREMONY_READBACK, NULL, e)))
		return false;
	ceremony_announce(c, CEREMONY_COMMIT);
	ceremony_say(c,
		"%zu keys, %zu shares of each: every share was read back from its medium, and %llu "
		"combination%s of %u rebuilt each key.",
		a->count, a->deal.holders->count, (unsigned long long)a->subsets,
		a->subsets == 1 ? "" : "s", a->deal.threshold);
	anchor_digest(&c->signer.pub, key);
	return ceremony_digest(c, "vault key", key, e) && ceremony_ask(c, CEREMONY_COMMIT, e) &&
	       ceremony_done(c, CEREMONY_COMMIT, NULL, e);
}

static bool
admit(struct ceremony *c, struct batch *b, struct err *e)
{
	struct admit a = {
		.store = &c->store,
		.entropy = c->entropy,
		.kind = "init",
		.deal = {
			.state = &c->store.state,
			.signer = &c->signer,
			.holders = &b->holders,
			.threshold = c->plan->threshold,
			.detached = c->plan->detached,
			.created = clock_now(),
		},
		.allow_online = c->online,
		.spares = b->spares,
		.count = b->count,
		.domains = b->domains,
		.domain_count = c->plan->domain_count,
		.consent = consent,
		.context = c,
	};

	if (c->alone) {
		ceremony_announce(c, CEREMONY_WRITE);
		ceremony_announce(c, CEREMONY_READBACK);
	}
	return admit_run(&a, e);
}

bool
ceremonykeys_run(struct ceremony *c, struct err *e)
{
	struct batch b = { 0 };
	bool ok;

	ceremony_announce(c, CEREMONY_KEYS);
	if (c->store.state.ready) {
		ceremony_say(c, "The keys were made, written and proven in an earlier run.");
		return true;
	}
	ok = open_holders(c, &b, e) && make_spares(c, &b, e) &&
	     ceremony_done(c, CEREMONY_KEYS, NULL, e) && admit(c, &b, e);
	batch_free(&b);
	return ok && ceremony_log(c, "commit", e);
}
