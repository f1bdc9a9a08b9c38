/* SPDX-License-Identifier: ISC */
#include "base/term.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define TRIES 3

static int
open_tty(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
}

/* One line from `fd`. When `wake` (a descriptor, or -1) becomes readable first, *woken is set and
 * *out untouched. */
static bool
read_line(int fd, int wake, struct secret *out, bool *woken, struct err *e)
{
	SECRET_AUTO line = SECRET_NONE;
	size_t len = 0;

	if (!secret_new(&line, TERM_SECRET_MAX + 1, e))
		return false;
	for (;;) {
		struct pollfd on[] = { { .fd = wake, .events = POLLIN },
			{ .fd = fd, .events = POLLIN } };
		if (poll(on, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_errno(e, "waiting for input");
		}
		if (on[0].revents != 0) {
			*woken = true;
			return true;
		}
		ssize_t n = read(fd, line.data + len, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return err_errno(e, "reading");
		if (n == 0 || line.data[len] == '\n')
			break;
		if (++len > TERM_SECRET_MAX)
			return err_set(e, ERR_FORMAT, "longer than %d bytes", TERM_SECRET_MAX);
	}
	if (len == 0)
		return err_set(e, ERR_AUTH, "nothing was given");
	if (memchr(line.data, '\0', len))
		return err_set(
			e, ERR_FORMAT, "a NUL byte is in it, which other programs cannot take");
	secret_shorten(&line, len);
	secret_move(out, &line);
	return true;
}

bool
term_read_line(int fd, struct secret *out, struct err *e)
{
	bool woken;

	return read_line(fd, -1, out, &woken, e) || err_wrap(e, "descriptor %d", fd);
}

/* A terminal whose echo is off, and the signals that wait until it is on again. */
struct quiet {
	int tty;
	int signals; /* readable when one waits; never read, so that it stays pending */
	sigset_t mask;
	struct termios saved;
};

static bool
quiet_begin(struct quiet *q, int tty, struct err *e)
{
	static const int held[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	sigset_t set;
	struct termios silent;

	*q = (struct quiet){ .tty = tty };
	if (tcgetattr(tty, &q->saved) != 0)
		return err_errno(e, "asking the terminal for its settings");
	sigemptyset(&set);
	pthread_sigmask(SIG_BLOCK, NULL, &q->mask);
	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		if (!sigismember(&q->mask, held[i])) /* blocked by others, it would wait for ever */
			sigaddset(&set, held[i]);
	q->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (q->signals < 0)
		return err_errno(e, "holding back signals");
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	silent = q->saved;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	if (tcsetattr(tty, TCSANOW, &silent) == 0) {
		tcflush(tty, TCIFLUSH); /* what was typed while everybody could see it */
		return true;
	}
	err_errno(e, "switching off the terminal's echo");
	pthread_sigmask(SIG_SETMASK, &q->mask, NULL);
	close(q->signals);
	return false;
}

/* Input that was not read is dropped: it must not end up in the shell. */
static void
quiet_end(struct quiet *q)
{
	tcflush(q->tty, TCIFLUSH);
	tcsetattr(q->tty, TCSANOW, &q->saved);
	dprintf(q->tty, "\n");
	close(q->signals);
	pthread_sigmask(SIG_SETMASK, &q->mask, NULL); /* here a signal that waited strikes */
}

static bool
ask(int tty, const char *prompt, const char *more, struct secret *out, struct err *e)
{
	for (;;) {
		struct quiet q;
		bool woken = false;

		if (!quiet_begin(&q, tty, e))
			return false;
		dprintf(tty, "%s%s: ", prompt, more);
		bool done = read_line(tty, q.signals, out, &woken, e);
		quiet_end(&q);
		if (!done)
			return err_wrap(e, "%s", prompt);
		if (!woken)
			return true;
	}
}

static bool
same(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && sodium_memcmp(a->data, b->data, a->len) == 0;
}

bool
term_ask_secret(
	const char *prompt, bool twice, const char *option, struct secret *out, struct err *e)
{
	AUTO_FD tty = open_tty();

	if (tty < 0) {
		err_set(e, ERR_REFUSED, "%s: there is no terminal to ask on", prompt);
		return err_hint(e, "give it on a file descriptor, with %s", option);
	}
	for (int i = 0; i < TRIES; i++) {
		SECRET_AUTO first = SECRET_NONE, second = SECRET_NONE;
		if (!ask(tty, prompt, "", &first, e))
			return false;
		if (twice && !ask(tty, prompt, " (again)", &second, e))
			return false;
		if (!twice || same(&first, &second)) {
			secret_move(out, &first);
			return true;
		}
		dprintf(tty, "The two differ.\n");
	}
	return err_set(e, ERR_AUTH, "%s: the two answers differ", prompt);
}

bool
term_secret(int fd, const char *prompt, bool twice, const char *option, struct secret *out,
	struct err *e)
{
	if (fd < 0)
		return term_ask_secret(prompt, twice, option, out, e);
	return term_read_line(fd, out, e) || err_wrap(e, "%s", prompt);
}

bool
term_ask_line(const char *question, char **out, struct err *e)
{
	AUTO_FD tty = open_tty();
	AUTO_STR line = calloc(1, TERM_SECRET_MAX + 1);
	size_t len = 0;

	if (tty < 0)
		return err_set(e, ERR_REFUSED, "there is no terminal to ask on");
	if (!line)
		return err_set(e, ERR_MEMORY, "out of memory");
	tcflush(tty, TCIFLUSH); /* an answer from before the question is none */
	dprintf(tty, "%s: ", question);
	for (;;) {
		ssize_t n = read(tty, line + len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(e, ERR_REFUSED, "there was no answer");
		if (line[len] == '\n')
			break;
		if (++len > TERM_SECRET_MAX - 1)
			return err_set(e, ERR_REFUSED, "the answer is too long");
	}
	line[len] = '\0';
	*out = line;
	line = NULL;
	return true;
}

bool
term_confirm(const char *question, const char *word, struct err *e)
{
	AUTO_FD tty = open_tty();
	SECRET_AUTO line = SECRET_NONE;
	struct err why;
	bool woken;

	if (tty < 0)
		return err_set(e, ERR_REFUSED, "not confirmed: there is no terminal to ask on");
	tcflush(tty, TCIFLUSH); /* an answer from before the question is none */
	dprintf(tty, "%s\nType %s to go on: ", question, word);
	bool answered = read_line(tty, -1, &line, &woken, &why);
	tcflush(tty, TCIFLUSH);
	if (!answered || line.len != strlen(word) || memcmp(line.data, word, line.len) != 0)
		return err_set(e, ERR_REFUSED, "not confirmed");
	return true;
}

const char *
term_safe(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
	err_clean(out);
	return out;
}
