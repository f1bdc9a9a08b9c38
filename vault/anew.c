/* SPDX-License-Identifier: ISC */
#include "vault/anew.h"

#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/progress.h"
#include "vault/guard.h"
#include "vault/privkey.h"
#include "vault/regather.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct holders_item *
holder_of(const struct anew *a)
{
	return &a->deal.holders->items[0];
}

/* Before anything is read ------------------------------------------------------------------ */

/* The custodian's share that counts: one that was replaced or destroyed does not. */
static const struct state_share *
live_share(const struct state_set *set, const char *custodian)
{
	for (size_t i = set->share_count; i-- > 0;) {
		const struct state_share *s = &set->shares[i];

		if (strcmp(s->custodian, custodian) == 0 && state_share_counts(s))
			return s;
	}
	return NULL;
}

/* A vault that was rebuilt does not know what custodians got who were not there. */
static bool
knows_numbers(const struct state *s, const struct state_set *set)
{
	return s->rebuilt.serial == 0 || set->line > STATE_REBUILT_LINE;
}

static bool
check_item(const struct anew *a, struct anew_item *item, struct err *e)
{
	const struct state_set *set = state_current_set(item->key);
	const char *to = holder_of(a)->name;
	const struct state_share *lost = live_share(set, a->custodian);
	const struct state_share *other = live_share(set, to);

	if (!lost) {
		err_set(e, ERR_REFUSED, "%s has no share of %s that could be lost", a->custodian,
			item->key->id);
		return err_hint(e, "say whose share is lost with --lost NAME");
	}
	if (other && other != lost) {
		err_set(e, ERR_REFUSED, "%s has share %u of %s already, and would have two", to,
			other->number, item->key->id);
		return err_hint(e, "give the new share to somebody else, or `reshare` the key");
	}
	if (!minisign_pub_equal(&set->signer, &a->deal.state->key)) {
		err_set(e, ERR_REFUSED,
			"set %s of %s is of a vault key of before, which signs no more", set->id,
			item->key->id);
		return err_hint(e, "`reshare` the key: a new set is signed by the key of now");
	}
	if (!knows_numbers(a->deal.state, set)) {
		err_set(e, ERR_REFUSED,
			"the vault was rebuilt: which numbers of set %s of %s were given is not "
			"known",
			set->id, item->key->id);
		return err_hint(e, "`reshare` the key: a new set begins anew");
	}
	if (set->number_max >= SHARE_COUNT_MAX) {
		err_set(e, ERR_REFUSED, "all %d numbers of set %s of %s were given",
			SHARE_COUNT_MAX, set->id, item->key->id);
		return err_hint(e, "`reshare` the key: a new set begins anew");
	}
	item->replaces = lost->number;
	item->number = set->number_max + 1;
	strcpy(item->set, set->id);
	return true;
}

bool
anew_check(struct anew *a, struct err *e)
{
	for (size_t i = 0; i < a->count; i++)
		if (!check_item(a, &a->items[i], e))
			return false;
	return true;
}

/* Whether the medium has a good share of the set: then it is not lost, or is another's. */
static bool
check_record(const struct anew *a, const struct anew_item *item, const struct medium_record *record,
	struct err *e)
{
	SHARE_AUTO s = { 0 };
	struct err none;

	if (record->err.code != ERR_NONE ||
		!share_parse(record->text.data, record->text.len, &s, &none) ||
		strcmp(s.key, item->key->id) != 0 || strcmp(s.set, item->set) != 0 ||
		s.number == item->number || !share_verify(&s, &a->deal.state->key, &none))
		return true;
	err_set(e, ERR_REFUSED, "%s has a good share of that set already: number %u of %s",
		record->label, s.number, s.custodian);
	return err_hint(e, "one medium would hold two shares: give another one, or remove that "
			   "share if it is to be given up");
}

static bool
check_medium(const struct anew *a, struct err *e)
{
	struct medium *m = &holder_of(a)->medium;

	for (size_t i = 0; i < a->count; i++) {
		MEDIUM_RECORDS_AUTO records = { 0 };

		if (!medium_read(m, a->items[i].key->id, &records, e))
			return err_wrap(e, "medium of %s", holder_of(a)->name);
		for (size_t r = 0; r < records.count; r++)
			if (!check_record(a, &a->items[i], &records.items[r], e))
				return false;
	}
	return true;
}

/* Making ----------------------------------------------------------------------------------- */

static bool
is_detached(const struct state_set *set)
{
	for (size_t i = 0; i < set->share_count; i++)
		if (!set->shares[i].detached)
			return false;
	return true;
}

/* What the new share has in common with the others of its set. */
static bool
common_share(const struct anew *a, const struct anew_item *item, const struct quorum *q,
	struct share *out, struct err *e)
{
	const struct share *from = &q->shares[0];
	const struct sealed *sealed = quorum_sealed(q);
	SEALED_AUTO record = { 0 };
	enum manifest_origin origin = item->key->origin;

	memcpy(out->vault, from->vault, sizeof(out->vault));
	memcpy(out->key, from->key, sizeof(out->key));
	memcpy(out->pin, from->pin, sizeof(out->pin));
	memcpy(out->set, from->set, sizeof(out->set));
	memcpy(out->sealed_hash, from->sealed_hash, sizeof(out->sealed_hash));
	out->vault_key = from->vault_key;
	out->threshold = from->threshold;
	out->shares = from->shares;
	out->rehearsal = from->rehearsal;
	out->created = a->deal.created;
	out->number = item->number;
	if (origin == ORIGIN_OFFLINE && a->allow_online)
		origin = ORIGIN_ONLINE;
	(void)snprintf(out->origin, sizeof(out->origin), "%s", manifest_origin_name(origin));
	if (is_detached(state_current_set(item->key)))
		return true;
	out->carries_sealed = true;
	if (!sealed && !store_sealed(a->store, item->key, item->set, &record, e))
		return false;
	return sealed_copy(sealed ? sealed : &record, &out->sealed, e);
}

/* The key is opened too: k good shares whose key is another one shall not have a fourth. */
static bool
make_one(struct anew *a, struct anew_item *item, struct err *e)
{
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;

	return regather_key(a->from, a->store, item->key, &q, &kek, &key, e) &&
	       regather_record(&q, a->seen, e) && common_share(a, item, &q, &item->share, e) &&
	       quorum_interpolate(&q, item->number, &item->share.data, e);
}

static bool
make_all(struct anew *a, struct err *e)
{
	PROGRESS_AUTO progress = progress_start("making shares anew", a->count);

	for (size_t i = 0; i < a->count; i++) {
		if (!make_one(a, &a->items[i], e))
			return false;
		progress_step(progress, 1);
	}
	return true;
}

static bool
put_one(struct anew *a, struct anew_item *item, struct err *e)
{
	struct deal deal = a->deal;

	deal.detached = !item->share.carries_sealed;
	if (!deal_put(&deal, &item->share, holder_of(a), e))
		return err_wrap(e, "share %u of %s for %s", item->number, item->key->id,
			holder_of(a)->name);
	strcpy(item->commitment, item->share.commitment);
	share_free(&item->share);
	return true;
}

static bool
write_all(struct anew *a, struct err *e)
{
	struct medium *m = &holder_of(a)->medium;

	for (size_t i = 0; i < a->count; i++)
		if (!put_one(a, &a->items[i], e))
			return false;
	if (!holders_insert(a->deal.holders, 0, false, e) ||
		(medium_is_inserted(m) && !check_medium(a, e)))
		return false;
	return medium_sync(m, e) || err_wrap(e, "medium of %s", holder_of(a)->name);
}

/* Proving ---------------------------------------------------------------------------------- */

static bool
read_back(const struct anew *a, const struct anew_item *item, struct medium_records *out,
	struct err *e)
{
	struct holders_item *from = holder_of(a);
	struct share named = { .number = item->number };
	AUTO_STR name = NULL;

	strcpy(named.key, item->key->id);
	strcpy(named.set, item->set);
	out->items = calloc(1, sizeof(*out->items));
	if (!out->items)
		return err_set(e, ERR_MEMORY, "out of memory");
	out->count = 1;
	return (share_file_name(&named, &name, e) &&
		       file_path(&out->items[0].label, e, "%s of %s", name, from->name) &&
		       medium_reread(&from->medium, name, &out->items[0].text, e)) ||
	       err_wrap(e, "reading back the share of %s", from->name);
}

static bool
prove_one(struct anew *a, struct anew_item *item, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;

	if (!read_back(a, item, &records, e))
		return false;
	if (!regather_with(a->from, a->store, item->key, &records, &q, &kek, &key, e) ||
		!quorum_prove_last(&q, &kek, DEAL_SUBSETS, &item->subsets, e))
		return err_wrap(e, "proving %s", item->key->id);
	item->bare = !q.shares[q.count - 1].carries_sealed;
	return true;
}

static bool
prove_all(struct anew *a, struct err *e)
{
	if (!holders_insert(a->deal.holders, 0, true, e))
		return false;
	PROGRESS_AUTO progress = progress_start("reading back and proving", a->count);
	for (size_t i = 0; i < a->count; i++) {
		if (!prove_one(a, &a->items[i], e))
			return false;
		progress_step(progress, 1);
	}
	return true;
}

/* The journal ------------------------------------------------------------------------------ */

static bool
begin(const struct anew *a, const char *batch, struct err *e)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < a->count; i++)
		json_array_append_new(
			keys, json_pack("{s:s, s:s, s:i, s:i}", "key", a->items[i].key->id, "set",
				      a->items[i].set, "number", (int)a->items[i].number,
				      "replaces", (int)a->items[i].replaces));
	json_t *body = json_pack("{s:s, s:s, s:[{s:s, s:s}], s:o}", "batch", batch, "kind",
		"replace", "holders", "name", holder_of(a)->name, "medium",
		holder_of(a)->medium.spec, "keys", keys);
	if (!body || json_array_size(json_object_get(body, "keys")) != a->count) {
		json_decref(body);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return store_append(a->store, "begin", body, e);
}

static bool
commit(const struct anew *a, const char *batch, struct err *e)
{
	const struct holders_item *to = holder_of(a);
	json_t *keys = json_array();

	for (size_t i = 0; i < a->count; i++)
		json_array_append_new(
			keys, json_pack("{s:s, s:s, s:s, s:b}", "key", a->items[i].key->id, "set",
				      a->items[i].set, "commitment", a->items[i].commitment,
				      "detached", a->items[i].bare));
	json_t *body = json_pack("{s:s, s:I, s:o, s:O, s:{}}", "batch", batch, "subsets",
		(json_int_t)a->items[0].subsets, "keys", keys, "from", a->seen, "files");
	bool whole = body && json_array_size(json_object_get(body, "keys")) == a->count &&
		     (!a->more || json_object_update_missing(body, a->more) == 0) &&
		     (!medium_is_inserted(&to->medium) ||
			     json_object_set_new(body, "media",
				     json_pack("{s:s}", to->name, to->medium.spec)) == 0);
	if (!whole) {
		json_decref(body);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return store_append(a->store, "commit", body, e);
}

/* The `begin` line stands: from here on a failure leaves void shares. */
static bool
finish(struct anew *a, const char *batch, struct err *e)
{
	if (!write_all(a, e) || !prove_all(a, e) || !guard_offline(a->allow_online, e))
		return err_wrap(e, "no share was replaced, batch %s is void", batch);
	/* A commit that fails half-way may yet be on disk: then these shares must be there too. */
	medium_keep(&holder_of(a)->medium);
	if (commit(a, batch, e))
		return true;
	err_wrap(e, "batch %s", batch);
	return err_hint(e, "run `coldspare audit`: it says whether the batch counts");
}

bool
anew_run(struct anew *a, struct err *e)
{
	uint8_t id[8];
	char batch[ENCODE_HEX_SIZE(sizeof id)];

	randombytes_buf(id, sizeof id);
	encode_hex(batch, id, sizeof id);
	if ((!medium_is_inserted(&holder_of(a)->medium) && !check_medium(a, e)) || !make_all(a, e))
		return err_wrap(e, "no share was replaced");
	return begin(a, batch, e) && finish(a, batch, e);
}

void
anew_free(struct anew_item *items, size_t count)
{
	for (size_t i = 0; items && i < count; i++)
		share_free(&items[i].share);
	free(items);
}
