/* SPDX-License-Identifier: ISC */
/* Custodians' media: there, distinct, writable, with room. */
#include "vault/ceremonycheck.h"

#include <stdio.h>
#include <string.h>

/* The custodian before this one who has the same medium, or NULL. */
static const char *
same_medium(const struct ceremonycheck *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (medium_look_overlap(&c->looks[i], &c->looks[j]))
			return c->plan->custodians[j].name;
	return NULL;
}

static const char *
same_device(const struct ceremonycheck *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (c->looks[i].device != 0 && c->looks[i].device == c->looks[j].device)
			return c->plan->custodians[j].name;
	return NULL;
}

/* What the shares take on this medium, and whether it has that. */
static bool
tell_room(struct ceremonycheck *c, size_t i, struct doctor_finding *row, struct err *e)
{
	const struct plan *p = c->plan;
	const struct plan_custodian *who = &p->custodians[i];
	const struct medium_look *l = &c->looks[i];
	char room[CEREMONYCHECK_SIZE_TEXT], need[CEREMONYCHECK_SIZE_TEXT];
	uint64_t all = 0, bare = 0;

	if (!ceremonyneed_shares(&c->need, p, who, l->packed, p->detached, l->block, &all, e) ||
		!ceremonyneed_shares(&c->need, p, who, l->packed, true, l->block, &bare, e))
		return false;
	ceremonycheck_size(l->room, room);
	ceremonycheck_size(all, need);
	if (l->room >= all)
		doctor_tell(row, DOCTOR_OK, "%s%s%s: %s %s, %zu shares take %s", who->medium,
			*l->about ? ", " : "", l->about, room, l->packed ? "in all" : "free",
			plan_keys(p) + 1, need);
	else if (l->packed && l->room >= bare)
		doctor_tell(row, DOCTOR_WARN,
			"%s, %s: its %s hold the %zu shares without their sealed keys; back the "
			"vault's folder up",
			who->medium, l->about, room, plan_keys(p) + 1);
	else
		doctor_tell(row, DOCTOR_FAIL, "%s: only %s of room, %zu shares take %s",
			who->medium, room, plan_keys(p) + 1, need);
	return true;
}

static bool
tell_look(struct ceremonycheck *c, size_t i, struct doctor_finding *row, struct err *e)
{
	const struct plan_custodian *who = &c->plan->custodians[i];
	const struct medium_look *l = &c->looks[i];
	const char *same = same_medium(c, i), *device = same_device(c, i);
	size_t shares = plan_keys(c->plan) + 1;

	if (same)
		doctor_tell(
			row, DOCTOR_FAIL, "%s: the same medium as that of %s", who->medium, same);
	else if (l->read_only)
		doctor_tell(row, DOCTOR_FAIL, "%s cannot be written to", who->medium);
	else if (l->records < shares)
		doctor_tell(row, DOCTOR_FAIL, "%s: room for %llu files, %zu shares are to come",
			who->medium, (unsigned long long)l->records, shares);
	else if (!l->room_known)
		doctor_tell(row, DOCTOR_INFO, "%s%s%s: it does not tell its room before its PIN",
			who->medium, *l->about ? ", " : "", l->about);
	else if (!tell_room(c, i, row, e))
		return false;
	else if (device && row->verdict == DOCTOR_OK)
		doctor_tell(row, DOCTOR_WARN,
			"%s: on the same device as that of %s; is it a medium of its own?",
			who->medium, device);
	return true;
}

static bool
check_medium(struct ceremonycheck *c, size_t i, struct err *e)
{
	const struct plan_custodian *who = &c->plan->custodians[i];
	struct doctor_finding *row = ceremonycheck_row(c, who->name, e);
	char need[CEREMONYCHECK_SIZE_TEXT];
	struct err why = { 0 };
	uint64_t bytes = 0;

	if (!row)
		return false;
	if (who->medium && medium_look(c->host, who->medium, &c->looks[i], &why))
		return tell_look(c, i, row, e);
	if (who->medium) {
		doctor_tell_err(row, false, &why);
		return true;
	}
	if (!ceremonyneed_shares(&c->need, c->plan, who, false, c->plan->detached, 4096, &bytes, e))
		return false;
	ceremonycheck_size(bytes, need);
	doctor_tell(row, DOCTOR_INFO, "a medium to be asked for, with at least %s of room", need);
	return true;
}

bool
ceremonycheck_media(struct ceremonycheck *c, struct err *e)
{
	for (size_t i = 0; i < c->plan->custodian_count; i++)
		if (!check_medium(c, i, e))
			return false;
	return true;
}
