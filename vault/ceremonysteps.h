/* SPDX-License-Identifier: ISC */
/*
 * ceremonysteps: the steps of a ceremony, once: printed on paper before it, followed by the run,
 * listed in the transcript after it.
 *
 * Numbers count the steps that a plan has, from 1, so that paper and screen agree. Texts have
 * fields in braces, which ceremonysteps_fill puts in: {vault} {threshold} {count} {keys} {domains}
 * {export} {custodian} {medium}.
 */
#ifndef VAULT_CEREMONYSTEPS_H
#define VAULT_CEREMONYSTEPS_H

#include "vault/plan.h"

enum ceremony_role {
	CEREMONY_OPERATOR = 1,  /* sits at the machine */
	CEREMONY_WITNESS = 2,   /* reads along on paper, ticks, and touches nothing */
	CEREMONY_CUSTODIAN = 4, /* each holds one medium */
	CEREMONY_EVERYONE = 7,
};

/* In their order. */
enum ceremony_step_id {
	CEREMONY_OPEN,
	CEREMONY_MACHINE,
	CEREMONY_CLOCK,
	CEREMONY_AGREE,
	CEREMONY_PASSPHRASE,
	CEREMONY_DICE,
	CEREMONY_KEYS,
	CEREMONY_WRITE,
	CEREMONY_READBACK,
	CEREMONY_COMMIT,
	CEREMONY_PINS,
	CEREMONY_EXPORT,
	CEREMONY_TRANSCRIPT,
	CEREMONY_CLOSE,
	CEREMONY_STEPS
};

struct ceremony_step {
	const char *name;   /* "readback": in the journal, the transcript and JSON */
	const char *title;  /* "Read every share back" */
	unsigned who;       /* enum ceremony_role, added up */
	const char *what;   /* who does what, in sentences */
	const char *screen; /* what the program asks or says; NULL: nothing to expect */
	const char *answer; /* what is typed then; NULL: nothing */
	const char *final;  /* what cannot be undone after this step; NULL: nothing */
	bool each;          /* once for each custodian */
	bool (*applies)(const struct plan *p); /* NULL: always */
};
extern const struct ceremony_step ceremonysteps[CEREMONY_STEPS];

bool ceremonysteps_applies(const struct plan *p, enum ceremony_step_id id);
unsigned ceremonysteps_number(const struct plan *p, enum ceremony_step_id id); /* from 1 */
unsigned ceremonysteps_count(const struct plan *p);

/* "operator, custodians" */
void ceremonysteps_who(unsigned roles, struct buf *out);

/* One of a step's texts with its fields filled in. `c`: the custodian, or NULL where the step is
 * not of one; then "each custodian" and "their medium" stand there. */
void ceremonysteps_fill(
	const char *text, const struct plan *p, const struct plan_custodian *c, struct buf *out);

#endif
