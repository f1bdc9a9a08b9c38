/* SPDX-License-Identifier: ISC */
#include "pins/report.h"

#include "base/json.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 80
#define INDENT 11

static bool
blocks(const struct report *r, const struct lint_finding *f)
{
	bool found = lint_blocks(f, NULL, NULL);
	for (size_t i = 0; i < r->target_count && !found; i++)
		found = lint_blocks(f, r->targets[i], NULL);
	return found;
}

size_t
report_blocking(const struct report *r)
{
	size_t count = 0;
	for (size_t i = 0; i < r->findings->count; i++)
		count += blocks(r, &r->findings->list[i]);
	return count;
}

/* Words of `text` from column INDENT on, the first line behind `lead`, which is that wide. */
static void
print_wrapped(const char *lead, const char *text)
{
	size_t column = INDENT;
	printf("%-*s", INDENT, lead);
	while (*text) {
		size_t len = strcspn(text, " ");
		if (column > INDENT && column + 1 + len > COLUMNS) {
			printf("\n%*s", INDENT, "");
			column = INDENT;
		}
		if (column > INDENT)
			putchar(' ');
		column += len + (column > INDENT);
		printf("%.*s", (int)len, text);
		text += len + (text[len] == ' ');
	}
	putchar('\n');
}

FALLIBLE static bool
print_rule(const struct lint_rule *rule, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	char lead[32];
	snprintf(lead, sizeof lead, "  %s", lint_severity_name(rule->severity));
	buf_addf(&text, "%s: %s (%s)", rule->id, rule->sentence, rule->source);
	if (rule->targets)
		buf_addf(&text, " Only for: %s.", rule->targets);
	if (!buf_ok(&text, e))
		return false;
	print_wrapped(lead, text.data);
	return true;
}

FALLIBLE static bool
print_finding(const struct lint_finding *f, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	char pin[PIN_TEXT];
	buf_addf(&text, "%s%s", f->forced ? "let pass by --force: " : "", f->what);
	if (f->pin) {
		pin_encode(&f->pin->pin, pin);
		buf_addf(&text, ": %s", pin);
	}
	if (!buf_ok(&text, e))
		return false;
	print_wrapped("         -", text.data);
	return true;
}

static void
print_summary(const struct report *r)
{
	size_t errors = 0, warnings = 0, forced = 0, blocking = report_blocking(r);
	for (size_t i = 0; i < r->findings->count; i++) {
		const struct lint_finding *f = &r->findings->list[i];
		if (f->forced)
			forced++;
		else
			*(f->rule->severity == LINT_ERROR ? &errors : &warnings) += 1;
	}
	printf("%zu error%s, %zu warning%s", errors, errors == 1 ? "" : "s", warnings,
		warnings == 1 ? "" : "s");
	if (errors > blocking)
		printf("; %zu of the errors only for some formats of render", errors - blocking);
	if (forced)
		printf("; %zu let pass by --force", forced);
	putchar('\n');
}

bool
report_text(const struct report *r, struct err *e)
{
	const struct lint_finding *last = NULL;
	for (size_t i = 0; i < r->findings->count; i++) {
		const struct lint_finding *f = &r->findings->list[i];
		bool same_domain = last && f->domain == last->domain;
		if (!same_domain)
			printf("%s\n", f->domain ? f->domain->domain : "The manifest");
		if (!(same_domain && f->rule == last->rule) && !print_rule(f->rule, e))
			return false;
		if (!print_finding(f, e))
			return false;
		last = f;
	}
	print_summary(r);
	return true;
}

/* The words of a rule's targets as an array; null for every one. */
static json_t *
targets_value(const struct lint_rule *rule)
{
	if (!rule->targets)
		return json_null();
	json_t *list = json_array();
	for (const char *p = rule->targets; *p;) {
		size_t len = strcspn(p, " ");
		json_array_append_new(list, json_stringn(p, len));
		p += len + (p[len] == ' ');
	}
	return list;
}

static json_t *
rule_value(const struct lint_rule *rule)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "rule", rule->id, "severity",
		lint_severity_name(rule->severity), "sentence", rule->sentence, "source",
		rule->source, "targets", targets_value(rule));
}

FALLIBLE static bool
append(json_t *list, json_t *owned, struct err *e)
{
	return json_array_append_new(list, owned) == 0 || err_set(e, ERR_MEMORY, "out of memory");
}

bool
report_json(const struct report *r, struct err *e)
{
	JSON_AUTO list = json_array();
	for (size_t i = 0; i < r->findings->count; i++) {
		const struct lint_finding *f = &r->findings->list[i];
		char pin[PIN_TEXT];
		if (f->pin)
			pin_encode(&f->pin->pin, pin);
		json_t *finding = json_pack("{s:s?, s:s?, s:s, s:b, s:b}", "domain",
			f->domain ? f->domain->domain : NULL, "pin", f->pin ? pin : NULL, "what",
			f->what, "forced", f->forced, "blocks", blocks(r, f));
		JSON_AUTO rule = rule_value(f->rule);
		json_object_update(finding, rule);
		if (!append(list, finding, e))
			return false;
	}
	JSON_AUTO report = json_pack(
		"{s:O, s:I}", "findings", list, "blocking", (json_int_t)report_blocking(r));
	return json_print(report, e);
}

bool
report_rules(bool json, struct err *e)
{
	JSON_AUTO list = json_array();
	for (size_t i = 0; i < lint_rule_count; i++) {
		if (json ? !append(list, rule_value(&lint_rules[i]), e)
			 : !print_rule(&lint_rules[i], e))
			return false;
	}
	return !json || json_print(list, e);
}
