/* SPDX-License-Identifier: ISC */
/*
 * workers: one job after the other on as many threads as there are processors.
 *
 * Threads and not processes: memory locks do not survive fork. The calling thread works too, so
 * that a machine that refuses threads still gets its work done.
 */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include "base/err.h"
#include "base/progress.h"

#include <stddef.h>

/* Does job `i`; called from several threads at once, each i once. */
typedef bool (*workers_job)(void *context, size_t i, struct err *e);

/* Runs jobs 0 to count - 1. After the first failure no new one is begun; its err is handed out
 * when all have stopped. `progress` (or NULL) steps once a job. */
bool workers_run(size_t count, workers_job job, void *context, struct progress *progress,
	struct err *e) FALLIBLE;

#endif
