/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/filebatch.h"
#include "shares/locked.h"
#include "vault/anchor.h"
#include "vault/cmd.h"
#include "vault/guard.h"
#include "vault/media.h"
#include "vault/shareview.h"

#include <stdio.h>
#include <string.h>

static const struct opt_spec options[] = {
	{ "to", OPT_ONE, "DIR", "where the files are written; default: beside each share" },
	ANCHOR_OPTION,
	SHAREVIEW_UNLOCK,
	{ 0 },
};

/* gfcombine takes the x coordinate from the last three digits of the name. */
static bool
raw_path(const struct opts *o, const char *path, const struct share *s, char **out, struct err *e)
{
	const char *slash = strrchr(path, '/');
	const char *to = opt_get(o, "to");

	if (to)
		return file_path(out, e, "%s/%s.%s.%03u", to, s->key, s->set, s->number);
	return file_path(out, e, "%.*s%s.%s.%03u", slash ? (int)(slash - path + 1) : 0, path,
		s->key, s->set, s->number);
}

/* One share file, unlocked where --unlock says with what. */
static bool
read_share(const struct opts *o, const struct medium_host *host, const char *path,
	const struct anchor *anchor, struct share *out, struct err *e)
{
	MEDIUM_AUTO medium = { 0 };
	MEDIUM_RECORDS_AUTO records = { 0 };
	AUTO_STR spec = NULL;

	if (file_is_dir(path)) {
		err_set(e, ERR_MISSING, "a folder, not a file");
		return err_hint(e, "name the share in it: its name ends in .share");
	}
	if (!shareview_spec(o, path, &spec, e) || !medium_open(host, NULL, spec, &medium, e) ||
		!medium_read(&medium, NULL, &records, e))
		return false;
	if (records.count != 1)
		return err_set(e, ERR_FORMAT, "not a share file");
	return shareview_read(&records.items[0], true, anchor, out, e);
}

/* Queues one share's bytes; nothing stays unless all of them can be written. */
static bool
queue_raw(const struct opts *o, const struct medium_host *host, const char *path,
	const struct anchor *anchor, struct filebatch *files, json_t *list, struct err *e)
{
	const char *vault = cmd_vault_path_opt(o);
	SHARE_AUTO s = { 0 };
	AUTO_STR out = NULL;

	if (!read_share(o, host, path, anchor, &s, e))
		return err_wrap(e, "%s", path);
	if (s.locked) {
		char with[LOCKED_WITH_MAX];

		locked_with(s.locked, with);
		err_set(e, ERR_REFUSED, "%s is locked with %s", path, with);
		return err_hint(e, "unlock it with --unlock card:READER");
	}
	if (!raw_path(o, path, &s, &out, e) || (vault && !cmd_outside(out, vault, e)) ||
		!filebatch_add(files, out, 0600, s.data.data, s.data.len, e))
		return false;
	return json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i}", "file", out, "key",
						   s.key, "set", s.set, "number", (int)s.number)) ==
		       0 ||
	       err_set(e, ERR_MEMORY, "out of memory");
}

static bool
print_result(const struct opts *o, const json_t *doc, const json_t *list, struct err *e)
{
	size_t i;
	json_t *item;

	if (cmd_json(o))
		return json_print(doc, e);
	json_array_foreach(list, i, item) printf("%s: the 32 raw bytes of share %lld\n",
		json_string_value(json_object_get(item, "file")),
		(long long)json_integer_value(json_object_get(item, "number")));
	printf("as secret as the shares: remove these files when you are done\n");
	return true;
}

static bool
run(const struct opts *o, struct err *e)
{
	ANCHOR_AUTO anchor = { 0 };
	MEDIA_AUTO media = { 0 };
	FILEBATCH_AUTO files = NULL;
	JSON_AUTO doc = json_object();
	json_t *list = json_array();

	if (json_object_set_new(doc, "files", list) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!media_init(o, &media, e) || !anchor_open(o, &anchor, e) || !filebatch_new(&files, e))
		return false;
	for (size_t i = 0; i < o->operand_count; i++)
		if (!queue_raw(o, &media.host, o->operands[i], &anchor, files, list, e))
			return false;
	if (!guard_offline(cmd_online(o), e) || !filebatch_sync(files, e))
		return false;
	filebatch_keep(files);
	return print_result(o, doc, list, e);
}

const struct command cmd_share_raw = {
	.name = "share raw",
	.operands = "FILE...",
	.min = 1,
	.max = -1,
	.summary = "write the 32 raw bytes of shares, for gfcombine",
	.detail = "NAME.NNN, where NNN is the share's number, as gfcombine wants it. The bytes "
		  "are as secret as the share: remove the files when you are done.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
