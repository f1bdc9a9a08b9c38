/* SPDX-License-Identifier: ISC */
#include "vault/auditrekey.h"

#include "pins/succession.h"

#include <stdio.h>

static bool
check(const struct state *s, const struct succession *given, size_t i, struct err *e)
{
	const struct minisign_pub *next =
		i + 1 < s->keys_before_count ? &s->keys_before[i + 1] : &s->key;
	struct minisign_pub found;
	bool there;

	if (!succession_next(given, &s->keys_before[i], &found, &there, e))
		return false;
	return (there && minisign_pub_equal(&found, next)) ||
	       err_set(e, ERR_AUTH, "does not lead to the key that the journal says");
}

void
auditrekey_all(struct auditwork *w)
{
	const struct state *s = &w->store->state;
	SUCCESSION_AUTO given = { 0 };
	char path[32];
	struct err e;

	if (s->keys_before_count == 0)
		return;
	if (!succession_load(w->store->dir, &given, &e)) {
		w->failed = true;
		return;
	}
	for (size_t i = 0; i < s->keys_before_count; i++) {
		(void)snprintf(path, sizeof path, SUCCESSION_FILE, (unsigned)i + 1);
		if (!check(s, &given, i, &e))
			auditwork_err(w, path, &e);
	}
}

void
auditrekey_leftovers(struct auditwork *w, const char *batch)
{
	const struct state *s = &w->store->state;
	char paths[3][48];

	(void)snprintf(paths[0], sizeof paths[0], "vault-%u.sec", s->sec_number + 1);
	(void)snprintf(
		paths[1], sizeof paths[1], SUCCESSION_FILE, (unsigned)s->keys_before_count + 1);
	(void)snprintf(paths[2], sizeof paths[2], SUCCESSION_FILE ".minisig",
		(unsigned)s->keys_before_count + 1);
	for (size_t i = 0; i < 3; i++)
		if (json_object_set_new(w->leftovers, paths[i], json_string(batch)) != 0)
			w->failed = true;
}
