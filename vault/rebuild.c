/* SPDX-License-Identifier: ISC */
#include "vault/rebuild.h"

#include "base/file.h"
#include "base/progress.h"
#include "vault/deal.h"
#include "vault/media.h"
#include "vault/privkey.h"
#include "vault/rebuildfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANIFEST_FILE "pins.json"

void
rebuild_free(struct rebuild *r)
{
	for (size_t i = 0; i < r->file_count; i++) {
		free(r->files[i].path);
		buf_free(&r->files[i].bytes);
	}
	free(r->files);
	trust_free(&r->from);
	signer_free(&r->signer);
	free(r->before);
	json_decref(r->custodians);
	json_decref(r->keys);
	json_decref(r->lost);
}

/* Shares ----------------------------------------------------------------------------------- */

/* One key's shares, and which medium each of them came from: "set/number" -> spec. */
struct found {
	struct quorum q;
	json_t *media;
};
#define FOUND_AUTO __attribute__((cleanup(found_free))) struct found

static void
found_free(struct found *f)
{
	quorum_free(&f->q);
	json_decref(f->media);
	f->media = NULL;
}

static void
place_name(const struct share *s, char out[static 32])
{
	(void)snprintf(out, 32, "%s/%u", s->set, s->number);
}

static bool
add_all(struct rebuild *r, const struct quorum_want *want, struct found *f, struct err *e)
{
	f->media = json_object();
	for (size_t i = 0; i < r->sources->count; i++) {
		size_t before = f->q.count;
		AUTO_STR spec = NULL;

		if (!gather_add(&r->sources->sources[i], want, &f->q, e) ||
			!medium_absolute(media_kinds, r->sources->sources[i].spec, &spec, e))
			return false;
		for (size_t s = before; s < f->q.count; s++) {
			char name[32];

			place_name(&f->q.shares[s], name);
			if (json_object_set_new(f->media, name, json_string(spec)) != 0)
				return err_set(e, ERR_MEMORY, "out of memory");
		}
	}
	return true;
}

static unsigned
count_set(const struct quorum *q, const char *set)
{
	unsigned n = 0;

	for (size_t i = 0; i < q->count; i++)
		n += strcmp(q->shares[i].set, set) == 0;
	return n;
}

/* Where an old set was not destroyed, the last splitting is the one to go on with. */
static bool
newest_of_several(const struct quorum *q, char out[static SEALED_SET_TEXT])
{
	const struct share *best = NULL;
	bool several = false;

	for (size_t i = 0; i < q->count; i++) {
		const struct share *s = &q->shares[i];

		if (count_set(q, s->set) < s->threshold)
			continue;
		several = several || (best && strcmp(best->set, s->set) != 0);
		if (!best || s->created > best->created)
			best = s;
	}
	if (several)
		strcpy(out, best->set);
	return several;
}

static bool
find_shares(struct rebuild *r, struct quorum_want *want, struct found *f, struct err *e)
{
	char set[SEALED_SET_TEXT];

	if (!add_all(r, want, f, e))
		return false;
	if (newest_of_several(&f->q, set)) {
		found_free(f);
		want->set = set;
		if (!add_all(r, want, f, e))
			return false;
	}
	bool settled = quorum_settle(&f->q, want, e);
	gather_warn(&f->q);
	want->set = NULL;
	if (settled && f->q.shares[0].rehearsal != r->from.manifest.rehearsal)
		return err_set(e, ERR_REFUSED,
			"the shares of %s are a rehearsal's, or the "
			"manifest is",
			want->key);
	return settled;
}

static json_t *
seen_json(const struct found *f)
{
	json_t *seen = json_array();

	for (size_t i = 0; i < f->q.count; i++) {
		const struct share *s = &f->q.shares[i];
		char name[32];

		place_name(s, name);
		json_array_append_new(
			seen, json_pack("{s:i, s:s, s:O, s:s, s:b}", "number", (int)s->number,
				      "custodian", s->custodian, "medium",
				      json_object_get(f->media, name), "commitment", s->commitment,
				      "detached", !s->carries_sealed));
	}
	if (json_array_size(seen) == f->q.count)
		return seen;
	json_decref(seen);
	return NULL;
}

/* Keys ------------------------------------------------------------------------------------- */

static enum manifest_state
kept_state(enum manifest_state s)
{
	/* Presigned is what has its certificate; that is attached again afterwards. */
	return s == STATE_PRESIGNED ? STATE_STANDBY : s;
}

/* `p` is NULL for the signing key. */
static bool
keep_key(struct rebuild *r, const struct found *f, const struct manifest_pin *p, const char *domain,
	uint64_t subsets, struct err *e)
{
	const struct share *s = &f->q.shares[0];
	char signer[MINISIGN_PUB_TEXT];
	json_t *item;

	minisign_pub_encode(&s->vault_key, signer);
	item = json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s, s:s, s:b, s:o, s:s, s:i, s:i, s:I, s:o}",
		"signer", signer, "key", s->key, "pin", s->pin, "algorithm",
		p ? p->algorithm : "ed25519", "domain", domain, "state",
		manifest_state_name(p ? kept_state(p->state) : STATE_STANDBY), "origin",
		p ? manifest_origin_name(p->origin) : s->origin, "released", p && p->released,
		"created", json_time(s->created), "set", s->set, "threshold", (int)s->threshold,
		"shares", (int)s->shares, "subsets", (json_int_t)subsets, "seen", seen_json(f));
	return json_array_append_new(r->keys, item) == 0 || err_set(e, ERR_MEMORY, "out of memory");
}

/* In memory, proven, and forgotten but for the signing key, which goes to `signing`. */
static bool
prove(struct rebuild *r, struct quorum_want *want, struct found *f, uint64_t *subsets,
	EVP_PKEY **out, struct err *e)
{
	SECRET_AUTO kek = SECRET_NONE;

	return find_shares(r, want, f, e) && gather_unseal(&f->q, NULL, &kek, out, e) &&
	       quorum_prove(&f->q, &kek, DEAL_SUBSETS, subsets, e);
}

/* From the key given to the one of the manifest; its place tells the id of the signing key. */
static bool
follow(struct rebuild *r, struct err *e)
{
	const struct succession *given = &r->from.succession;
	struct minisign_pub at = r->key;
	bool there = true;

	r->before = calloc(given->count + 1, sizeof *r->before);
	if (!r->before)
		return err_set(e, ERR_MEMORY, "out of memory");
	while (there && r->before_count < given->count &&
		!minisign_pub_equal(&at, &r->from.manifest.vault_key)) {
		r->before[r->before_count++] = at;
		if (!succession_next(given, &at, &at, &there, e))
			return false;
	}
	for (size_t i = 0; i < given->count; i++)
		if (minisign_pub_equal(&given->items[i].pub, &at) && r->before_count != i + 1) {
			err_set(e, ERR_REFUSED,
				"--key is not the vault's first: %s leads to the manifest's",
				given->items[i].path);
			return err_hint(e, "shares from before are signed by the first one: the "
					   "paper log has it");
		}
	return true;
}

/* Whose lost share turned up again has two: there are k custodians all the same. */
static bool
keep_custodian(struct rebuild *r, const struct found *f, const struct share *s, struct err *e)
{
	char place[32], other[SHARE_NAME_MAX + 1];
	const char *name = s->custodian;

	place_name(s, place);
	if (json_object_get(r->custodians, name)) {
		(void)snprintf(other, sizeof other, "unknown-%u", s->number);
		name = other;
	}
	return json_object_set(r->custodians, name, json_object_get(f->media, place)) == 0 ||
	       err_set(e, ERR_MEMORY, "out of memory");
}

static bool
keep_custodians(struct rebuild *r, const struct found *f, struct err *e)
{
	for (size_t i = 0; i < f->q.count; i++)
		if (!keep_custodian(r, f, &f->q.shares[i], e))
			return false;
	return true;
}

static bool
take_signing_key(struct rebuild *r, struct err *e)
{
	FOUND_AUTO f = { 0 };
	AUTO_EVP_PKEY key = NULL;
	const struct minisign_pub *now = &r->from.manifest.vault_key;
	char id[SEALED_KEY_ID_MAX + 1];
	struct quorum_want want = { .key = id, .anchor = now };
	uint64_t subsets;

	state_signing_id(r->before_count, id);
	if (!prove(r, &want, &f, &subsets, &key, e) ||
		!signer_from_key(key, now->id, &r->signer, e))
		return false;
	const struct share *s = &f.q.shares[0];
	if (!minisign_pub_equal(&r->signer.pub, now))
		return err_set(e, ERR_AUTH, "the signing key of the shares is not the vault's");
	r->threshold = s->threshold;
	r->offline = r->from.manifest.offline && strcmp(s->origin, "offline") == 0;
	return keep_custodians(r, &f, e) && rebuildfile_public(r, s->key, key, e) &&
	       rebuildfile_sealed(r, quorum_sealed(&f.q), e) &&
	       keep_key(r, &f, NULL, NULL, subsets, e);
}

static bool
take_key(struct rebuild *r, const struct manifest_pin *p, const char *domain, struct err *e)
{
	FOUND_AUTO f = { 0 };
	AUTO_EVP_PKEY key = NULL;
	char pin[PIN_TEXT];
	struct quorum_want want = {
		.key = p->key,
		.anchor = &r->from.manifest.vault_key,
		.before = r->before,
		.before_count = r->before_count,
		.vault_pin = pin,
	};
	uint64_t subsets;

	pin_encode(&p->pin, pin);
	return prove(r, &want, &f, &subsets, &key, e) && rebuildfile_request(r, p, e) &&
	       rebuildfile_public(r, p->key, key, e) &&
	       rebuildfile_sealed(r, quorum_sealed(&f.q), e) &&
	       keep_key(r, &f, p, domain, subsets, e);
}

/* What serves clients stays pinned: production has it, whoever can bring it back. */
static bool
lose(struct rebuild *r, const struct manifest_pin *p, const struct err *why, struct err *e)
{
	char pin[PIN_TEXT];
	bool kept = p->state == STATE_ACTIVE || p->state == STATE_RETIRED;

	pin_encode(&p->pin, pin);
	json_t *item = json_pack("{s:s, s:s, s:b, s:s}", "key", p->key, "pin", pin, "kept", kept,
		"error", why->message);
	return json_array_append_new(r->lost, item) == 0 || err_set(e, ERR_MEMORY, "out of memory");
}

static bool
take_domain(struct rebuild *r, const struct manifest_domain *d, struct progress *progress,
	struct err *e)
{
	for (size_t i = 0; i < d->pin_count; i++) {
		const struct manifest_pin *p = &d->pins[i];
		struct err why = { 0 };

		progress_step(progress, 1);
		if (!p->key || take_key(r, p, d->domain, &why))
			continue;
		if (why.code == ERR_MEMORY || !lose(r, p, &why, e))
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	return true;
}

static bool
check_lost(const struct rebuild *r, struct err *e)
{
	BUF_AUTO list = BUF_NONE;
	json_t *item;
	size_t i;

	if (r->partial || json_array_size(r->lost) == 0)
		return true;
	json_array_foreach(r->lost, i, item) buf_addf(&list, "%s%s (%s)", i ? "; " : "",
		json_string_value(json_object_get(item, "key")),
		json_string_value(json_object_get(item, "error")));
	if (!buf_ok(&list, e))
		return false;
	err_set(e, ERR_REFUSED, "not every key of the manifest can be brought back: %s", list.data);
	return err_hint(e, "bring more custodians' media; --partial goes on without those keys");
}

static bool
is_export(const struct rebuild *r, const char *manifest, struct err *e)
{
	if (file_exists(manifest))
		return true;
	err_set(e, ERR_MISSING, "--export %s: there is no " MANIFEST_FILE " in it", r->folder);
	return err_hint(
		e, "give the folder that `export` wrote, or a copy of what production serves");
}

bool
rebuild_collect(struct rebuild *r, struct err *e)
{
	AUTO_STR path = NULL;
	const struct manifest *m = &r->from.manifest;
	size_t pins = 0;

	r->custodians = json_object();
	r->keys = json_array();
	r->lost = json_array();
	if (!file_path(&path, e, "%s/" MANIFEST_FILE, r->folder) || !is_export(r, path, e) ||
		!trust_load_by(&r->key, true, path, &r->from, e) || !follow(r, e) ||
		!take_signing_key(r, e))
		return false;
	for (size_t i = 0; i < m->domain_count; i++)
		pins += m->domains[i].pin_count;
	PROGRESS_AUTO progress = progress_start("bringing keys back", pins);
	for (size_t i = 0; i < m->domain_count; i++)
		if (!take_domain(r, &m->domains[i], progress, e))
			return false;
	return check_lost(r, e) && rebuildfile_manifest(r, "", e) &&
	       rebuildfile_manifest(r, ".minisig", e) && rebuildfile_statements(r, e);
}
