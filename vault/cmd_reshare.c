/* SPDX-License-Identifier: ISC */
#include "base/progress.h"
#include "vault/admit.h"
#include "vault/affirm.h"
#include "vault/choose.h"
#include "vault/cmd.h"
#include "vault/intake.h"
#include "vault/media.h"
#include "vault/oldshares.h"
#include "vault/privkey.h"
#include "vault/regather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct opt_spec options[] = {
	CHOOSE_ALL,
	GATHER_OPTION,
	{ "threshold", OPT_ONE, "K", "how many new custodians bring a key back; default: policy" },
	{ "custodian", OPT_MANY, "NAME=MEDIUM",
		"who gets a new share, and where; default: policy" },
	INTAKE_DETACHED,
	{ "destroyed", OPT_ONE, "NAME", "record that NAME destroyed all old shares" },
	{ "yes", OPT_FLAG, NULL, "with --destroyed: do not ask" },
	{ 0 },
};

struct reshare {
	struct store store;
	struct signer signer;
	struct entropy *entropy;
	struct media media;
	struct gather from;
	struct holders to;
	struct state_key **keys;
	size_t count;
	long threshold;
	bool all; /* the custodians hold the keys to come too */
	struct spare *spares;
	struct secret payloads;
	json_t *seen; /* whose shares were read */
	struct admit admit;
};

static void
reshare_free(struct reshare *r)
{
	for (size_t i = 0; r->spares && i < r->count; i++)
		spare_free(&r->spares[i]);
	free(r->spares);
	free(r->keys);
	json_decref(r->seen);
	json_decref(r->admit.more);
	secret_free(&r->payloads);
	holders_free(&r->to);
	gather_close(&r->from);
	media_free(&r->media);
	signer_free(&r->signer);
	entropy_free(&r->entropy);
	store_close(&r->store);
}

/* Before anything secret ------------------------------------------------------------------- */

static bool
open_holders(const struct opts *o, struct reshare *r, struct err *e)
{
	const struct state *s = &r->store.state;
	const char *names[SHARE_COUNT_MAX], *specs[SHARE_COUNT_MAX];
	struct cmd_custodian *given = NULL;
	size_t count = 0;
	bool ok;

	if (!cmd_custodians(o, &given, &count, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		names[i] = given[i].name;
		specs[i] = given[i].medium;
	}
	for (; opt_count(o, "custodian") == 0 && count < s->custodian_count; count++) {
		names[count] = s->custodians[count].name;
		specs[count] = s->custodians[count].medium;
	}
	r->threshold = (long)s->threshold;
	ok = opt_int(o, "threshold", 0, 1000000, &r->threshold, e) &&
	     share_counts_check(r->threshold, (long)count, e) &&
	     holders_open(&r->media.host, r->store.dir, names, specs, count, &r->to, e);
	cmd_custodians_free(given, opt_count(o, "custodian"));
	return ok;
}

static bool
reshare_open(const struct opts *o, struct reshare *r, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;

	r->all = opt_flag(o, "all");
	r->seen = json_array();
	if (!r->seen)
		return err_set(e, ERR_MEMORY, "out of memory");
	return cmd_store_open(o, STORE_WRITE, &r->store, e) &&
	       choose_keys(o, &r->store.state, &r->keys, &r->count, e) &&
	       media_init(o, &r->media, e) && gather_open(&r->media.host, o, &r->from, e) &&
	       open_holders(o, r, e) && entropy_new(&r->entropy, e) &&
	       cmd_passphrase(o, false, &passphrase, e) &&
	       store_signer(&r->store, &passphrase, &r->signer, e);
}

/* From old shares to new ones -------------------------------------------------------------- */

/* The key is sealed anew before the next one is brought back: one at a time is in memory. */
static bool
seal_again(struct reshare *r, size_t i, bool online, struct err *e)
{
	const struct state_key *k = r->keys[i];
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;
	struct spare_recipe recipe = {
		.id = k->id,
		.domain = k->domain,
		.threshold = (unsigned)r->threshold,
		.shares = (unsigned)r->to.count,
		.origin = k->origin == ORIGIN_OFFLINE && online ? ORIGIN_ONLINE : k->origin,
		.known = true,
	};

	return regather_key(&r->from, &r->store, k, &q, &kek, &key, e) &&
	       regather_record(&q, r->seen, e) &&
	       spare_from_key(&recipe, key, r->entropy,
		       r->payloads.data + i * r->to.count * SHARE_DATA_LEN, &r->spares[i], e);
}

static bool
seal_all(const struct opts *o, struct reshare *r, struct err *e)
{
	PROGRESS_AUTO progress = progress_start("bringing keys back", r->count);

	r->spares = calloc(r->count, sizeof(*r->spares));
	if (!r->spares)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!secret_new(&r->payloads, r->count * r->to.count * SHARE_DATA_LEN, e))
		return false;
	for (size_t i = 0; i < r->count; i++) {
		if (!seal_again(r, i, cmd_online(o), e))
			return err_wrap(e, "nothing was reshared");
		progress_step(progress, 1);
	}
	gather_close(&r->from);
	return true;
}

/* What the commit line says beside the batch: who was read, and who holds the keys to come. */
static json_t *
commit_more(const struct reshare *r)
{
	json_t *more = json_pack("{s:O}", "from", r->seen);
	json_t *custodians = json_array();

	for (size_t i = 0; i < r->to.count; i++)
		json_array_append_new(
			custodians, json_pack("{s:s, s:s}", "name", r->to.items[i].name, "medium",
					    r->to.items[i].medium.spec));
	if (r->all && (json_array_size(custodians) != r->to.count ||
			      json_object_set(more, "custodians", custodians) != 0 ||
			      json_object_set_new(more, "threshold",
				      json_integer((json_int_t)r->threshold)) != 0)) {
		json_decref(more);
		more = NULL;
	}
	json_decref(custodians);
	return more;
}

static bool
admit_all(const struct opts *o, struct reshare *r, struct err *e)
{
	json_t *more = commit_more(r);

	r->admit = (struct admit){
		.store = &r->store,
		.entropy = r->entropy,
		.kind = "reshare",
		.deal = {
			.state = &r->store.state,
			.signer = &r->signer,
			.holders = &r->to,
			.threshold = (unsigned)r->threshold,
			.detached = opt_flag(o, "detached"),
			.created = clock_now(),
		},
		.allow_online = cmd_online(o),
		.spares = r->spares,
		.count = r->count,
		.more = more,
	};

	if (!more)
		return err_set(e, ERR_MEMORY, "out of memory");
	return admit_run(&r->admit, e);
}

/* What came of it -------------------------------------------------------------------------- */

static bool
print_text(const struct opts *o, const struct reshare *r, const json_t *old, struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	for (size_t i = 0; i < r->count; i++)
		printf("key: %s\n  set %s\n", r->keys[i]->id, r->spares[i].sealed.set);
	printf("%zu key%s, %ld of %zu shares each; every share was read back and %llu "
	       "combination%s rebuilt each key\n",
		r->count, r->count == 1 ? "" : "s", r->threshold, r->to.count,
		(unsigned long long)r->admit.subsets, r->admit.subsets == 1 ? "" : "s");
	admit_print_shares(&r->admit);
	if (r->all)
		printf("the keys to come are split among them too, %ld of %zu\n", r->threshold,
			r->to.count);
	oldshares_text(old, &text);
	if (!buf_ok(&text, e))
		return false;
	printf("%s", text.len ? text.data : "");
	return cmd_journal_line(o, &r->store, NULL, e);
}

static json_t *
keys_json(const struct reshare *r)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < r->count; i++) {
		json_t *shares = json_array();

		for (size_t n = 0; n < r->to.count; n++)
			json_array_append_new(shares,
				json_pack("{s:i, s:s, s:s}", "number", (int)n + 1, "custodian",
					r->to.items[n].name, "medium", r->to.items[n].medium.spec));
		json_array_append_new(
			keys, json_pack("{s:s, s:s, s:i, s:I, s:o}", "key", r->keys[i]->id, "set",
				      r->spares[i].sealed.set, "threshold", (int)r->threshold,
				      "subsets", (json_int_t)r->admit.subsets, "shares", shares));
	}
	return keys;
}

static bool
print_result(const struct opts *o, const struct reshare *r, struct err *e)
{
	JSON_AUTO doc = NULL;
	JSON_AUTO old = json_array();

	for (size_t i = 0; i < r->count; i++)
		if (!oldshares_list(&r->store.state, r->keys[i], old, e))
			return false;
	if (!cmd_json(o))
		return print_text(o, r, old, e);
	doc = json_pack(
		"{s:o, s:O, s:b}", "keys", keys_json(r), "superseded", old, "policy", r->all);
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return cmd_journal_line(o, &r->store, doc, e) && json_print(doc, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	const char *who = opt_get(o, "destroyed");
	struct reshare r = { .store = { .lock_fd = -1 } };

	if (who)
		return affirm_run(o, who, e);
	if (opt_flag(o, "yes"))
		return err_set(e, ERR_USAGE, "--yes goes with --destroyed");
	bool ok = reshare_open(o, &r, e) && seal_all(o, &r, e) && admit_all(o, &r, e) &&
		  print_result(o, &r, e);
	reshare_free(&r);
	return ok;
}

const struct command cmd_reshare = {
	.name = "reshare",
	.operands =
		"KEY...|--all --from MEDIUM ... [--custodian NAME=MEDIUM ...] | --destroyed NAME",
	.min = 0,
	.max = -1,
	.summary = "give keys to other custodians: a new set of shares under a new key",
	.detail =
		"Any k old shares bring a key back in memory; it is sealed under a fresh key, and "
		"that one is split anew, written, read back and proven as by generate. The old "
		"set counts until the very end. Its shares go on working, so have them destroyed "
		"and record it with --destroyed. With --all the new custodians and threshold "
		"hold for keys to come too.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
