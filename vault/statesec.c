/* SPDX-License-Identifier: ISC */
#include "vault/statesec.h"

#include "vault/statebuild.h"
#include "vault/statesets.h"

#include <stdio.h>
#include <string.h>

#define SEC_PATH 32

static bool
check_next(const struct state *s, const json_t *body, int64_t number, struct err *e)
{
	const char *removes;
	char now[SEC_PATH], next[SEC_PATH];

	if (!json_get_str(body, "removes", &removes, e))
		return false;
	if (number != (int64_t)s->sec_number + 1)
		return err_set(e, ERR_FORMAT, "vault-%lld.sec after vault-%u.sec",
			(long long)number, s->sec_number);
	(void)snprintf(now, sizeof(now), "vault-%u.sec", s->sec_number);
	(void)snprintf(next, sizeof(next), "vault-%u.sec", s->sec_number + 1);
	if (strcmp(removes, now) != 0 || !json_object_get(s->files, now))
		return err_set(
			e, ERR_FORMAT, "it removes %s, which is not the file that counts", removes);
	return json_object_get(json_object_get(body, "files"), next) ||
	       err_set(e, ERR_FORMAT, "it names no file %s", next);
}

bool
statesec_passphrase(struct state *s, const struct journal_line *line, struct err *e)
{
	const char *kdf, *removes;
	int64_t number;

	if (!json_get_int(line->body, "number", &number, e) ||
		!json_get_str(line->body, "kdf", &kdf, e) ||
		!check_next(s, line->body, number, e) ||
		!json_get_str(line->body, "removes", &removes, e) || !statesets_from(s, line, e) ||
		!statebuild_files(s, line->body, e) || !statebuild_destroyed(s, removes, e) ||
		!statebuild_copy(&s->kdf, kdf, e))
		return false;
	s->sec_number = (unsigned)number;
	return true;
}
