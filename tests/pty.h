/* SPDX-License-Identifier: ISC */
/*
 * pty: a person at a terminal: work in a child whose standard streams and /dev/tty are a
 * pseudo-terminal, and what is seen and typed there.
 *
 * Waits for what it expects, not for time to pass; a child that never says it ends the test
 * program after PTY_PATIENCE seconds.
 */
#ifndef TESTS_PTY_H
#define TESTS_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PTY_PATIENCE 30

struct pty {
	int master;
	pid_t child;
	char seen[16384]; /* all output so far, NUL-terminated */
	size_t len;
	size_t matched; /* how far pty_expect got */
};

/* The child's exit status is 0 when `work` returned true. It must not touch CMocka. */
void pty_start(struct pty *p, bool (*work)(void *arg), void *arg);
void pty_expect(struct pty *p, const char *text); /* waits; looks only after the last one found */
void pty_type(struct pty *p, const char *text);
bool pty_echoes(const struct pty *p);
int pty_finish(struct pty *p); /* the rest of the output, then waitpid's status */

#endif
