/* SPDX-License-Identifier: ISC */
/*
 * lint: the rules of a safe pin set: one table of them, and what a manifest breaks.
 *
 * A rule concerns every render target or the ones it names: a finding that is an error for one
 * target only says nothing against the others. That a pin is 32 bytes of canonical base64 is no
 * rule of this table: manifest_parse refuses what is not, for every command.
 * Findings borrow from the manifest and the context they were made of.
 */
#ifndef PINS_LINT_H
#define PINS_LINT_H

#include "pins/manifest.h"
#include "pins/pubfile.h"

enum lint_severity { LINT_ERROR, LINT_WARNING };
const char *lint_severity_name(enum lint_severity s); /* "error", "warning" */

struct lint_visit; /* pins/lintrule.h: what a check works with */

struct lint_rule {
	const char *id; /* what --force takes: "no-backup" */
	enum lint_severity severity;
	const char *sentence; /* the rule itself */
	const char *source;   /* RFC section, or the consumer's own documentation */
	const char *targets;  /* formats of render, separated by blanks; NULL: every one */
	void (*domain)(struct lint_visit *v); /* looks at one domain; or NULL */
	void (*whole)(struct lint_visit *v);  /* looks at the whole manifest; or NULL */
};

extern const struct lint_rule lint_rules[];
extern const size_t lint_rule_count;

/* What the rules may know besides the manifest. Zero is: nothing (but `now` must be set). */
struct lint_context {
	int64_t now;
	const struct manifest *previous;    /* --previous, or NULL */
	int64_t ttl;                        /* --ttl in seconds, 0: not given */
	const struct pubfile *certificates; /* --certificates, or NULL */
	const char *header;        /* --header: a Public-Key-Pins value as served, or NULL */
	const char *const *forced; /* ids of rules to let pass (--force) */
	size_t forced_count;
};

struct lint_finding {
	const struct lint_rule *rule;
	const struct manifest_domain *domain; /* NULL: the whole manifest */
	const struct manifest_pin *pin;       /* NULL: no single one */
	char *what;                           /* what is wrong here, one sentence */
	bool forced;                          /* let pass by --force */
};

struct lint_findings {
	struct lint_finding *list; /* the whole manifest's, then by domain */
	size_t count;
};
#define LINT_FINDINGS_AUTO __attribute__((cleanup(lint_findings_free))) struct lint_findings
void lint_findings_free(struct lint_findings *f);

/* Runs every rule. An id in ctx->forced that names no rule is ERR_USAGE. */
bool lint_run(const struct manifest *m, const struct lint_context *ctx, struct lint_findings *out,
	struct err *e) FALLIBLE;

/* Whether the rule concerns `target` (a format of render). */
bool lint_concerns(const struct lint_rule *rule, const char *target);

/* Whether this finding stands in the way of rendering `target`: an error, not forced, of a rule
 * that concerns it. `domain` limits that to one domain's findings and the manifest's own. Either
 * may be NULL: a NULL target counts only rules that concern every target. */
bool lint_blocks(const struct lint_finding *f, const char *target, const char *domain);

/* True when nothing blocks. Else ERR_REFUSED with the first blocking rule's id, and the hint says
 * how many more there are and names --force. For render. */
bool lint_pass(const struct lint_findings *f, const char *target, const char *domain,
	struct err *e) FALLIBLE;

#endif
