/* SPDX-License-Identifier: ISC */
#include "pins/succession.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

void
succession_free(struct succession *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->items[i].path);
		buf_free(&s->items[i].bytes);
	}
	free(s->items);
	*s = (struct succession){ 0 };
}

FALLIBLE static bool
read_signature(const char *path, struct minisign_sig *out, struct err *e)
{
	AUTO_STR name = NULL;
	BUF_AUTO text = BUF_NONE;

	if (!file_path(&name, e, "%s.minisig", path) || !file_read(name, FILE_LIMIT, &text, e))
		return false;
	return minisign_sig_parse(text.data ? text.data : "", text.len, out, e) ||
	       err_wrap(e, "%s", name);
}

FALLIBLE static bool
read_item(struct succession_item *item, struct err *e)
{
	size_t prefix = strlen(SUCCESSION_COMMENT);

	if (!file_read(item->path, FILE_LIMIT, &item->bytes, e) ||
		!minisign_pub_load(item->path, &item->pub, e) ||
		!read_signature(item->path, &item->sig, e))
		return false;
	return strncmp(item->sig.comment, SUCCESSION_COMMENT, prefix) == 0 ||
	       err_set(e, ERR_AUTH, "%s: its signature does not speak of a successor", item->path);
}

bool
succession_load(const char *folder, struct succession *out, struct err *e)
{
	SUCCESSION_AUTO s = { 0 };

	s.items = calloc(SUCCESSION_MAX, sizeof *s.items);
	if (!s.items)
		return err_set(e, ERR_MEMORY, "out of memory");
	while (s.count < SUCCESSION_MAX) {
		struct succession_item *item = &s.items[s.count];

		if (!file_path(
			    &item->path, e, "%s/" SUCCESSION_FILE, folder, (unsigned)s.count + 1))
			return false;
		if (!file_exists(item->path)) {
			free(item->path);
			item->path = NULL;
			break;
		}
		s.count++;
		if (read_item(item, &item->err))
			item->err.code = ERR_NONE;
	}
	*out = s;
	s = (struct succession){ 0 };
	return true;
}

bool
succession_next(const struct succession *s, const struct minisign_pub *key,
	struct minisign_pub *out, bool *there, struct err *e)
{
	const struct succession_item *found = NULL;

	for (size_t i = 0; i < s->count; i++) {
		const struct succession_item *item = &s->items[i];

		if (item->err.code != ERR_NONE) {
			*e = item->err;
			e->code = e->code == ERR_MEMORY ? ERR_MEMORY : ERR_AUTH;
			return err_wrap(e, "the statement of a successor");
		}
		if (memcmp(item->sig.id, key->id, sizeof key->id) != 0)
			continue;
		if (!minisign_verify(key, &item->sig, item->bytes.data, item->bytes.len, e))
			return err_wrap(e, "%s", item->path);
		if (found)
			return err_set(e, ERR_AUTH, "%s and %s: one key signed for two successors",
				found->path, item->path);
		found = item;
	}
	*there = found != NULL;
	if (found)
		*out = found->pub;
	return true;
}

bool
succession_leads(const struct succession *s, const struct minisign_pub *from,
	const struct minisign_pub *to, bool *out, struct err *e)
{
	struct minisign_pub at = *from;
	bool there = true;

	for (size_t steps = 0; there && steps <= s->count; steps++) {
		*out = minisign_pub_equal(&at, to);
		if (*out)
			return true;
		if (!succession_next(s, &at, &at, &there, e))
			return false;
	}
	return true;
}
