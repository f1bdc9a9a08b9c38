/* SPDX-License-Identifier: ISC */
/*
 * progress: how far a long piece of work is, on one line of standard error.
 *
 * "generating keys: 37 of 100, 12 s left", redrawn in place; silent when standard error is no
 * terminal (or a dumb one), and for work under half a second. Steps are thread-safe.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>

#define PROGRESS_AUTO __attribute__((cleanup(progress_end))) struct progress *

struct progress;
/* NULL, which every function here takes, when there is nothing to show. `what` is borrowed. */
struct progress *progress_start(const char *what, uint64_t total);
void progress_step(struct progress *p, uint64_t n);
void progress_end(struct progress **p); /* clears the line; idempotent */

#endif
