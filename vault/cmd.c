/* SPDX-License-Identifier: ISC */
#include "vault/cmd.h"

#include "base/place.h"
#include "base/term.h"
#include "vault/media.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FD_MAX 65535

const struct opt_spec cmd_globals[] = {
	{ "vault", OPT_ONE, "DIR", "the vault's folder; else COLDSPARE_VAULT says it" },
	{ "json", OPT_FLAG, NULL, "print one JSON document on standard output" },
	{ "allow-online", OPT_FLAG, NULL,
		"work with the network up; journalled, and marks keys and manifests for good" },
	{ "allow-swap", OPT_FLAG, NULL, "work with swap on, or memory that cannot be locked" },
	{ "passphrase-fd", OPT_ONE, "N", "read the operator's passphrase from descriptor N" },
	{ "pin-fd", OPT_ONE, "N", "read the PINs of cards from descriptor N, as lines NAME=PIN" },
	{ 0 },
};

bool
cmd_json(const struct opts *o)
{
	return opt_flag(o, "json");
}

bool
cmd_online(const struct opts *o)
{
	return opt_flag(o, "allow-online");
}

const char *
cmd_vault_path_opt(const struct opts *o)
{
	const char *path = opt_get(o, "vault");

	if (!path)
		path = getenv("COLDSPARE_VAULT");
	return path && *path ? path : NULL;
}

bool
cmd_vault_path(const struct opts *o, const char **out, struct err *e)
{
	const char *path = cmd_vault_path_opt(o);

	if (path) {
		*out = path;
		return true;
	}
	err_set(e, ERR_USAGE, "which vault?");
	return err_hint(e, "give its folder with --vault DIR, or in COLDSPARE_VAULT");
}

bool
cmd_store_open(const struct opts *o, enum store_mode mode, struct store *out, struct err *e)
{
	const char *dir = NULL;

	return cmd_vault_path(o, &dir, e) && store_open(dir, mode, cmd_online(o), out, e);
}

bool
cmd_outside(const char *path, const char *vault, struct err *e)
{
	bool inside;

	if (!place_inside(path, vault, &inside, e))
		return false;
	if (!inside)
		return true;
	err_set(e, ERR_REFUSED, "%s is inside the vault folder", path);
	return err_hint(e, "the vault holds its own files only: choose another place");
}

/* Secrets ---------------------------------------------------------------------------------- */

bool
cmd_fd(const struct opts *o, const char *option, int *out, struct err *e)
{
	long fd = -1;

	if (!opt_int(o, option, 0, FD_MAX, &fd, e))
		return false;
	if (fd >= 0 && fcntl((int)fd, F_GETFD) < 0) {
		err_set(e, ERR_USAGE, "--%s %ld: that descriptor is not open", option, fd);
		return err_hint(e, "open it in the shell: --%s 3 3<FILE", option);
	}
	*out = (int)fd;
	return true;
}

bool
cmd_passphrase(const struct opts *o, bool fresh, struct secret *out, struct err *e)
{
	int fd;

	return cmd_fd(o, "passphrase-fd", &fd, e) &&
	       term_secret(fd, fresh ? "New passphrase of the vault" : "Passphrase of the vault",
		       fresh, "--passphrase-fd", out, e);
}

/* Custodians ------------------------------------------------------------------------------- */

static bool
read_custodian(const char *text, struct cmd_custodian *out, struct err *e)
{
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : 0;

	if (!equals)
		return err_set(e, ERR_USAGE, "--custodian %s: expected NAME=MEDIUM", text);
	if (len > SHARE_NAME_MAX)
		return err_set(e, ERR_USAGE, "--custodian %s: the name has more than %d characters",
			text, SHARE_NAME_MAX);
	memcpy(out->name, text, len);
	out->name[len] = '\0';
	if (!share_name_check("the name", out->name, e) ||
		!medium_absolute(media_kinds, equals + 1, &out->medium, e))
		return err_wrap(e, "--custodian %s", text);
	return true;
}

static bool
read_custodians(const struct opts *o, struct cmd_custodian *list, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		if (!read_custodian(opt_nth(o, "custodian", i), &list[i], e))
			return false;
		for (size_t j = 0; j < i; j++)
			if (strcmp(list[i].name, list[j].name) == 0)
				return err_set(e, ERR_USAGE, "the custodian %s is given twice",
					list[i].name);
	}
	return true;
}

void
cmd_custodians_free(struct cmd_custodian *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].medium);
	free(list);
}

bool
cmd_custodians(const struct opts *o, struct cmd_custodian **out, size_t *count, struct err *e)
{
	size_t n = opt_count(o, "custodian");

	if (n > SHARE_COUNT_MAX)
		return err_set(e, ERR_USAGE, "%zu custodians: at most %d hold a share", n,
			SHARE_COUNT_MAX);
	struct cmd_custodian *list = calloc(n + 1, sizeof(*list));
	if (!list)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!read_custodians(o, list, n, e)) {
		cmd_custodians_free(list, n);
		return false;
	}
	*out = list;
	*count = n;
	return true;
}

/* The journal's end ------------------------------------------------------------------------ */

json_t *
cmd_journal_json(const struct store *s)
{
	return json_pack(
		"{s:I, s:s}", "entries", (json_int_t)s->journal.entries, "head", s->journal.head);
}

bool
cmd_journal_line(const struct opts *o, const struct store *s, json_t *doc, struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	if (cmd_json(o)) {
		if (json_object_set_new(doc, "journal", cmd_journal_json(s)) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
		return true;
	}
	journal_head_text(&s->journal, &text);
	if (!buf_ok(&text, e))
		return false;
	printf("journal: %s\n", text.data);
	return true;
}

bool
cmd_input_passphrase(void *opts, struct secret *out, struct err *e)
{
	int fd = -1;

	return cmd_fd(opts, "input-passphrase-fd", &fd, e) &&
	       term_secret(
		       fd, "Passphrase of the key file", false, "--input-passphrase-fd", out, e);
}
