/* SPDX-License-Identifier: ISC */
#include "base/term.h"

#include "tests/fault.h"
#include "tests/pty.h"
#include "tests/scan.h"
#include "tests/support.h"

#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child asks, and what it must get: `want`, or else an err with this code and text. */
struct question {
	bool twice;
	bool after_typing; /* waits until something was typed before it asks */
	bool drained;      /* nothing may be left to read afterwards */
	const char *want;
	enum err_code code;
	const char *part;
};

static bool
typed_something(int patience_ms)
{
	struct pollfd tty = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&tty, 1, patience_ms) == 1;
}

static bool
got(const struct question *q, bool ok, const struct secret *s, const struct err *why)
{
	if (!q->want)
		return !ok && why->code == q->code && strstr(why->message, q->part) && !s->data;
	return ok && s->len == strlen(q->want) && memcmp(s->data, q->want, s->len) == 0;
}

static bool
ask(void *arg)
{
	const struct question *q = arg;
	SECRET_AUTO s = SECRET_NONE;
	struct err why;

	if (q->after_typing && !typed_something(-1))
		return false;
	bool ok = term_ask_secret("Passphrase", q->twice, "--passphrase-fd", &s, &why);
	bool right = got(q, ok, &s, &why) && (!q->drained || !typed_something(0));
	secret_free(&s);
	return right && secret_live() == 0;
}

static bool
confirm(void *arg)
{
	const struct question *q = arg;
	struct secret none = SECRET_NONE;
	struct err why;

	if (q->after_typing && !typed_something(-1))
		return false;
	bool ok = term_confirm("Checked against nothing.", "yes", &why);
	return (q->want ? ok : got(q, ok, &none, &why)) && secret_live() == 0;
}

static void
ask_shows_no_byte_of_the_answer(void **state)
{
	struct question q = { .want = "p\xc3\xa4ss w\xc3\xb6rd" };
	struct pty p;

	(void)state;
	pty_start(&p, ask, &q);
	pty_expect(&p, "Passphrase: ");
	assert_false(pty_echoes(&p));
	pty_type(&p, q.want);
	pty_type(&p, "\n");
	pty_expect(&p, "\r\n");
	assert_int_equal(pty_finish(&p), 0);
	assert_string_equal(p.seen, "Passphrase: \r\n");
}

static void
ask_switches_the_echo_on_again(void **state)
{
	const char *answers[] = { "right\n", "\n", "\x04", NULL };

	(void)state;
	for (size_t i = 0; answers[i]; i++) {
		struct question q = { .want = i == 0 ? "right" : NULL,
			.code = ERR_AUTH,
			.part = "Passphrase: nothing was given" };
		struct pty p;
		pty_start(&p, ask, &q);
		pty_expect(&p, "Passphrase: ");
		pty_type(&p, answers[i]);
		pty_expect(&p, "\n");
		assert_true(pty_echoes(&p));
		assert_int_equal(pty_finish(&p), 0);
	}
}

static void
ask_twice_wants_the_same_answer_twice(void **state)
{
	struct question q = { .twice = true, .want = "second" };
	struct question never = { .twice = true, .code = ERR_AUTH, .part = "differ" };
	struct pty p;

	(void)state;
	pty_start(&p, ask, &q);
	pty_expect(&p, "Passphrase: ");
	pty_type(&p, "first\n");
	pty_expect(&p, "Passphrase (again): ");
	pty_type(&p, "firsT\n");
	pty_expect(&p, "differ");
	pty_expect(&p, "Passphrase: ");
	pty_type(&p, "second\n");
	pty_expect(&p, "Passphrase (again): ");
	pty_type(&p, "second\n");
	assert_int_equal(pty_finish(&p), 0);

	pty_start(&p, ask, &never);
	for (size_t i = 0; i < 3; i++) {
		pty_expect(&p, "Passphrase: ");
		pty_type(&p, "one\n");
		pty_expect(&p, "Passphrase (again): ");
		pty_type(&p, "one more\n");
	}
	assert_int_equal(pty_finish(&p), 0);
}

static void
ask_leaves_nothing_of_a_long_answer_to_the_shell(void **state)
{
	char answer[1500 + 2];
	struct question q = { .drained = true, .code = ERR_FORMAT, .part = "longer than 1024" };
	struct pty p;

	(void)state;
	memset(answer, 'x', 1500);
	memcpy(answer + 1500, "\n", 2);
	pty_start(&p, ask, &q);
	pty_expect(&p, "Passphrase: ");
	pty_type(&p, answer);
	assert_int_equal(pty_finish(&p), 0);
	assert_null(strchr(p.seen, 'x'));
}

static void
ask_takes_no_answer_from_before_the_question(void **state)
{
	struct question q = { .after_typing = true, .want = "late" };
	struct pty p;

	(void)state;
	pty_start(&p, ask, &q);
	pty_type(&p, "early\n");
	pty_expect(&p, "Passphrase: ");
	pty_type(&p, "late\n");
	assert_int_equal(pty_finish(&p), 0);
}

static void
signals_at_the_prompt_find_the_echo_on_and_do_what_they_do(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct question q = { .want = "never" };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct pty p;
		pty_start(&p, ask, &q);
		pty_expect(&p, "Passphrase: ");
		pty_type(&p, "half an ans");
		assert_false(pty_echoes(&p));
		assert_int_equal(kill(p.child, signals[i]), 0);
		pty_expect(&p, "\n");
		assert_true(pty_echoes(&p));
		int status = pty_finish(&p);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), signals[i]);
	}
}

static volatile sig_atomic_t handled;

static void
note_signal(int number)
{
	(void)number;
	handled = 1;
}

static bool
ask_with_a_handler(void *arg)
{
	const struct sigaction action = { .sa_handler = note_signal };

	return sigaction(SIGTERM, &action, NULL) == 0 && ask(arg) && handled;
}

static void
who_survives_a_signal_is_asked_anew(void **state)
{
	struct question q = { .want = "answer" };
	struct pty p;

	(void)state;
	pty_start(&p, ask_with_a_handler, &q);
	pty_expect(&p, "Passphrase: ");
	assert_int_equal(kill(p.child, SIGTERM), 0);
	pty_expect(&p, "Passphrase: ");
	assert_false(pty_echoes(&p));
	pty_type(&p, "answer\n");
	assert_int_equal(pty_finish(&p), 0);
}

static bool
ask_with_a_signal_blocked(void *arg)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	return sigprocmask(SIG_BLOCK, &set, NULL) == 0 && ask(arg) && sigpending(&set) == 0 &&
	       sigismember(&set, SIGTERM);
}

static void
a_signal_that_the_caller_blocks_stays_blocked(void **state)
{
	struct question q = { .want = "answer" };
	struct pty p;

	(void)state;
	pty_start(&p, ask_with_a_signal_blocked, &q);
	pty_expect(&p, "Passphrase: ");
	assert_int_equal(kill(p.child, SIGTERM), 0);
	pty_type(&p, "answer\n");
	assert_int_equal(pty_finish(&p), 0);
	assert_string_equal(p.seen, "Passphrase: \r\n"); /* asked once */
}

/* A job-control shell in little: the question runs in a process group of its own, in the
 * foreground, and what stops it is told. */
static bool
ask_under_a_shell(void *arg)
{
	int status;

	signal(SIGTTOU, SIG_IGN);
	pid_t job = fork();
	if (job == 0) {
		setpgid(0, 0);
		tcsetpgrp(STDIN_FILENO, getpid());
		signal(SIGTTOU, SIG_DFL);
		_exit(ask(arg) ? 0 : 1);
	}
	while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status))
		dprintf(STDOUT_FILENO, "stopped %d.\n", (int)job);
	return status == 0;
}

static void
a_stop_at_the_prompt_finds_the_echo_on_and_asks_anew_afterwards(void **state)
{
	struct question q = { .want = "answer" };
	struct pty p;
	int job;

	(void)state;
	pty_start(&p, ask_under_a_shell, &q);
	pty_expect(&p, "Passphrase: ");
	pty_type(&p, "half\x1a"); /* ^Z */
	pty_expect(&p, "stopped ");
	const char *number = p.seen + p.matched;
	pty_expect(&p, ".");
	assert_int_equal(sscanf(number, "%d", &job), 1);
	assert_true(pty_echoes(&p));
	assert_int_equal(kill(job, SIGCONT), 0);
	pty_expect(&p, "Passphrase: ");
	assert_false(pty_echoes(&p));
	pty_type(&p, "answer\n");
	assert_int_equal(pty_finish(&p), 0);
}

static bool
ask_and_scan(void *arg)
{
	SECRET_AUTO s = SECRET_NONE;
	struct err why;

	(void)arg;
	return term_ask_secret("Passphrase", true, "--passphrase-fd", &s, &why) && s.len == 32 &&
	       scan_copies(s.data, s.len) == 0;
}

static void
answers_are_in_locked_memory_and_nowhere_else(void **state)
{
	uint8_t random[16];
	char answer[34];
	struct pty p;

	(void)state;
	pty_start(&p, ask_and_scan, NULL);
	randombytes_buf(random, sizeof(random)); /* only now: the child never had it */
	sodium_bin2hex(answer, 33, random, sizeof(random));
	memcpy(answer + 32, "\n", 2);
	pty_expect(&p, "Passphrase: ");
	pty_type(&p, answer);
	pty_expect(&p, "Passphrase (again): ");
	pty_type(&p, answer);
	assert_int_equal(pty_finish(&p), 0);
}

static bool
ask_without_a_terminal(void *arg)
{
	SECRET_AUTO s = SECRET_NONE;
	struct err why;

	(void)arg;
	return setsid() >= 0 &&
	       !term_secret(-1, "Passphrase", false, "--passphrase-fd", &s, &why) &&
	       why.code == ERR_REFUSED && strstr(why.message, "Passphrase") &&
	       strstr(why.hint, "--passphrase-fd") && !term_confirm("Sure?", "yes", &why) &&
	       why.code == ERR_REFUSED && strstr(why.message, "terminal");
}

static void
without_a_terminal_there_is_neither_question_nor_consent(void **state)
{
	struct fault_report r;

	(void)state;
	fault_run(NULL, 0, ask_without_a_terminal, NULL, &r);
	assert_int_equal(r.status, 0);
}

static void
confirm_wants_the_very_word(void **state)
{
	const char *others[] = { "no\n", "y\n", "Yes\n", "yes \n", "yesyes\n", "\n", "\x04", NULL };
	struct question yes = { .want = "yes" };
	struct question no = { .code = ERR_REFUSED, .part = "not confirmed" };
	struct pty p;

	(void)state;
	pty_start(&p, confirm, &yes);
	pty_expect(&p, "Checked against nothing.");
	pty_expect(&p, "Type yes to go on: ");
	assert_true(pty_echoes(&p));
	pty_type(&p, "yes\n");
	assert_int_equal(pty_finish(&p), 0);
	for (size_t i = 0; others[i]; i++) {
		pty_start(&p, confirm, &no);
		pty_expect(&p, "Type yes to go on: ");
		pty_type(&p, others[i]);
		assert_int_equal(pty_finish(&p), 0);
	}
}

static void
confirm_takes_no_answer_from_before_the_question(void **state)
{
	struct question q = { .after_typing = true, .code = ERR_REFUSED, .part = "not confirmed" };
	struct pty p;

	(void)state;
	pty_start(&p, confirm, &q);
	pty_type(&p, "yes\n");
	pty_expect(&p, "Type yes to go on: ");
	pty_type(&p, "no\n");
	assert_int_equal(pty_finish(&p), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(ask_shows_no_byte_of_the_answer),
		unit(ask_switches_the_echo_on_again),
		unit(ask_twice_wants_the_same_answer_twice),
		unit(ask_leaves_nothing_of_a_long_answer_to_the_shell),
		unit(ask_takes_no_answer_from_before_the_question),
		unit(signals_at_the_prompt_find_the_echo_on_and_do_what_they_do),
		unit(who_survives_a_signal_is_asked_anew),
		unit(a_signal_that_the_caller_blocks_stays_blocked),
		unit(a_stop_at_the_prompt_finds_the_echo_on_and_asks_anew_afterwards),
		unit(answers_are_in_locked_memory_and_nowhere_else),
		unit(without_a_terminal_there_is_neither_question_nor_consent),
		unit(confirm_wants_the_very_word),
		unit(confirm_takes_no_answer_from_before_the_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
