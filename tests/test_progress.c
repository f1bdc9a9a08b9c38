/* SPDX-License-Identifier: ISC */
#include "base/progress.h"

#include "tests/pty.h"
#include "tests/support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Work of so many milliseconds, a step every ten. */
struct work {
	const char *term; /* TERM */
	const char *log;  /* where standard error goes instead of the terminal, or NULL */
	uint64_t ms, total;
};

static bool
do_work(void *arg)
{
	const struct work *w = arg;
	const struct timespec pause = { .tv_nsec = 10000000 };
	uint64_t started = now_ms();

	if (w->term ? setenv("TERM", w->term, 1) : unsetenv("TERM"))
		return false;
	if (w->log && dup2(open(w->log, O_WRONLY | O_CREAT, 0600), STDERR_FILENO) < 0)
		return false;
	PROGRESS_AUTO p = progress_start("generating keys", w->total);
	for (uint64_t i = 0; now_ms() - started < w->ms; i++) {
		progress_step(p, i < w->total ? 1 : 0);
		nanosleep(&pause, NULL);
	}
	progress_end(&p);
	return p == NULL;
}

static void
progress_shows_how_many_and_how_long(void **state)
{
	struct work w = { "xterm", NULL, 800, 1000 };
	struct pty p;
	unsigned long done, seconds;
	char end;

	(void)state;
	pty_start(&p, do_work, &w);
	pty_expect(&p, "\rgenerating keys: ");
	const char *line = p.seen + p.matched;
	pty_expect(&p, " s left");
	assert_int_equal(sscanf(line, "%lu of 1000, %lu s lef%c", &done, &seconds, &end), 3);
	assert_true(done > 0 && done < 60);
	/* Half a second for the first `done`: so the rest takes at least so many seconds. */
	assert_true(seconds >= (1000 - done) / 2 / done);
	assert_true(seconds <= 120);
	assert_int_equal(pty_finish(&p), 0);
}

static void
progress_clears_its_line_at_the_end(void **state)
{
	struct work w = { "xterm", NULL, 800, 1000 };
	struct pty p;

	(void)state;
	pty_start(&p, do_work, &w);
	assert_int_equal(pty_finish(&p), 0);
	assert_null(strchr(p.seen, '\n'));
	const char *last = strrchr(p.seen, 'l'); /* of "left" */
	assert_non_null(last);
	assert_int_equal(p.seen[p.len - 1], '\r');
	size_t blank = strlen("generating keys: 1 of 1000, 1 s left");
	assert_true((size_t)(p.seen + p.len - last) > blank);
	assert_int_equal(strspn(last, "left"), 4);
	assert_int_equal(strspn(last + 4, "\r "), strlen(last + 4));
}

static void
progress_is_silent_for_short_work(void **state)
{
	struct work w = { "xterm", NULL, 100, 1000 };
	struct pty p;

	(void)state;
	pty_start(&p, do_work, &w);
	assert_int_equal(pty_finish(&p), 0);
	assert_string_equal(p.seen, "");
}

static void
progress_is_silent_without_a_capable_terminal(void **state)
{
	struct work kinds[] = { { "dumb", NULL, 600, 1000 }, { NULL, NULL, 600, 1000 },
		{ "xterm", support_path(state, "log"), 600, 1000 }, { "xterm", NULL, 600, 0 } };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct pty p;
		pty_start(&p, do_work, &kinds[i]);
		assert_int_equal(pty_finish(&p), 0);
		assert_string_equal(p.seen, "");
	}
	FILE *log = fopen(support_path(state, "log"), "re");
	assert_non_null(log);
	assert_int_equal(fgetc(log), EOF);
	fclose(log);
}

#define THREADS 4
#define STEPS 50000

static void *
step_often(void *p)
{
	for (size_t i = 0; i < STEPS; i++)
		progress_step(p, 1);
	return NULL;
}

static bool
step_from_threads(void *arg)
{
	const struct timespec pause = { .tv_nsec = 550000000 };
	pthread_t threads[THREADS];

	(void)arg;
	setenv("TERM", "xterm", 1);
	PROGRESS_AUTO p = progress_start("steps", THREADS * STEPS);
	nanosleep(&pause, NULL); /* past the silence, so that the last step draws */
	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, step_often, p) != 0)
			return false;
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return true;
}

static void
progress_counts_the_steps_of_all_threads(void **state)
{
	struct pty p;
	char all[64];

	(void)state;
	snprintf(all, sizeof(all), "steps: %d of %d ", THREADS * STEPS, THREADS * STEPS);
	pty_start(&p, step_from_threads, NULL);
	pty_expect(&p, all);
	assert_int_equal(pty_finish(&p), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(progress_shows_how_many_and_how_long),
		unit_in_dir(progress_clears_its_line_at_the_end),
		unit_in_dir(progress_is_silent_for_short_work),
		unit_in_dir(progress_is_silent_without_a_capable_terminal),
		unit_in_dir(progress_counts_the_steps_of_all_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
