/* SPDX-License-Identifier: ISC */
#include "vault/caution.h"

#include "base/clock.h"
#include "vault/drills.h"
#include "vault/nextthing.h"
#include "vault/oldshares.h"

#include <inttypes.h>
#include <string.h>

#define LISTED 3 /* key ids shown before "and N more" */

/* The keys that `is` picks, as "A, B and 7 more"; returns how many. */
static size_t
list_keys(const struct state *s, bool (*is)(const struct state *s, const struct state_key *k),
	struct buf *out)
{
	size_t found = 0;

	for (size_t i = 0; i < s->key_count; i++) {
		if (!is(s, s->keys[i]))
			continue;
		if (found < LISTED)
			buf_addf(out, "%s%s", found > 0 ? ", " : "", s->keys[i]->id);
		found++;
	}
	if (found > LISTED)
		buf_addf(out, " and %zu more", found - LISTED);
	return found;
}

static void
look_unfinished(const struct store *s, struct buf *out)
{
	const struct state *v = &s->state;

	if (v->plan && v->ceremony_done == CLOCK_NONE)
		buf_adds(out, "the ceremony that makes this vault was interrupted: run it again "
			      "with the same plan");
	else if (!v->ready)
		buf_adds(out, "the making of this vault was not finished: move it away and run "
			      "init again");
}

static void
look_rehearsal(const struct store *s, struct buf *out)
{
	if (s->state.rehearsal)
		buf_adds(out, "this vault is a rehearsal's: nothing of it is for production");
}

static void
look_torn(const struct store *s, struct buf *out)
{
	if (s->journal.torn_bytes > 0)
		buf_addf(out,
			"%" PRId64 " bytes of a torn line are at the journal's end: the next "
			"change sets them aside",
			s->journal.torn_bytes);
}

/* The shares of a key that is the vault's open it, though no commit counts them. */
static bool
opens_a_key(const json_t *begun)
{
	const char *kind = json_string_value(json_object_get(begun, "kind"));

	return kind && (strcmp(kind, "reshare") == 0 || strcmp(kind, "replace") == 0);
}

static void
look_void(const struct store *s, struct buf *out)
{
	size_t n = json_object_size(s->state.open);
	bool opens = false;
	const char *batch;
	json_t *begun;

	json_object_foreach(s->state.open, batch, begun) opens |= opens_a_key(begun);
	if (n > 0)
		buf_addf(out,
			"%zu batch%s begun and never committed: void, and what was written of %s "
			"%s",
			n, n == 1 ? " was" : "es were", n == 1 ? "it" : "them",
			opens ? "is to be destroyed, for any k shares of one set open their key "
				"all the same; `coldspare audit` says where they may lie"
			      : "may be destroyed");
}

static void
look_online(const struct store *s, struct buf *out)
{
	if (!s->state.offline)
		buf_adds(out, "the signing key was handled while the machine was online: "
			      "manifests say \"offline\": false for good");
}

static bool
is_detached(const struct state *s, const struct state_key *k)
{
	const struct state_set *set = state_current_set(k);

	return set && state_set_is_detached(set) && state_set_is_newer_than_backup(s, set);
}

static void
look_detached(const struct store *s, struct buf *out)
{
	BUF_AUTO keys = BUF_NONE;

	if (list_keys(&s->state, is_detached, &keys) > 0 && !keys.failed)
		buf_addf(out, "too few shares carry the sealed key, so back up this folder: %s",
			keys.data);
}

static bool
has_old_shares(const struct state *s, const struct state_key *k)
{
	(void)s;
	for (size_t i = 0; i < k->set_count; i++)
		if (oldshares_left(&k->sets[i]) > 0)
			return true;
	return false;
}

static void
look_old_shares(const struct store *s, struct buf *out)
{
	BUF_AUTO keys = BUF_NONE;
	BUF_AUTO names = BUF_NONE;

	if (list_keys(&s->state, has_old_shares, &keys) == 0 || keys.failed)
		return;
	oldshares_names(&s->state, &names);
	if (!names.failed)
		buf_addf(out,
			"old shares of %s still open %s: have them destroyed, and record it with "
			"`reshare --destroyed NAME`",
			names.data, keys.data);
}

static bool
is_not_backed_up(const struct state *s, const struct state_key *k)
{
	const struct state_set *set = state_current_set(k);

	return set && state_set_is_newer_than_backup(s, set);
}

/* Where the shares carry the sealed keys, a vault without any backup is none to warn of. */
static void
look_stale(const struct store *s, struct buf *out)
{
	const struct state_backup *b = &s->state.backup;
	BUF_AUTO keys = BUF_NONE;
	char time[CLOCK_TEXT];

	if (b->line == 0 || list_keys(&s->state, is_not_backed_up, &keys) == 0 || keys.failed)
		return;
	clock_format(b->time, time);
	buf_addf(out,
		"the last backup of this folder, of %s in %s, is from before %s: make another",
		time, b->to, keys.data);
}

static bool
is_released(const struct state *s, const struct state_key *k)
{
	(void)s;
	return k->released && state_is_spare(k);
}

static void
look_released(const struct store *s, struct buf *out)
{
	BUF_AUTO keys = BUF_NONE;

	if (list_keys(&s->state, is_released, &keys) > 0 && !keys.failed)
		buf_addf(out, "backups that left the vault, so no longer cold: %s", keys.data);
}

static bool
has_backup(const struct state_domain *d)
{
	for (size_t i = 0; i < d->key_count; i++)
		if (state_is_backup(d->keys[i]))
			return true;
	return false;
}

static void
look_backup(const struct store *s, struct buf *out)
{
	size_t found = 0;

	for (size_t i = 0; i < s->state.domain_count; i++) {
		if (has_backup(&s->state.domains[i]))
			continue;
		if (found < LISTED)
			buf_addf(out, "%s%s", found > 0 ? ", " : "no cold backup key for ",
				s->state.domains[i].name);
		found++;
	}
	if (found > LISTED)
		buf_addf(out, " and %zu more", found - LISTED);
}

static void
look_deployed(const struct store *s, struct buf *out)
{
	const struct state_manifest *m = state_last_manifest(&s->state);

	if (m && m->deployed == CLOCK_NONE)
		buf_addf(out,
			"manifest %" PRId64 " is not known to be deployed: say so with "
			"`deployed %" PRId64 "` once it is",
			m->serial, m->serial);
}

/* Its certificate ends soon, or did, and it is in production or meant to be. */
static bool
is_expiring(const struct state *s, const struct state_key *k)
{
	const struct state_certificate *c = state_certificate(k);

	(void)s;
	return (k->state == STATE_ACTIVE || k->state == STATE_PRESIGNED) && c &&
	       c->not_after - clock_now() <= NEXTTHING_EXPIRY;
}

static void
look_certificates(const struct store *s, struct buf *out)
{
	BUF_AUTO keys = BUF_NONE;

	if (list_keys(&s->state, is_expiring, &keys) > 0 && !keys.failed)
		buf_addf(out, "the certificate ends within 30 days, or did: %s", keys.data);
}

static void
look_drills(const struct store *s, struct buf *out)
{
	DRILLS_AUTO drills = { 0 };
	struct err ignored;
	size_t overdue = 0;

	if (!drills_make(&s->state, clock_now(), &drills, &ignored)) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < drills.count; i++) {
		char seen[CLOCK_TEXT];

		if (!drills.items[i].overdue)
			continue;
		if (drills.items[i].seen == CLOCK_NONE)
			strcpy(seen, "never");
		else
			clock_format(drills.items[i].seen, seen);
		buf_addf(out, "%s%s (seen %.10s)",
			overdue++ > 0 ? ", " : "a drill is overdue for the shares of ",
			drills.items[i].custodian, seen);
	}
}

const struct caution_rule caution_rules[] = {
	{ "unfinished", look_unfinished },
	{ "rehearsal", look_rehearsal },
	{ "torn", look_torn },
	{ "void", look_void },
	{ "online", look_online },
	{ "detached", look_detached },
	{ "old-shares", look_old_shares },
	{ "stale-backup", look_stale },
	{ "released", look_released },
	{ "no-backup", look_backup },
	{ "not-deployed", look_deployed },
	{ "drill-overdue", look_drills },
	{ "certificate-ends", look_certificates },
	{ 0 },
};
