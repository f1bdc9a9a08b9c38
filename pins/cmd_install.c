/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/json.h"
#include "pins/cmd.h"
#include "pins/install.h"

#include <stdio.h>
#include <stdlib.h>

static const struct opt_spec options[] = {
	TRUST_OPTIONS,
	{ "to", OPT_ONE, "DIR", "the folder to install into, of its own" },
	{ "format", OPT_MANY, "F", "a format of render" },
	{ "domain", OPT_ONE, "D", "the pins of this domain alone" },
	{ "reload", OPT_ONE, "CMD", "run this by sh after a switch" },
	{ "allow-rollback", OPT_FLAG, NULL, "take a serial below one installed there" },
	{ "force", OPT_MANY, "ID", "let this rule of lint pass; the output says so" },
	{ 0 },
};

struct lists {
	const struct render_format **formats;
	const char **forced;
};
#define LISTS_AUTO __attribute__((cleanup(free_lists))) struct lists

static void
free_lists(struct lists *l)
{
	free(l->formats);
	free(l->forced);
}

FALLIBLE static bool
read_lists(const struct opts *o, struct lists *l, struct install_wish *w, struct err *e)
{
	w->format_count = opt_count(o, "format");
	w->forced_count = opt_count(o, "force");
	l->formats = calloc(w->format_count + 1, sizeof *l->formats);
	l->forced = calloc(w->forced_count + 1, sizeof *l->forced);
	if (!l->formats || !l->forced)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < w->format_count; i++) {
		if (!render_find(opt_nth(o, "format", i), &l->formats[i], e))
			return false;
		for (size_t j = 0; j < i; j++) {
			if (l->formats[j] == l->formats[i])
				return err_set(e, ERR_USAGE, "--format %s is given twice",
					l->formats[i]->name);
		}
	}
	for (size_t i = 0; i < w->forced_count; i++)
		l->forced[i] = opt_nth(o, "force", i);
	w->formats = l->formats;
	w->forced = l->forced;
	return true;
}

FALLIBLE static bool
read_wish(const struct opts *o, struct lists *l, struct install_wish *w, struct err *e)
{
	w->to = opt_get(o, "to");
	w->domain = opt_get(o, "domain");
	w->reload = opt_get(o, "reload");
	w->allow_rollback = opt_flag(o, "allow-rollback");
	if (!w->to)
		return err_set(e, ERR_USAGE, "where to? --to is missing");
	if (opt_count(o, "format") == 0)
		return err_set(e, ERR_USAGE, "in which format? --format is missing");
	return read_lists(o, l, w, e);
}

FALLIBLE static bool
print_json(const struct install_outcome *r, int64_t serial, struct err *e)
{
	JSON_AUTO j = json_pack("{s:I, s:s, s:s, s:b, s:b, s:b, s:I}", "serial", (json_int_t)serial,
		"folder", r->folder, "current", r->current, "written", r->written, "switched",
		r->switched, "reloaded", r->reloaded, "forced", (json_int_t)r->forced);
	return json_print(j, e);
}

static void
print_text(const struct install_outcome *r, const char *to, int64_t serial)
{
	if (r->switched)
		printf("serial %lld: %s/current is %s now\n", (long long)serial, to, r->folder);
	else if (r->written)
		printf("serial %lld: written to %s/%s; it renders to the bytes of %s, which stays "
		       "current\n",
			(long long)serial, to, r->folder, r->current);
	else
		printf("serial %lld: nothing to change in %s\n", (long long)serial, to);
	if (r->reloaded)
		puts("the reload command has run");
	if (r->forced)
		printf("%zu findings of lint were let pass by --force\n", r->forced);
}

static bool
run(const struct opts *o, struct err *e)
{
	TRUST_AUTO t = { 0 };
	LISTS_AUTO lists = { 0 };
	INSTALL_OUTCOME_AUTO outcome = { 0 };
	AUTO_STR signature = NULL;
	struct install_wish wish = { 0 };

	if (!read_wish(o, &lists, &wish, e) || !trust_load(o, o->operands[0], &t, e) ||
		!file_path(&signature, e, "%s.minisig", o->operands[0]))
		return false;
	wish.signature = file_exists(signature) ? signature : NULL;
	if (!install(&t, &wish, &outcome, e))
		return false;
	if (opt_flag(o, "json"))
		return print_json(&outcome, t.manifest.serial, e);
	print_text(&outcome, wish.to, t.manifest.serial);
	return true;
}

const struct command cmd_install = {
	.name = "install",
	.operands = "pins.json",
	.min = 1,
	.max = 1,
	.summary = "render a manifest into a folder and switch to it",
	.detail = "Writes DIR/<serial>/ and points the symlink DIR/current there when the bytes\n"
		  "differ; then runs the reload command, and goes back if that fails. A format\n"
		  "that holds one domain gets a folder for each domain when there are several.",
	.options = options,
	.run = run,
};
