/* SPDX-License-Identifier: ISC */
/*
 * report: what lint found, for people (80 columns) and for programs.
 */
#ifndef PINS_REPORT_H
#define PINS_REPORT_H

#include "pins/lint.h"

struct report {
	const struct lint_findings *findings;
	const char *const *targets; /* whose errors count, besides those that concern every one */
	size_t target_count;
};

/* How many findings are errors that count. */
size_t report_blocking(const struct report *r);

/* To standard output. */
bool report_text(const struct report *r, struct err *e) FALLIBLE;
bool report_json(const struct report *r, struct err *e) FALLIBLE;

/* The table of rules itself. */
bool report_rules(bool json, struct err *e) FALLIBLE;

#endif
