/* SPDX-License-Identifier: ISC */
#include "base/workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 64

struct pool {
	size_t count;
	workers_job job;
	void *context;
	struct progress *progress;
	atomic_size_t next;
	atomic_bool failed;
	pthread_mutex_t lock; /* for first_failure */
	struct err first_failure;
};

static void *
work(void *context)
{
	struct pool *p = context;

	while (!atomic_load(&p->failed)) {
		struct err e;
		size_t i = atomic_fetch_add(&p->next, 1);

		if (i >= p->count)
			break;
		if (p->job(p->context, i, &e)) {
			progress_step(p->progress, 1);
			continue;
		}
		pthread_mutex_lock(&p->lock);
		if (!atomic_exchange(&p->failed, true))
			p->first_failure = e;
		pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

bool
workers_run(size_t count, workers_job job, void *context, struct progress *progress, struct err *e)
{
	struct pool p = {
		.count = count,
		.job = job,
		.context = context,
		.progress = progress,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	pthread_t threads[THREADS_MAX];
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t wanted = processors > 1 ? (size_t)processors : 1;
	size_t started = 0;

	if (wanted > THREADS_MAX)
		wanted = THREADS_MAX;
	if (wanted > count)
		wanted = count;
	while (started + 1 < wanted && pthread_create(&threads[started], NULL, work, &p) == 0)
		started++;
	(void)work(&p);
	while (started > 0)
		pthread_join(threads[--started], NULL);
	if (!atomic_load(&p.failed))
		return true;
	*e = p.first_failure;
	return false;
}
