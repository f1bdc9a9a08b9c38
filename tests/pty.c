/* SPDX-License-Identifier: ISC */
#include "tests/pty.h"

#include "tests/support.h"

#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

void
pty_start(struct pty *p, bool (*work)(void *arg), void *arg)
{
	*p = (struct pty){ 0 };
	fflush(NULL);
	p->child = forkpty(&p->master, NULL, NULL, NULL);
	assert_true(p->child >= 0);
	if (p->child == 0) {
		/* Who starts the tests in the background may have had these ignored. */
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 }); /* for tests that send SIGQUIT */
		_exit(work(arg) ? 0 : 1);
	}
	alarm(PTY_PATIENCE);
}

/* False once the child's side is closed (EIO). */
static bool
read_more(struct pty *p)
{
	assert_true(p->len < sizeof(p->seen) - 1);
	ssize_t n = read(p->master, p->seen + p->len, sizeof(p->seen) - 1 - p->len);
	if (n <= 0)
		return false;
	p->len += (size_t)n;
	p->seen[p->len] = '\0';
	return true;
}

void
pty_expect(struct pty *p, const char *text)
{
	const char *at;

	while (!(at = strstr(p->seen + p->matched, text)))
		if (!read_more(p))
			fail_msg("no \"%s\" in: %s", text, p->seen + p->matched);
	p->matched = (size_t)(at - p->seen) + strlen(text);
}

void
pty_type(struct pty *p, const char *text)
{
	assert_int_equal(write(p->master, text, strlen(text)), strlen(text));
}

bool
pty_echoes(const struct pty *p)
{
	struct termios t;

	assert_int_equal(tcgetattr(p->master, &t), 0);
	return (t.c_lflag & ECHO) != 0;
}

int
pty_finish(struct pty *p)
{
	int status;

	while (read_more(p))
		;
	assert_int_equal(waitpid(p->child, &status, 0), p->child);
	close(p->master);
	alarm(0);
	return status;
}
