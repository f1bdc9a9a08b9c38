/* SPDX-License-Identifier: ISC */
#include "base/progress.h"
#include "vault/anchor.h"
#include "vault/choose.h"
#include "vault/cmd.h"
#include "vault/deal.h"
#include "vault/gather.h"
#include "vault/guard.h"
#include "vault/media.h"
#include "vault/privkey.h"
#include "vault/regather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct opt_spec options[] = {
	GATHER_OPTION,
	GATHER_SET,
	CHOOSE_ALL,
	ANCHOR_OPTION,
	{ 0 },
};

struct drill {
	bool have_store;
	struct store store;
	bool anchored;
	bool confirmed; /* a person said yes to `anchor`, checked against nothing */
	struct minisign_pub anchor;
	struct media media;
	struct gather sources;
	const char **wanted; /* key ids, prefixes or pins */
	size_t count;
	const char *set; /* or NULL */
	json_t *passed;  /* [{"key", "set", "custodians", "subsets"}] */
	json_t *failed;  /* [{"key", "error"}] */
	struct err first_failure;
};

static void
drill_free(struct drill *d)
{
	gather_close(&d->sources);
	media_free(&d->media);
	store_close(&d->store);
	free(d->wanted);
	json_decref(d->passed);
	json_decref(d->failed);
}

static bool
open_drill(const struct opts *o, struct drill *d, struct err *e)
{
	d->set = opt_get(o, "set");
	d->passed = json_array();
	d->failed = json_array();
	if (!d->passed || !d->failed)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (cmd_vault_path_opt(o)) {
		if (!cmd_store_open(o, STORE_WRITE, &d->store, e))
			return false;
		d->have_store = true;
	}
	return anchor_resolve(o, d->have_store ? &d->store : NULL, &d->anchored, &d->anchor, e) &&
	       choose_names(o, d->have_store ? &d->store.state : NULL, &d->wanted, &d->count, e) &&
	       media_init(o, &d->media, e) && gather_open(&d->media.host, o, &d->sources, e);
}

/* Without an anchor a person vouches for the first key seen; the rest must name the same one. */
static bool
vouch(struct drill *d, const struct minisign_pub *named, struct err *e)
{
	if (d->anchored)
		return true;
	if (d->confirmed)
		return minisign_pub_equal(named, &d->anchor) ||
		       err_set(e, ERR_AUTH, "its shares name another vault key");
	if (!anchor_confirm(named, e))
		return false;
	d->anchor = *named;
	d->confirmed = true;
	return true;
}

static json_t *
record(const struct quorum *q, uint64_t subsets)
{
	json_t *names = json_array();

	for (size_t i = 0; i < q->count; i++)
		json_array_append_new(names, json_string(q->shares[i].custodian));
	return json_pack("{s:s, s:s, s:o, s:o, s:I}", "key", q->shares[0].key, "set",
		q->shares[0].set, "custodians", names, "numbers", regather_numbers(q), "subsets",
		(json_int_t)subsets);
}

static bool
drill_one(struct drill *d, const char *wanted, struct err *e)
{
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;
	char pin[PIN_TEXT];
	struct quorum_want want = {
		.key = wanted,
		.anchor = d->anchored ? &d->anchor : NULL,
		.set = d->set,
	};
	struct state_key *known = NULL;
	uint64_t subsets = 0;
	bool settled;

	if (d->have_store) {
		if (!state_find_key(&d->store.state, wanted, &known, e))
			return false;
		pin_encode(&known->pin, pin);
		want.key = known->id;
		/* Old shares may lie on the same media: the set that counts is the one to prove. */
		if (!want.set && state_current_set(known))
			want.set = state_current_set(known)->id;
		want.vault_pin = pin;
		want.accept = gather_accept;
		want.context = &d->store.state;
		want.before = d->store.state.keys_before;
		want.before_count = d->store.state.keys_before_count;
	}
	settled = gather_shares(&d->sources, &want, &q, e);
	gather_warn(&q);
	if (!settled || !vouch(d, &q.shares[0].vault_key, e) ||
		!gather_unseal(&q, d->have_store ? &d->store : NULL, &kek, &key, e) ||
		!quorum_prove(&q, &kek, DEAL_SUBSETS, &subsets, e))
		return false;
	return json_array_append_new(d->passed, record(&q, subsets)) == 0 ||
	       err_set(e, ERR_MEMORY, "out of memory");
}

/* Every key is tried, whatever came of the one before: a drill is for finding out. */
static bool
drill_each(struct drill *d, struct err *e)
{
	PROGRESS_AUTO progress = progress_start("drilling", d->count);

	for (size_t i = 0; i < d->count; i++) {
		struct err why;

		progress_step(progress, 1);
		if (drill_one(d, d->wanted[i], &why))
			continue;
		if (json_array_append_new(d->failed, json_pack("{s:s, s:s}", "key", d->wanted[i],
							     "error", why.message)) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
		if (json_array_size(d->failed) == 1)
			d->first_failure = why;
	}
	return true;
}

static bool
journal_passed(struct drill *d, struct err *e)
{
	json_t *body;

	if (!d->have_store || json_array_size(d->passed) == 0)
		return true;
	body = json_pack("{s:O}", "keys", d->passed);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(&d->store, "drill", body, e);
}

static void
print_text(const struct drill *d)
{
	size_t i;
	json_t *item, *name;

	json_array_foreach(d->passed, i, item)
	{
		long long subsets;
		size_t n;

		printf("good: %s\n  shares of", json_string_value(json_object_get(item, "key")));
		json_array_foreach(json_object_get(item, "custodians"), n, name)
			printf("%s %s", n ? "," : "", json_string_value(name));
		subsets = (long long)json_integer_value(json_object_get(item, "subsets"));
		printf("; %lld combination%s rebuilt it\n", subsets, subsets == 1 ? "" : "s");
	}
	json_array_foreach(d->failed, i, item)
		printf("FAILED: %s\n  %s\n", json_string_value(json_object_get(item, "key")),
			json_string_value(json_object_get(item, "error")));
	if (!d->have_store)
		printf("not journalled: no vault folder was given\n");
}

static bool
print_result(const struct opts *o, const struct drill *d, struct err *e)
{
	JSON_AUTO doc = NULL;

	if (!cmd_json(o)) {
		print_text(d);
		return !d->have_store || cmd_journal_line(o, &d->store, NULL, e);
	}
	doc = json_pack("{s:O, s:O}", "keys", d->passed, "failed", d->failed);
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return (!d->have_store || cmd_journal_line(o, &d->store, doc, e)) && json_print(doc, e);
}

static bool
run_drill(const struct opts *o, struct drill *d, struct err *e)
{
	size_t failures;

	if (!open_drill(o, d, e) || !drill_each(d, e) || !guard_offline(cmd_online(o), e) ||
		!journal_passed(d, e))
		return false;
	failures = json_array_size(d->failed);
	/* A single key's failure is the command's own; of several the report tells. */
	if (failures == 0 || d->count > 1)
		if (!print_result(o, d, e))
			return false;
	if (failures == 0)
		return true;
	*e = d->first_failure;
	if (d->count > 1)
		err_wrap(e, "%zu of %zu keys failed, the first", failures, d->count);
	return false;
}

static bool
run(const struct opts *o, struct err *e)
{
	struct drill d = { 0 };
	bool ok = run_drill(o, &d, e);

	drill_free(&d);
	return ok;
}

const struct command cmd_drill = {
	.name = "drill",
	.operands = "KEY...|--all --from MEDIUM ...",
	.min = 0,
	.max = -1,
	.summary = "prove that shares bring keys back, without writing any",
	.detail =
		"The same proof as recover, for as many keys as you like, each medium opened once; "
		"the "
		"keys never leave memory. With --vault the date and the custodians are journalled.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
