/* SPDX-License-Identifier: ISC */
#include "vault/anew.h"
#include "vault/choose.h"
#include "vault/cmd.h"
#include "vault/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct opt_spec options[] = {
	CHOOSE_ALL,
	GATHER_OPTION,
	{ "custodian", OPT_ONE, "NAME=MEDIUM", "who gets the new share, and where" },
	{ "lost", OPT_ONE, "NAME", "whose share is lost; default: that of the same custodian" },
	{ 0 },
};

struct replacement {
	struct store store;
	struct signer signer;
	struct media media;
	struct gather from;
	struct holders to;
	struct anew anew;
	bool policy; /* the new custodian takes the lost one's place for keys to come */
};

static void
replacement_free(struct replacement *r)
{
	anew_free(r->anew.items, r->anew.count);
	json_decref(r->anew.seen);
	json_decref(r->anew.more);
	holders_free(&r->to);
	gather_close(&r->from);
	media_free(&r->media);
	signer_free(&r->signer);
	store_close(&r->store);
}

static bool
open_holder(const struct opts *o, struct replacement *r, struct err *e)
{
	struct cmd_custodian *given = NULL;
	size_t count = 0;
	bool ok;

	if (!opt_get(o, "custodian"))
		return err_set(e, ERR_USAGE, "--custodian is missing: who gets the new share?");
	if (!cmd_custodians(o, &given, &count, e))
		return false;
	const char *name = given[0].name, *spec = given[0].medium;
	ok = holders_open(&r->media.host, r->store.dir, &name, &spec, 1, &r->to, e);
	cmd_custodians_free(given, count);
	return ok;
}

static bool
choose_items(const struct opts *o, struct replacement *r, struct err *e)
{
	struct state_key **keys = NULL;
	size_t count = 0;

	if (!choose_keys(o, &r->store.state, &keys, &count, e))
		return false;
	r->anew.items = calloc(count + 1, sizeof(*r->anew.items));
	for (size_t i = 0; r->anew.items && i < count; i++)
		r->anew.items[i].key = keys[i];
	r->anew.count = count;
	free(keys);
	return r->anew.items || err_set(e, ERR_MEMORY, "out of memory");
}

/* With --all: the policy's custodians, the one whose shares are lost replaced. Nothing where that
 * one is not among them, or the new one is. */
static bool
change_policy(struct replacement *r, struct err *e)
{
	const struct state *s = &r->store.state;
	const struct holders_item *to = &r->to.items[0];
	json_t *list = json_array();
	bool clash = false;

	for (size_t i = 0; i < s->custodian_count; i++) {
		const struct state_custodian *c = &s->custodians[i];
		bool lost = strcmp(c->name, r->anew.custodian) == 0;

		r->policy |= lost;
		clash |= !lost && strcmp(c->name, to->name) == 0;
		json_array_append_new(
			list, json_pack("{s:s, s:s}", "name", lost ? to->name : c->name, "medium",
				      lost ? to->medium.spec : c->medium));
	}
	r->policy &= !clash;
	if (r->policy && json_array_size(list) == s->custodian_count)
		r->anew.more =
			json_pack("{s:i, s:O}", "threshold", (int)s->threshold, "custodians", list);
	json_decref(list);
	return !r->policy || r->anew.more || err_set(e, ERR_MEMORY, "out of memory");
}

static bool
prepare(const struct opts *o, struct replacement *r, struct err *e)
{
	const char *lost = opt_get(o, "lost");

	r->anew.store = &r->store;
	r->anew.from = &r->from;
	r->anew.deal = (struct deal){
		.state = &r->store.state,
		.signer = &r->signer,
		.holders = &r->to,
		.created = clock_now(),
	};
	r->anew.custodian = lost ? lost : r->to.items[0].name;
	r->anew.allow_online = cmd_online(o);
	r->anew.seen = json_array();
	if (!r->anew.seen)
		return err_set(e, ERR_MEMORY, "out of memory");
	return share_name_check("--lost", r->anew.custodian, e) && anew_check(&r->anew, e) &&
	       (!opt_flag(o, "all") || change_policy(r, e));
}

static bool
replacement_open(const struct opts *o, struct replacement *r, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;

	return cmd_store_open(o, STORE_WRITE, &r->store, e) && choose_items(o, r, e) &&
	       media_init(o, &r->media, e) && gather_open(&r->media.host, o, &r->from, e) &&
	       open_holder(o, r, e) && prepare(o, r, e) &&
	       cmd_passphrase(o, false, &passphrase, e) &&
	       store_signer(&r->store, &passphrase, &r->signer, e);
}

/* What came of it -------------------------------------------------------------------------- */

static const struct state_share *
lost_share(const struct anew_item *item)
{
	const struct state_set *set = state_current_set(item->key);

	for (size_t i = 0; i < set->share_count; i++)
		if (set->shares[i].number == item->replaces)
			return &set->shares[i];
	return NULL;
}

static bool
print_text(const struct opts *o, const struct replacement *r, struct err *e)
{
	const struct holders_item *to = &r->to.items[0];
	const struct anew *a = &r->anew;

	for (size_t i = 0; i < a->count; i++)
		printf("key: %s\n  share %u: %s, %s%s, in place of number %u of %s\n",
			a->items[i].key->id, a->items[i].number, to->name, to->medium.spec,
			a->items[i].bare ? ", without the sealed key" : "", a->items[i].replaces,
			a->custodian);
	printf("%zu key%s; each new share was read back and %llu combination%s with it rebuilt the "
	       "key\n",
		a->count, a->count == 1 ? "" : "s", (unsigned long long)a->items[0].subsets,
		a->items[0].subsets == 1 ? "" : "s");
	if (r->policy)
		printf("the keys to come go to %s, %s%s%s\n", to->name, to->medium.spec,
			strcmp(to->name, a->custodian) == 0 ? "" : ", instead of ",
			strcmp(to->name, a->custodian) == 0 ? "" : a->custodian);
	printf("the lost share stays valid for ever, as one of k: if it may be in bad hands,\n"
	       "run `coldspare reshare`\n");
	return cmd_journal_line(o, &r->store, NULL, e);
}

static json_t *
item_json(const struct replacement *r, const struct anew_item *item)
{
	const struct holders_item *to = &r->to.items[0];
	const struct state_share *lost = lost_share(item);

	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:b, s:I, s:{s:i, s:s, s:s?}}", "key",
		item->key->id, "set", item->set, "number", (int)item->number, "custodian", to->name,
		"medium", to->medium.spec, "sealed", !item->bare, "subsets",
		(json_int_t)item->subsets, "replaces", "number", (int)item->replaces, "custodian",
		r->anew.custodian, "medium", lost ? lost->medium : NULL);
}

static bool
print_result(const struct opts *o, const struct replacement *r, struct err *e)
{
	json_t *keys = json_array();
	JSON_AUTO doc = NULL;

	if (!cmd_json(o)) {
		json_decref(keys);
		return print_text(o, r, e);
	}
	for (size_t i = 0; i < r->anew.count; i++)
		json_array_append_new(keys, item_json(r, &r->anew.items[i]));
	doc = json_pack("{s:o, s:b}", "keys", keys, "policy", r->policy);
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return cmd_journal_line(o, &r->store, doc, e) && json_print(doc, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct replacement r = { .store = { .lock_fd = -1 } };
	bool ok = replacement_open(o, &r, e) && anew_run(&r.anew, e) && print_result(o, &r, e);

	replacement_free(&r);
	return ok;
}

const struct command cmd_replace_share = {
	.name = "replace-share",
	.operands = "KEY...|--all --from MEDIUM ... --custodian NAME=MEDIUM",
	.min = 0,
	.max = -1,
	.summary = "make a lost share anew from k others, in the same set",
	.detail =
		"The share of one custodian is lost, torn or erased: another of the same set, "
		"under "
		"a number never given before, goes to the same custodian or to somebody else. The "
		"lost share stays valid for ever; where it may be in bad hands, reshare instead.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
