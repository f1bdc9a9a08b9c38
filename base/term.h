/* SPDX-License-Identifier: ISC */
/*
 * term: talking with the person at the terminal: secrets and confirmations.
 *
 * Secrets are read from /dev/tty without echo, or one line from a file descriptor the caller names,
 * byte by byte, so that what follows on it stays unread. Never from argv or the environment. They
 * are bytes, UTF-8 or not, NUL included.
 * The terminal's settings are restored on every exit path, signals included: SIGINT, SIGTERM,
 * SIGHUP, SIGQUIT and SIGTSTP are held back while the echo is off and do what they do once it is
 * on again; who comes back from SIGTSTP is asked anew. Threads that run meanwhile must block them.
 * Prompts and questions are shown as they are: pass names from outside through term_safe.
 */
#ifndef BASE_TERM_H
#define BASE_TERM_H

#include "base/err.h"
#include "base/secret.h"

#include <stddef.h>

#define TERM_SECRET_MAX 1024 /* bytes of a passphrase; longer is ERR_FORMAT */

/* One line, without its LF. A NUL in it is ERR_FORMAT; an empty line, or an end before any byte, is
 * ERR_AUTH. */
bool term_read_line(int fd, struct secret *out, struct err *e) FALLIBLE;

/* Asks on the terminal, "PROMPT: ". With `twice` the answer is asked again until both agree (three
 * tries). Without a terminal: ERR_REFUSED, and the hint names `option` ("--passphrase-fd"). */
bool term_ask_secret(const char *prompt, bool twice, const char *option, struct secret *out,
	struct err *e) FALLIBLE;

/* From the descriptor `fd` when it is >= 0, else from the terminal. */
bool term_secret(int fd, const char *prompt, bool twice, const char *option, struct secret *out,
	struct err *e) FALLIBLE;

/* Asks for a line that is no secret, "QUESTION: ", and shows what is typed. An empty line is an
 * answer. No terminal, or its end: ERR_REFUSED. *out is malloc'd; it may hold any bytes. */
bool term_ask_line(const char *question, char **out, struct err *e) FALLIBLE;

/* Shows the question and wants `word` typed exactly. Anything else, or no terminal: ERR_REFUSED. */
bool term_confirm(const char *question, const char *word, struct err *e) FALLIBLE;

/* Text from outside (a share's field, a file's name) made safe to print: control bytes become '?'.
 * Returns `out`. */
const char *term_safe(char *out, size_t size, const char *text);

#endif
