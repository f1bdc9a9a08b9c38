/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "pins/cmd.h"
#include "pins/lint.h"
#include "pins/name.h"
#include "pins/render.h"
#include "pins/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct opt_spec options[] = {
	TRUST_OPTIONS,
	{ "domain", OPT_ONE, "D", "the pins of this domain alone" },
	{ "report-only", OPT_FLAG, NULL, "report, do not enforce: headers, trustkit" },
	{ "port", OPT_ONE, "N", "of the server: tlsa (443), git, postfix, stubby and knot (853)" },
	{ "proto", OPT_ONE, "P", "tlsa: tcp (default), udp or sctp" },
	{ "address", OPT_MANY, "IP", "stubby, knot: of the server, if not among the names" },
	{ "language", OPT_ONE, "L", "okhttp: kotlin (default) or java" },
	{ "package", OPT_ONE, "NAME", "okhttp: the package of the class" },
	{ "previous", OPT_ONE, "OLD", "the manifest in production: was the active pin in it?" },
	{ "ttl", OPT_ONE, "T", "the TTL of the TLSA records (3600s, 1d)" },
	{ "force", OPT_MANY, "ID", "let this rule of lint pass; the output says so" },
	{ 0 },
};

/* What the options say. */
struct wish {
	const struct render_format *format;
	struct render_options options;
	struct manifest previous;
	const char **forced;
	char (*addresses)[NAME_MAX_DNS + 4]; /* canonical, after "IP:" */
	const char **address_list;
	struct lint_context lint;
};
#define WISH_AUTO __attribute__((cleanup(free_wish))) struct wish

static void
free_wish(struct wish *w)
{
	manifest_free(&w->previous);
	free(w->forced);
	free(w->addresses);
	free(w->address_list);
}

FALLIBLE static bool
read_addresses(const struct opts *o, struct wish *w, struct err *e)
{
	size_t count = opt_count(o, "address");

	w->addresses = calloc(count + 1, sizeof(*w->addresses));
	w->address_list = calloc(count + 1, sizeof(*w->address_list));
	if (!w->addresses || !w->address_list)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		AUTO_STR san = NULL;

		if (!file_path(&san, e, "IP:%s", opt_nth(o, "address", i)))
			return false;
		if (!name_san(san, w->addresses[i], e))
			return err_wrap(e, "--address");
		w->address_list[i] = w->addresses[i] + strlen("IP:");
	}
	w->options.addresses = w->address_list;
	w->options.address_count = count;
	return true;
}

FALLIBLE static bool
read_forced(const struct opts *o, struct wish *w, struct err *e)
{
	size_t count = opt_count(o, "force");

	w->forced = calloc(count + 1, sizeof(*w->forced));
	if (!w->forced)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		w->forced[i] = opt_nth(o, "force", i);
	w->options.forced = w->lint.forced = w->forced;
	w->options.forced_count = w->lint.forced_count = count;
	return true;
}

FALLIBLE static bool
read_wish(const struct opts *o, struct wish *w, struct err *e)
{
	const char *previous = opt_get(o, "previous");

	if (!render_find(o->operands[0], &w->format, e))
		return false;
	if (opt_flag(o, "json")) {
		err_set(e, ERR_USAGE, "render prints what its format says, not --json");
		return err_hint(e, "`coldspare-pins render json` is such a format");
	}
	w->options.domain = opt_get(o, "domain");
	w->options.report_only = opt_flag(o, "report-only");
	w->options.proto = opt_get(o, "proto");
	w->options.language = opt_get(o, "language");
	w->options.package = opt_get(o, "package");
	w->lint.now = clock_now();
	if (previous && !manifest_read(previous, &w->previous, NULL, e))
		return false;
	w->lint.previous = previous ? &w->previous : NULL;
	return opt_int(o, "port", 1, 65535, &w->options.port, e) &&
	       opt_duration(o, "ttl", &w->lint.ttl, e) && read_addresses(o, w, e) &&
	       read_forced(o, w, e);
}

/* What does not stand in the way, on standard error: it is no part of what is rendered. */
static void
print_remarks(const struct lint_findings *f, const struct wish *w)
{
	const char *domain = w->options.domain;

	for (size_t i = 0; i < f->count; i++) {
		const struct lint_finding *x = &f->list[i];

		if (!lint_concerns(x->rule, w->format->name) ||
			(domain && x->domain && strcmp(x->domain->domain, domain) != 0))
			continue;
		fprintf(stderr, "coldspare-pins: %s: %s%s%s (%s)\n",
			x->forced ? "forced" : lint_severity_name(x->rule->severity),
			x->domain ? x->domain->domain : "", x->domain ? ": " : "", x->what,
			x->rule->id);
	}
}

static bool
run(const struct opts *o, struct err *e)
{
	TRUST_AUTO t = { 0 };
	WISH_AUTO w = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	BUF_AUTO out = BUF_NONE;

	if (!read_wish(o, &w, e) || !trust_load(o, o->operands[1], &t, e))
		return false;
	/* The rules are to judge what will be served. */
	for (size_t i = 0; i < t.manifest.domain_count && w.options.report_only; i++)
		t.manifest.domains[i].report_only = true;
	if (!lint_run(&t.manifest, &w.lint, &f, e) ||
		!lint_pass(&f, w.format->name, w.options.domain, e) ||
		!render(w.format, &t.manifest, &w.options, &out, e))
		return false;
	print_remarks(&f, &w);
	if (fwrite(out.data, 1, out.len, stdout) != out.len)
		return err_errno(e, "writing to standard output");
	return true;
}

const struct command cmd_render = {
	.name = "render",
	.operands = "FORMAT pins.json",
	.min = 2,
	.max = 2,
	.summary = "write a manifest's pins as a consumer takes them",
	.detail = render_help,
	.options = options,
	.run = run,
};
