/* SPDX-License-Identifier: ISC */
#include "pins/lint.h"

#include "pins/lintrule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
lint_severity_name(enum lint_severity s)
{
	return s == LINT_ERROR ? "error" : "warning";
}

void
lint_findings_free(struct lint_findings *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->list[i].what);
	free(f->list);
	*f = (struct lint_findings){ 0 };
}

static bool
is_forced(const struct lint_context *ctx, const char *id)
{
	for (size_t i = 0; i < ctx->forced_count; i++) {
		if (strcmp(ctx->forced[i], id) == 0)
			return true;
	}
	return false;
}

static struct lint_finding *
next_finding(struct lint_visit *v)
{
	if (v->out->count == v->capacity) {
		size_t capacity = v->capacity ? 2 * v->capacity : 16;
		struct lint_finding *list = reallocarray(v->out->list, capacity, sizeof *list);
		if (!list)
			return NULL;
		v->out->list = list;
		v->capacity = capacity;
	}
	return &v->out->list[v->out->count];
}

void
lint_say(struct lint_visit *v, const struct manifest_pin *pin, const char *fmt, ...)
{
	struct lint_finding *f = next_finding(v);
	va_list args;
	char *what = NULL;

	va_start(args, fmt);
	if (!f || vasprintf(&what, fmt, args) < 0)
		v->failed = true;
	else {
		*f = (struct lint_finding){ .rule = v->rule,
			.domain = v->domain,
			.pin = pin,
			.what = what,
			.forced = is_forced(v->ctx, v->rule->id) };
		v->out->count++;
	}
	va_end(args);
}

FALLIBLE static bool
check_forced(const struct lint_context *ctx, struct err *e)
{
	for (size_t i = 0; i < ctx->forced_count; i++) {
		size_t r = 0;
		while (r < lint_rule_count && strcmp(lint_rules[r].id, ctx->forced[i]) != 0)
			r++;
		if (r == lint_rule_count) {
			err_set(e, ERR_USAGE, "--force: no rule is called \"%s\"", ctx->forced[i]);
			return err_hint(e, "`coldspare-pins lint --rules` lists them all");
		}
	}
	return true;
}

/* Pins of equal hash stand beside each other in the index: one run is one distinct pin. */
static void
count_roles(struct lint_visit *v)
{
	v->pin_count = v->chain_count = v->backup_count = 0;
	for (size_t i = 0; i < v->pins.count;) {
		const struct pin *pin = &v->pins.pins[i]->pin;
		bool chain = false, backup = false;
		for (; i < v->pins.count && pin_equal(&v->pins.pins[i]->pin, pin); i++) {
			chain |= v->pins.pins[i]->role != ROLE_BACKUP;
			backup |= manifest_is_backup(v->pins.pins[i]);
		}
		v->pin_count++;
		v->chain_count += chain;
		v->backup_count += backup && !chain;
	}
}

FALLIBLE static bool
visit_domain(struct lint_visit *v, const struct index_domains *previous, struct err *e)
{
	INDEX_PINS_AUTO pins = { 0 };
	INDEX_PINS_AUTO before = { 0 };

	v->before = index_domains_find(previous, v->domain->domain);
	if (!index_pins_new(v->domain, &pins, e) ||
		(v->before && !index_pins_new(v->before, &before, e)))
		return false;
	v->pins = pins;
	v->pins_before = before;
	count_roles(v);
	for (size_t i = 0; i < lint_rule_count; i++) {
		v->rule = &lint_rules[i];
		if (v->rule->domain)
			v->rule->domain(v);
	}
	return true;
}

FALLIBLE static bool
visit(struct lint_visit *v, struct err *e)
{
	static const struct manifest nothing;
	INDEX_DOMAINS_AUTO previous = { 0 };

	if (!index_domains_new(v->ctx->previous ? v->ctx->previous : &nothing, &previous, e))
		return false;
	for (size_t i = 0; i < lint_rule_count; i++) {
		v->rule = &lint_rules[i];
		if (v->rule->whole)
			v->rule->whole(v);
	}
	for (size_t i = 0; i < v->m->domain_count; i++) {
		v->domain = &v->m->domains[i];
		if (!visit_domain(v, &previous, e))
			return false;
	}
	return !v->failed || err_set(e, ERR_MEMORY, "out of memory");
}

bool
lint_run(const struct manifest *m, const struct lint_context *ctx, struct lint_findings *out,
	struct err *e)
{
	LINT_FINDINGS_AUTO findings = { 0 };
	struct lint_visit v = { .m = m, .ctx = ctx, .out = &findings };

	if (!check_forced(ctx, e) || !visit(&v, e))
		return false;
	*out = findings;
	findings = (struct lint_findings){ 0 };
	return true;
}

bool
lint_concerns(const struct lint_rule *rule, const char *target)
{
	if (!rule->targets)
		return true;
	size_t len = strlen(target);
	for (const char *p = rule->targets; p; p = strchr(p, ' ')) {
		p += *p == ' ';
		if (strncmp(p, target, len) == 0 && (p[len] == ' ' || p[len] == '\0'))
			return true;
	}
	return false;
}

bool
lint_blocks(const struct lint_finding *f, const char *target, const char *domain)
{
	if (f->forced || f->rule->severity != LINT_ERROR)
		return false;
	if (f->domain && domain && strcmp(f->domain->domain, domain) != 0)
		return false;
	return target ? lint_concerns(f->rule, target) : !f->rule->targets;
}

bool
lint_pass(const struct lint_findings *f, const char *target, const char *domain, struct err *e)
{
	const struct lint_finding *first = NULL;
	size_t more = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (!lint_blocks(&f->list[i], target, domain))
			continue;
		if (!first)
			first = &f->list[i];
		else
			more++;
	}
	if (!first)
		return true;
	err_set(e, ERR_REFUSED, "%s%s%s [%s]", first->domain ? first->domain->domain : "",
		first->domain ? ": " : "", first->what, first->rule->id);
	if (more)
		return err_hint(e,
			"and %zu more errors: `coldspare-pins lint` lists them; "
			"--force %s lets this rule pass",
			more, first->rule->id);
	return err_hint(e, "%s (%s); --force %s lets it pass", first->rule->sentence,
		first->rule->source, first->rule->id);
}
