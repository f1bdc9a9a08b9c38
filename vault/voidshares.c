/* SPDX-License-Identifier: ISC */
#include "vault/voidshares.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_void(const struct state *s, const struct share *share)
{
	const struct state_key *k = state_key_by_id(s, share->key);

	if (!k || !minisign_pub_equal(&share->vault_key, &s->key))
		return false;
	for (size_t i = 0; i < k->set_count; i++)
		if (strcmp(k->sets[i].id, share->set) == 0)
			return !k->sets[i].committed;
	return false;
}

/* *gone is set when the record was one, and went. */
static bool
take_one(const struct state *s, struct medium *m, const struct medium_record *record, bool *gone,
	struct err *e)
{
	SHARE_AUTO share = { 0 };
	AUTO_STR name = NULL;
	struct err none;

	if (record->err.code != ERR_NONE ||
		!share_parse(record->text.data, record->text.len, &share, &none) ||
		!is_void(s, &share))
		return true;
	if (!share_file_name(&share, &name, e))
		return false;
	if (medium_remove(m, name, gone, e))
		return true;
	*gone = false;
	return e->code == ERR_MISSING; /* under another name: whoever gave it that knows of it */
}

bool
voidshares_remove(const struct state *s, struct medium *m, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	size_t count = 0;

	if (s->ready || json_object_size(s->open) == 0)
		return true;
	if (!medium_read(m, NULL, &records, e))
		return err_wrap(e, "looking for what was left on %s", m->spec);
	for (size_t i = 0; i < records.count; i++) {
		bool gone = false;

		if (!take_one(s, m, &records.items[i], &gone, e))
			return err_wrap(e, "removing what was left on %s", m->spec);
		count += gone;
	}
	if (count > 0)
		(void)fprintf(stderr,
			"coldspare: %zu void share%s of an interrupted run removed from %s\n",
			count, count == 1 ? "" : "s", m->spec);
	return true;
}
