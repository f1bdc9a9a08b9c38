/* SPDX-License-Identifier: ISC */
#include "vault/ceremonycheck.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/place.h"
#include "vault/ceremonysteps.h"
#include "vault/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MINUTES 2 /* for a step, and for a medium */
#define KIB ((uint64_t)1024)

void
ceremonycheck_free(struct ceremonycheck *c)
{
	ceremonyneed_free(&c->need);
	for (size_t i = 0; c->looks && i < c->plan->custodian_count; i++)
		medium_look_free(&c->looks[i]);
	free(c->looks);
	free(c->rows);
	*c = (struct ceremonycheck){ 0 };
}

struct doctor_finding *
ceremonycheck_row(struct ceremonycheck *c, const char *about, struct err *e)
{
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 32;
		struct ceremonycheck_row *rows = realloc(c->rows, room * sizeof *rows);

		if (!rows) {
			err_set(e, ERR_MEMORY, "out of memory");
			return NULL;
		}
		c->rows = rows;
		c->room = room;
	}
	struct ceremonycheck_row *row = &c->rows[c->count++];
	*row = (struct ceremonycheck_row){ .finding.verdict = DOCTOR_OK };
	snprintf(row->about, sizeof row->about, "%s", about);
	return &row->finding;
}

size_t
ceremonycheck_failures(const struct ceremonycheck *c)
{
	size_t failures = 0;

	for (size_t i = 0; i < c->count; i++)
		failures += c->rows[i].finding.verdict == DOCTOR_FAIL;
	return failures;
}

void
ceremonycheck_size(uint64_t bytes, char out[static CEREMONYCHECK_SIZE_TEXT])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double n = (double)bytes / (double)KIB;
	size_t unit = 0;

	for (; n >= 1024 && unit < 3; unit++)
		n /= 1024;
	snprintf(out, CEREMONYCHECK_SIZE_TEXT, n < 10 ? "%.1f %s" : "%.0f %s", n, units[unit]);
}

unsigned
ceremonycheck_minutes(const struct plan *p)
{
	unsigned times = 0;

	for (enum ceremony_step_id i = 0; i < CEREMONY_STEPS; i++)
		if (ceremonysteps_applies(p, i))
			times += ceremonysteps[i].each ? (unsigned)p->custodian_count : 1;
	return MINUTES * times;
}

/* The machine ------------------------------------------------------------------------------ */

/* Only what is worth a word: `doctor` shows all of it. */
static bool
check_machine(struct ceremonycheck *c, struct err *e)
{
	struct doctor_subject s = c->machine;
	size_t before = c->count;
	struct doctor_finding *row;

	s.vault = NULL;
	for (const struct doctor_check *d = doctor_checks; d->id; d++) {
		struct doctor_finding f = { 0 };

		d->look(&s, &f);
		if (f.verdict < DOCTOR_WARN)
			continue;
		row = ceremonycheck_row(c, d->id, e);
		if (!row)
			return false;
		*row = f;
	}
	if (c->count > before)
		return true;
	row = ceremonycheck_row(c, "machine", e);
	if (row)
		doctor_tell(row, DOCTOR_OK, "fit and offline, as `coldspare doctor` shows");
	return row != NULL;
}

/* Folders ---------------------------------------------------------------------------------- */

/* Room and leave to write in the folder that exists. */
static void
tell_room(const char *folder, const char *path,
	uint64_t (*needed)(const struct ceremonyneed *n, const struct plan *p, uint64_t block),
	const struct ceremonycheck *c, struct doctor_finding *out)
{
	char room[CEREMONYCHECK_SIZE_TEXT], need[CEREMONYCHECK_SIZE_TEXT];
	struct statvfs v;

	if (!file_is_dir(folder)) {
		doctor_tell(
			out, DOCTOR_FAIL, "%s: there is no folder %s to make it in", path, folder);
		return;
	}
	if (statvfs(folder, &v) != 0 || access(folder, W_OK | X_OK) != 0) {
		doctor_tell(out, DOCTOR_FAIL, "%s: %s cannot be written to", path, folder);
		return;
	}
	uint64_t bytes = needed(&c->need, c->plan, v.f_frsize);
	uint64_t free_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	ceremonycheck_size(free_bytes, room);
	ceremonycheck_size(bytes, need);
	if (free_bytes < bytes)
		doctor_tell(
			out, DOCTOR_FAIL, "%s: only %s free, up to %s needed", path, room, need);
	else
		doctor_tell(out, DOCTOR_OK, "%s: %s free, up to %s needed", path, room, need);
}

/* A vault that stands there already: of this plan's ceremony, interrupted, or in the way. */
static void
tell_existing(const char *path, const struct plan *p, struct doctor_finding *out)
{
	STORE_AUTO s = { 0 };
	struct err why = { 0 };

	if (!store_open(path, STORE_READ, true, &s, &why))
		doctor_tell(out, DOCTOR_FAIL, "%s exists, and is no vault to go on with: %s", path,
			why.message);
	else if (!s.state.plan || strcmp(s.state.plan, p->hash) != 0)
		doctor_tell(
			out, DOCTOR_FAIL, "%s exists, and is not of this plan's ceremony", path);
	else if (s.state.ceremony_done != CLOCK_NONE)
		doctor_tell(out, DOCTOR_FAIL, "%s exists: its ceremony is done", path);
	else
		doctor_tell(
			out, DOCTOR_INFO, "%s: its ceremony was interrupted and will go on", path);
}

static bool
check_vault(struct ceremonycheck *c, struct err *e)
{
	const char *path = c->machine.vault;
	struct doctor_finding *row = ceremonycheck_row(c, "vault", e);
	AUTO_STR parent = NULL;

	if (!row)
		return false;
	if (!path) {
		doctor_tell(row, DOCTOR_INFO, "not looked at: --vault says where it will be");
		return true;
	}
	if (!file_parent(path, &parent, e))
		return false;
	if (file_exists(path))
		tell_existing(path, c->plan, row);
	else
		tell_room(parent, path, ceremonyneed_vault, c, row);
	return true;
}

static bool
check_export(struct ceremonycheck *c, struct err *e)
{
	const char *path = c->plan->export_dir;
	struct doctor_finding *row = ceremonycheck_row(c, "export", e);
	AUTO_STR parent = NULL;
	struct err why = { 0 };

	if (!row || !file_parent(path, &parent, e))
		return false;
	if (!file_exists(path))
		tell_room(parent, path, ceremonyneed_export, c, row);
	else if (!file_is_dir(path))
		doctor_tell(row, DOCTOR_FAIL, "%s is not a folder", path);
	else if (!file_check_empty(path, &why))
		doctor_tell(row, DOCTOR_FAIL,
			"%s is not empty: everything in an export folder is published", path);
	else
		tell_room(path, path, ceremonyneed_export, c, row);
	return true;
}

/* Places ----------------------------------------------------------------------------------- */

static bool
apart(struct ceremonycheck *c, const char *about, const char *path, const char *dir,
	const char *what, struct err *e)
{
	struct doctor_finding *row;
	struct err ignored;
	bool inside = false;

	if (!path || !dir || !place_inside(path, dir, &inside, &ignored) || !inside)
		return true;
	row = ceremonycheck_row(c, about, e);
	if (row)
		doctor_tell(row, DOCTOR_FAIL, "%s is inside %s, %s", path, dir, what);
	return row != NULL;
}

/* Shares lie neither in the vault nor where it is published from. */
static bool
check_places(struct ceremonycheck *c, struct err *e)
{
	const char *vault = c->machine.vault, *export = c->plan->export_dir;

	for (size_t i = 0; i < c->plan->custodian_count; i++) {
		const char *name = c->plan->custodians[i].name, *path = c->looks[i].path;

		if (!apart(c, name, path, vault, "the vault's folder", e) ||
			!apart(c, name, path, export, "which is published", e) ||
			!apart(c, "export", export, path, "a custodian's medium", e) ||
			!apart(c, "vault", vault, path, "a custodian's medium", e))
			return false;
	}
	return apart(c, "export", export, vault, "the vault's folder", e) &&
	       apart(c, "vault", vault, export, "which is published", e);
}

/* How many custodians keep theirs where this one does. */
static unsigned
kept_there(const struct plan *p, const char *location)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->custodian_count; i++)
		n += p->custodians[i].location && strcmp(p->custodians[i].location, location) == 0;
	return n;
}

static bool
check_locations(struct ceremonycheck *c, struct err *e)
{
	const struct plan *p = c->plan;
	struct doctor_finding *row = ceremonycheck_row(c, "locations", e);
	struct err why = { 0 };
	unsigned given = 0;

	if (!row)
		return false;
	for (size_t i = 0; i < p->custodian_count; i++)
		given += p->custodians[i].location != NULL;
	if (!plan_locations_check(p, &why)) {
		doctor_tell_err(row, false, &why);
		return true;
	}
	if (given < p->custodian_count)
		doctor_tell(row, DOCTOR_WARN, "%u of %zu custodians have a location in the plan",
			given, p->custodian_count);
	else
		doctor_tell(row, DOCTOR_OK, "shares will lie in at least two places");
	for (size_t i = 0; i < p->custodian_count; i++) {
		const char *where = p->custodians[i].location;

		if (where && kept_there(p, where) >= p->threshold)
			doctor_tell(row, DOCTOR_WARN,
				"%s alone holds %u shares, enough for every key", where,
				kept_there(p, where));
	}
	return true;
}

bool
ceremonycheck_run(struct ceremonycheck *c, struct err *e)
{
	c->looks = calloc(c->plan->custodian_count, sizeof *c->looks);
	if (!c->looks)
		return err_set(e, ERR_MEMORY, "out of memory");
	return ceremonyneed_measure(c->plan, &c->need, e) && check_machine(c, e) &&
	       check_vault(c, e) && ceremonycheck_media(c, e) && check_locations(c, e) &&
	       ceremonycheck_domains(c, e) && check_export(c, e) && check_places(c, e);
}
