/* SPDX-License-Identifier: ISC */
/*
 * err: the one error type: what happened, what to do next, and the exit status.
 *
 * A function that can fail returns bool, is FALLIBLE, and takes `struct err *` last. It fills the
 * err and returns false; on success the err is untouched. Only program.c prints one.
 * Messages never carry secret bytes. Control characters in them (a hostile file name, a field of
 * a share) are replaced by '?', so that a message cannot drive the terminal.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/* X(code, exit status, short name used in --json). Statuses are those of sysexits(3) where one
 * fits. */
#define ERR_TABLE(X)                                                                               \
	X(ERR_USAGE, 64, "usage")                                                                  \
	X(ERR_FORMAT, 65, "malformed")                                                             \
	X(ERR_MISSING, 66, "missing")                                                              \
	X(ERR_DEVICE, 69, "device")                                                                \
	X(ERR_INTERNAL, 70, "internal")                                                            \
	X(ERR_MEMORY, 71, "memory")                                                                \
	X(ERR_EXISTS, 73, "exists")                                                                \
	X(ERR_IO, 74, "io")                                                                        \
	X(ERR_BUSY, 75, "busy")                                                                    \
	X(ERR_AUTH, 77, "not-authentic")                                                           \
	X(ERR_REFUSED, 78, "refused")

enum err_code {
	ERR_NONE = 0,
#define ERR_ENUM(code, status, name) code,
	ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
};

struct err {
	enum err_code code;
	char message[1024];
	char hint[512]; /* empty when there is nothing to advise */
};

#define FALLIBLE __attribute__((warn_unused_result))

/* Sets code and message and clears the hint. Always returns false. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set, with ": " and strerror(errno) appended; errno picks the code: ENOENT and ENOTDIR
 * MISSING, EEXIST EXISTS, ENOMEM MEMORY, anything else IO. */
bool err_errno(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* As err_set, with OpenSSL's oldest queued reason appended where there is one; empties the queue.
 */
bool err_openssl(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "context: " before the message of an err that is set already. Always returns false. */
bool err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets the hint of an err that is set already. Always returns false. */
bool err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Replaces by '?', in place, what must not reach a terminal or a JSON text: control characters (C0,
 * DEL, C1), those that change the direction of writing, and bytes that are not UTF-8. */
void err_clean(char *text);

/* Whether err_clean would leave `text` as it is. */
bool err_is_clean(const char *text);

int err_status(enum err_code code);       /* exit status: 0 for ERR_NONE */
const char *err_name(enum err_code code); /* the word used in --json */

#endif
