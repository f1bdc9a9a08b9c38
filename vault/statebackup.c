/* SPDX-License-Identifier: ISC */
#include "vault/statebackup.h"

#include "vault/statebuild.h"

bool
statebackup_apply(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_backup *b = &s->backup;
	const char *to;
	int64_t entries;

	if (!json_get_str(line->body, "to", &to, e) ||
		!json_get_int(line->body, "entries", &entries, e) ||
		!json_get_bool(line->body, "signing_key", &b->signing_key, e))
		return false;
	/* It was made of the journal as it stood, and nothing came between. */
	if (entries != line->n - 1)
		return err_set(e, ERR_FORMAT, "a backup of another journal");
	b->line = line->n;
	b->time = line->time;
	return statebuild_copy(&b->to, to, e);
}
