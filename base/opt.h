/* SPDX-License-Identifier: ISC */
/*
 * opt: options and operands of a command line, against tables (getopt_long underneath).
 *
 * Long options only, `--name VALUE` or `--name=VALUE`, whole names (no abbreviations), before,
 * between and after operands; `--` ends them. An unknown option, a missing or unwanted value, and
 * an OPT_ONE given twice are ERR_USAGE, and an unknown name is answered with the nearest known one.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum opt_kind {
	OPT_FLAG, /* no value */
	OPT_ONE,  /* one value, at most once */
	OPT_MANY, /* one value, repeatable */
};

struct opt_spec {
	const char *name; /* without the dashes; NULL ends a table */
	enum opt_kind kind;
	const char *arg;  /* the value's placeholder in the help, NULL for flags */
	const char *help; /* one line */
};

struct opt_value {
	const char *name; /* the spec's own string */
	const char *text; /* into argv; NULL for flags */
};

struct opts {
	struct opt_value *values; /* in the order given */
	size_t count;
	const char **operands;
	size_t operand_count;
};

#define OPTS_AUTO __attribute__((cleanup(opt_free))) struct opts

/* Parses argv[1..] against both tables (either may be NULL). */
bool opt_parse(struct opts *o, int argc, char **argv, const struct opt_spec *global,
	const struct opt_spec *own, struct err *e) FALLIBLE;
void opt_free(struct opts *o);

bool opt_flag(const struct opts *o, const char *name);
const char *opt_get(const struct opts *o, const char *name); /* NULL when not given */
size_t opt_count(const struct opts *o, const char *name);
const char *opt_nth(const struct opts *o, const char *name, size_t i);

/* The value as a decimal number in [min, max]; *out untouched when the option was not given. */
bool opt_int(const struct opts *o, const char *name, long min, long max, long *out,
	struct err *e) FALLIBLE;
/* The value as a duration (clock.h), likewise. */
bool opt_duration(const struct opts *o, const char *name, int64_t *out, struct err *e) FALLIBLE;

#endif
