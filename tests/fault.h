/* SPDX-License-Identifier: ISC */
/*
 * fault: runs a piece of work in a child process, watching its system calls or failing them.
 *
 * The kernel hands each named call to a supervising thread of the child (seccomp user
 * notification), which notes it and lets it pass, answers it with an errno, or kills the process
 * right before it. Only calls of the thread that does the work are seen.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_WATCH 0
#define FAULT_KILL (-1)
#define FAULT_TRACE 8192

struct fault {
	int call;      /* SYS_fsync ... */
	int outcome;   /* FAULT_WATCH, FAULT_KILL, or an errno */
	unsigned when; /* from 1: only the when-th one; 0: every one */
	unsigned arg;  /* with `bits`: only calls whose argument `arg` has all of them */
	uint64_t bits;
};

struct fault_report {
	int status;   /* as from waitpid; the work's exit status is 0 when it returned true */
	size_t fired; /* faults that struck */
	size_t count; /* calls seen, in the order of `trace` */
	int trace[FAULT_TRACE];
};

/* The work must not touch CMocka: what it returns is all that comes back. */
void fault_run(const struct fault *faults, size_t count, bool (*work)(void *arg), void *arg,
	struct fault_report *out);

#define FAULT_COUNT(table) (sizeof(table) / sizeof((table)[0]))

#endif
