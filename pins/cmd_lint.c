/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "pins/cmd.h"
#include "pins/lint.h"
#include "pins/render.h"
#include "pins/report.h"

#include <stdio.h>
#include <stdlib.h>

static const struct opt_spec options[] = {
	{ "previous", OPT_ONE, "OLD", "the manifest in production: was the active pin in it?" },
	{ "ttl", OPT_ONE, "T", "the TTL of the TLSA records (3600s, 1d)" },
	{ "certificates", OPT_ONE, "FILE", "certificates to hold the pins against" },
	{ "header", OPT_ONE, "VALUE", "a Public-Key-Pins header, as it is served" },
	{ "target", OPT_MANY, "FORMAT", "count the errors for this format of render, too" },
	{ "force", OPT_MANY, "ID", "let this rule pass" },
	{ "rules", OPT_FLAG, NULL, "list the rules" },
	{ 0 },
};

/* What the options name, loaded. */
struct given {
	struct manifest manifest, previous;
	struct pubfile certificates;
	const char **forced, **targets;
	size_t forced_count, target_count;
	struct lint_context ctx;
};
#define GIVEN_AUTO __attribute__((cleanup(free_given))) struct given

static void
free_given(struct given *g)
{
	manifest_free(&g->manifest);
	manifest_free(&g->previous);
	pubfile_free(&g->certificates);
	free(g->forced);
	free(g->targets);
}

FALLIBLE static bool
values(const struct opts *o, const char *name, const char ***out, size_t *count, struct err *e)
{
	*count = opt_count(o, name);
	*out = calloc(*count + 1, sizeof **out);
	if (!*out)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < *count; i++)
		(*out)[i] = opt_nth(o, name, i);
	return true;
}

FALLIBLE static bool
check_targets(const struct given *g, struct err *e)
{
	const struct render_format *format;
	for (size_t i = 0; i < g->target_count; i++) {
		if (!render_find(g->targets[i], &format, e))
			return err_wrap(e, "--target");
	}
	return true;
}

FALLIBLE static bool
load(const struct opts *o, struct given *g, struct err *e)
{
	const char *previous = opt_get(o, "previous"), *certificates = opt_get(o, "certificates");
	if (!values(o, "force", &g->forced, &g->forced_count, e) ||
		!values(o, "target", &g->targets, &g->target_count, e) || !check_targets(g, e) ||
		!opt_duration(o, "ttl", &g->ctx.ttl, e) ||
		!manifest_read(o->operands[0], &g->manifest, NULL, e) ||
		(previous && !manifest_read(previous, &g->previous, NULL, e)) ||
		(certificates && !pubfile_load(certificates, &g->certificates, e)))
		return false;
	g->ctx.now = clock_now();
	g->ctx.previous = previous ? &g->previous : NULL;
	g->ctx.certificates = certificates ? &g->certificates : NULL;
	g->ctx.header = opt_get(o, "header");
	g->ctx.forced = g->forced;
	g->ctx.forced_count = g->forced_count;
	return true;
}

static bool
run(const struct opts *o, struct err *e)
{
	GIVEN_AUTO g = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };

	if (opt_flag(o, "rules"))
		return report_rules(opt_flag(o, "json"), e);
	if (o->operand_count == 0)
		return err_set(e, ERR_USAGE, "which manifest? pins.json is missing");
	if (!load(o, &g, e) || !lint_run(&g.manifest, &g.ctx, &f, e))
		return false;

	const struct report r = { &f, g.targets, g.target_count };
	if (opt_flag(o, "json") ? !report_json(&r, e) : !report_text(&r, e))
		return false;
	size_t blocking = report_blocking(&r);
	if (blocking == 0)
		return true;
	return err_set(e, ERR_REFUSED, "%s: %zu error%s", o->operands[0], blocking,
		blocking == 1 ? "" : "s");
}

const struct command cmd_lint = {
	.name = "lint",
	.operands = "pins.json",
	.min = 0,
	.max = 1,
	.summary = "judge a manifest by the rules of a safe pin set",
	.detail = "Looks at the pins, not at who signed them: `verify` does that. Exits with 78\n"
		  "when an error remains that concerns every format of render, or one that is\n"
		  "named by --target.",
	.options = options,
	.run = run,
};
