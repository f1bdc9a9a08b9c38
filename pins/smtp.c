/* SPDX-License-Identifier: ISC */
#include "pins/smtp.h"

#include "base/term.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MAX_SMTP 1000 /* RFC 5321 section 4.5.3.1.6 is half of that */
#define LINES_MAX 100
#define HELLO "EHLO localhost\r\n"

/* One line, byte by byte, so that nothing beyond it is read before TLS. */
FALLIBLE static bool
read_line(int fd, char line[static LINE_MAX_SMTP], struct err *e)
{
	for (size_t len = 0; len < LINE_MAX_SMTP - 1;) {
		ssize_t n = recv(fd, line + len, 1, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "reading the mail server's answer");
		if (n == 0)
			return err_set(e, ERR_IO, "the mail server hung up");
		if (line[len++] != '\n')
			continue;
		line[len] = '\0';
		return true;
	}
	return err_set(e, ERR_IO, "the mail server's line is too long");
}

/* A whole reply, of the code wanted. Whether one of its lines says `word` goes to *said. */
FALLIBLE static bool
expect(int fd, const char *code, const char *word, bool *said, struct err *e)
{
	char line[LINE_MAX_SMTP], safe[LINE_MAX_SMTP];
	for (int i = 0; i < LINES_MAX; i++) {
		if (!read_line(fd, line, e))
			return false;
		if (strncmp(line, code, 3) != 0)
			return err_set(e, ERR_IO, "the mail server answers: %.200s",
				term_safe(safe, sizeof safe, line));
		line[strcspn(line, "\r\n")] = '\0';
		*said |= strlen(line) > 4 && strcasecmp(line + 4, word) == 0;
		if (line[3] != '-')
			return true;
	}
	return err_set(e, ERR_IO, "the mail server's answer does not end");
}

FALLIBLE static bool
say(int fd, const char *text, struct err *e)
{
	size_t len = strlen(text);
	return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len ||
	       err_errno(e, "writing to the mail server");
}

bool
smtp_starttls(int fd, struct err *e)
{
	bool offered = false, ignored = false;
	char byte;
	if (!expect(fd, "220", "", &ignored, e) || !say(fd, HELLO, e) ||
		!expect(fd, "250", "STARTTLS", &offered, e))
		return false;
	if (!offered)
		return err_set(e, ERR_IO, "the mail server does not offer STARTTLS");
	if (!say(fd, "STARTTLS\r\n", e) || !expect(fd, "220", "", &ignored, e))
		return false;
	if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
		return err_set(e, ERR_IO, "the mail server goes on in plain text before TLS");
	return true;
}
