/* SPDX-License-Identifier: ISC */
#include "tests/fault.h"

#include "tests/support.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <seccomp.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOTIFY_API 5 /* seccomp_api_get: user notification */
#define BROKEN 99    /* exit status when the faults themselves could not be set up */

struct supervisor {
	const struct fault *faults;
	unsigned *seen; /* one for each fault */
	size_t count;
	int notify;
	sem_t ready;
	struct fault_report *report;
};

static bool
matches(const struct fault *f, const struct seccomp_data *call)
{
	return f->call == call->nr && (call->args[f->arg] & f->bits) == f->bits;
}

/* The outcome of this call, after noting it. */
static int
decide(struct supervisor *s, const struct seccomp_data *call)
{
	int outcome = FAULT_WATCH;
	bool noted = false;

	for (size_t i = 0; i < s->count; i++) {
		const struct fault *f = &s->faults[i];
		if (!matches(f, call))
			continue;
		if (!noted && s->report->count < FAULT_TRACE)
			s->report->trace[s->report->count++] = call->nr;
		noted = true;
		s->seen[i]++;
		if (f->outcome != FAULT_WATCH && (f->when == 0 || f->when == s->seen[i]))
			outcome = f->outcome;
	}
	return outcome;
}

static void *
supervise(void *arg)
{
	struct supervisor *s = arg;
	struct seccomp_notif *call;
	struct seccomp_notif_resp *answer;

	while (sem_wait(&s->ready) != 0)
		;
	if (seccomp_notify_alloc(&call, &answer) != 0)
		_exit(BROKEN);
	for (;;) {
		memset(call, 0, sizeof(*call));
		if (seccomp_notify_receive(s->notify, call) != 0)
			continue;
		int outcome = decide(s, &call->data);
		if (outcome != FAULT_WATCH)
			s->report->fired++;
		if (outcome == FAULT_KILL)
			kill(getpid(), SIGKILL);
		memset(answer, 0, sizeof(*answer));
		answer->id = call->id;
		answer->error = -outcome;
		if (outcome == FAULT_WATCH)
			answer->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		seccomp_notify_respond(s->notify, answer);
	}
}

static void
check(bool ok)
{
	if (!ok)
		_exit(BROKEN);
}

static void
install(struct supervisor *s)
{
	pthread_t thread;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	check(filter && sem_init(&s->ready, 0, 0) == 0);
	/* Before the filter, so that it is not under it. */
	check(pthread_create(&thread, NULL, supervise, s) == 0);
	for (size_t i = 0; i < s->count; i++)
		check(seccomp_rule_add(filter, SCMP_ACT_NOTIFY, s->faults[i].call, 0) == 0);
	check(seccomp_load(filter) == 0);
	s->notify = seccomp_notify_fd(filter);
	check(s->notify >= 0 && sem_post(&s->ready) == 0);
}

static void
run_child(const struct fault *faults, size_t count, bool (*work)(void *arg), void *arg,
	struct fault_report *report)
{
	struct supervisor s = { .faults = faults, .count = count, .report = report };

	s.seen = calloc(count + 1, sizeof(*s.seen));
	check(s.seen != NULL);
	if (count > 0)
		install(&s);
	_exit(work(arg) ? 0 : 1);
}

void
fault_run(const struct fault *faults, size_t count, bool (*work)(void *arg), void *arg,
	struct fault_report *out)
{
	struct fault_report *shared = mmap(
		NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(shared != MAP_FAILED);
	if (count > 0 &&
		seccomp_api_get() < NOTIFY_API) { /* valgrind; every kernel we run on has it */
		fputs("# skipped: the kernel hands over no system calls\n", stderr);
		skip();
	}
	fflush(NULL);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		run_child(faults, count, work, arg, shared);
	assert_int_equal(waitpid(child, &shared->status, 0), child);
	memcpy(out, shared, sizeof(*out));
	munmap(shared, sizeof(*shared));
	assert_false(WIFEXITED(out->status) && WEXITSTATUS(out->status) == BROKEN);
}
