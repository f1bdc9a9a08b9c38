/* SPDX-License-Identifier: ISC */
/*
 * toy: a small program for the tests of program.c, whose commands print what reached them.
 */
#ifndef TESTS_TOY_H
#define TESTS_TOY_H

#include "base/program.h"

#include <sys/types.h>

extern const struct program toy_plain;
extern const struct program toy_hooked; /* with a `before` and an `after` that speak up */

struct toy_result {
	int status; /* exit status, or 128 + signal */
	char out[8192];
	char err[8192];
};

/* Runs it in a child of its own; `line` is the command line behind the program's name. */
struct toy_result toy_call(void **state, const struct program *p, const char *line);
/* With standard output on `out_path`, or closed for NULL. */
struct toy_result toy_call_to(
	void **state, const struct program *p, const char *line, const char *out_path);

/* toy_plain prints just this, on the one descriptor, and exits with 0 or `status`. */
void toy_assert_output(void **state, const char *line, const char *out);
void toy_assert_error(void **state, const char *line, int status, const char *err);

/* For a test that forks by itself. */
int toy_wait(pid_t pid);
void toy_redirect(int fd, const char *path);

#endif
