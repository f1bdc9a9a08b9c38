/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "pins/cmd.h"
#include "pins/diff.h"
#include "pins/lint.h"

#include <stdio.h>
#include <string.h>

#define TOO_SOON "active-too-soon"

/* The warnings are lint's: of all its rules, the one that looks at two manifests. */
static bool
is_warning(const struct lint_finding *f)
{
	return strcmp(f->rule->id, TOO_SOON) == 0;
}

static void
print_change(const struct diff_change *c)
{
	static const char signs[] = {
		[DIFF_ADDED] = '+', [DIFF_REMOVED] = '-', [DIFF_CHANGED] = '~'
	};
	if (c->pin) {
		char pin[PIN_TEXT];
		pin_encode(&c->pin->pin, pin);
		printf("  %c %s %-6s %s\n", signs[c->kind], pin, manifest_role_name(c->pin->role),
			c->pin->algorithm);
	} else if (c->kind != DIFF_CHANGED) {
		printf("  %c the domain\n", signs[c->kind]);
	}
	for (size_t i = 0; i < c->field_count; i++)
		printf("      %s: %s -> %s\n", c->fields[i].name, c->fields[i].from,
			c->fields[i].to);
}

static void
print_text(const struct diff *d, const struct lint_findings *f)
{
	const char *last = NULL;
	for (size_t i = 0; i < d->count; i++) {
		const char *domain = d->list[i].domain;
		if (i == 0 || !last || strcmp(domain, last) != 0)
			printf("%s\n", domain ? domain : "The manifest");
		print_change(&d->list[i]);
		last = domain;
	}
	if (d->count == 0)
		puts("no difference");
	for (size_t i = 0; i < f->count; i++) {
		char pin[PIN_TEXT];
		if (!is_warning(&f->list[i]))
			continue;
		pin_encode(&f->list[i].pin->pin, pin);
		printf("warning: %s: %s\n         %s\n         [%s]\n", f->list[i].domain->domain,
			pin, f->list[i].what, f->list[i].rule->id);
	}
}

static json_t *
change_value(const struct diff_change *c)
{
	char pin[PIN_TEXT];
	if (c->pin)
		pin_encode(&c->pin->pin, pin);
	json_t *fields = json_array();
	for (size_t i = 0; i < c->field_count; i++)
		json_array_append_new(
			fields, json_pack("{s:s, s:s, s:s}", "field", c->fields[i].name, "from",
					c->fields[i].from, "to", c->fields[i].to));
	return json_pack("{s:s, s:s?, s:s?, s:s?, s:s?, s:o}", "change", diff_kind_name(c->kind),
		"domain", c->domain, "pin", c->pin ? pin : NULL, "role",
		c->pin ? manifest_role_name(c->pin->role) : NULL, "key",
		c->pin ? c->pin->key : NULL, "fields", fields);
}

FALLIBLE static bool
print_json(const struct diff *d, const struct lint_findings *f, struct err *e)
{
	JSON_AUTO j = json_pack("{s:[], s:[]}", "changes", "warnings");
	for (size_t i = 0; i < d->count; i++)
		json_array_append_new(json_object_get(j, "changes"), change_value(&d->list[i]));
	for (size_t i = 0; i < f->count; i++) {
		char pin[PIN_TEXT];
		if (!is_warning(&f->list[i]))
			continue;
		pin_encode(&f->list[i].pin->pin, pin);
		json_array_append_new(json_object_get(j, "warnings"),
			json_pack("{s:s, s:s, s:s, s:s}", "rule", f->list[i].rule->id, "domain",
				f->list[i].domain->domain, "pin", pin, "what", f->list[i].what));
	}
	return json_print(j, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	MANIFEST_AUTO from = { 0 };
	MANIFEST_AUTO to = { 0 };
	DIFF_AUTO d = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	const struct lint_context ctx = { .now = clock_now(), .previous = &from };

	if (!manifest_read(o->operands[0], &from, NULL, e) ||
		!manifest_read(o->operands[1], &to, NULL, e) ||
		!diff_manifests(&from, &to, &d, e) || !lint_run(&to, &ctx, &f, e))
		return false;
	if (opt_flag(o, "json"))
		return print_json(&d, &f, e);
	print_text(&d, &f);
	return true;
}

const struct command cmd_diff = {
	.name = "diff",
	.operands = "OLD NEW",
	.min = 2,
	.max = 2,
	.summary = "show what changed between two manifests",
	.detail = "Pins that were added (+), removed (-) and changed (~), and a warning for an\n"
		  "active pin that OLD did not publish for long enough. Looks at the pins, not at\n"
		  "who signed them.",
	.run = run,
};
