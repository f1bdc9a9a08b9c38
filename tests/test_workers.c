/* SPDX-License-Identifier: ISC */
#include "base/workers.h"

#include "tests/support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define JOBS 500

struct tally {
	atomic_uint done[JOBS];
	size_t fail_at; /* JOBS: none */
	atomic_size_t total;
};

static bool
count(void *context, size_t i, struct err *e)
{
	struct tally *t = context;

	if (i == t->fail_at)
		return err_set(e, ERR_IO, "job %zu failed", i);
	atomic_fetch_add(&t->done[i], 1);
	atomic_fetch_add(&t->total, 1);
	return true;
}

static void
every_job_is_done_once(void **state)
{
	struct tally t = { .fail_at = JOBS };
	struct err e;

	(void)state;
	assert_ok(workers_run(JOBS, count, &t, NULL, &e), &e);
	for (size_t i = 0; i < JOBS; i++)
		assert_int_equal(atomic_load(&t.done[i]), 1);
}

static void
no_jobs_are_no_work(void **state)
{
	struct tally t = { .fail_at = JOBS };
	struct err e;

	(void)state;
	assert_ok(workers_run(0, count, &t, NULL, &e), &e);
	assert_int_equal(atomic_load(&t.total), 0);
}

static void
a_failure_stops_the_rest_and_is_handed_out(void **state)
{
	struct tally t = { .fail_at = 3 };
	struct err e;

	(void)state;
	assert_fails(workers_run(JOBS, count, &t, NULL, &e), &e, ERR_IO, "job 3 failed");
	assert_true(atomic_load(&t.total) < JOBS);
}

/* Two jobs that wait for each other: one thread alone would never be done. */
static bool
meet(void *context, size_t i, struct err *e)
{
	(void)i;
	(void)e;
	(void)pthread_barrier_wait(context);
	return true;
}

static void
two_processors_work_at_once(void **state)
{
	pthread_barrier_t barrier;
	struct err e;

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		skip();
	pthread_barrier_init(&barrier, NULL, 2);
	assert_ok(workers_run(2, meet, &barrier, NULL, &e), &e);
	pthread_barrier_destroy(&barrier);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(every_job_is_done_once),
		unit(no_jobs_are_no_work),
		unit(a_failure_stops_the_rest_and_is_handed_out),
		unit(two_processors_work_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
