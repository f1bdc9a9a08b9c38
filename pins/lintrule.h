/* SPDX-License-Identifier: ISC */
/*
 * lintrule: what a rule's check sees, and how it reports. For pins/lint*.c only.
 *
 * A check looks at v->domain (or, for a whole-manifest rule, at v->m) and calls lint_say for each
 * thing it finds. Checks are pure: the clock and every file come through the context.
 */
#ifndef PINS_LINTRULE_H
#define PINS_LINTRULE_H

#include "pins/index.h"
#include "pins/lint.h"

struct lint_visit {
	const struct manifest *m;
	const struct lint_context *ctx;
	const struct lint_rule *rule;         /* whose check runs */
	const struct manifest_domain *domain; /* NULL in a whole-manifest check */
	struct index_pins pins;               /* of `domain` */
	size_t pin_count;                     /* distinct pins of `domain` */
	size_t chain_count;                   /* those that are active or ca */
	size_t backup_count;                  /* those that are backups and nothing else */
	const struct manifest_domain *before; /* `domain` in ctx->previous, or NULL */
	struct index_pins pins_before;        /* of `before` */
	struct lint_findings *out;
	size_t capacity; /* of out->list */
	bool failed;     /* out of memory: reported at the end */
};

/* Reports a finding of v->rule about `pin` (or NULL), in one sentence. */
void lint_say(struct lint_visit *v, const struct manifest_pin *pin, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define LINT_CHECK(name) void name(struct lint_visit *v);

/* lintset.c: which pins a set needs and which it must not have */
LINT_CHECK(lintset_no_active)
LINT_CHECK(lintset_no_backup)
LINT_CHECK(lintset_one_backup)
LINT_CHECK(lintset_pin_twice)
LINT_CHECK(lintset_sample_pin)
LINT_CHECK(lintset_backup_released)
LINT_CHECK(lintset_two_pins)
LINT_CHECK(lintset_rehearsal)

/* lintca.c: CAs */
LINT_CHECK(lintca_left_out)
LINT_CHECK(lintca_only)
LINT_CHECK(lintca_ios_both)
LINT_CHECK(lintca_intermediate)
LINT_CHECK(lintca_single)
LINT_CHECK(lintca_backup)

/* lintcert.c: what certificates tell */
LINT_CHECK(lintcert_hash)
LINT_CHECK(lintcert_backup_above)

/* lintheader.c: the header of RFC 7469 */
LINT_CHECK(lintheader_long_max_age)
LINT_CHECK(lintheader_zero_max_age)
LINT_CHECK(lintheader_report_nowhere)
LINT_CHECK(lintheader_report_to_self)
LINT_CHECK(lintheader_nginx_value)
LINT_CHECK(lintheader_size)

/* lintserved.c: a header as it is served (--header) */
LINT_CHECK(lintserved_unquoted)
LINT_CHECK(lintserved_max_age)

/* lintname.c: hosts */
LINT_CHECK(lintname_address)
LINT_CHECK(lintname_address_among)
LINT_CHECK(lintname_form)
LINT_CHECK(lintname_public_suffix)
LINT_CHECK(lintname_twice)
LINT_CHECK(lintname_wildcard)
LINT_CHECK(lintname_okhttp)

/* linttime.c: clocks, and what clients still hold */
LINT_CHECK(linttime_expired)
LINT_CHECK(linttime_no_expiry)
LINT_CHECK(linttime_backup_not_ready)
LINT_CHECK(linttime_active_too_soon)
LINT_CHECK(linttime_tlsa)

#undef LINT_CHECK

#endif
