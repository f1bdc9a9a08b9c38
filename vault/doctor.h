/* SPDX-License-Identifier: ISC */
/*
 * doctor: is this machine fit for a key ceremony? A table of checks, each with its verdict.
 *
 * A check looks and tells, and cannot fail: what it cannot find out is part of what it tells.
 */
#ifndef VAULT_DOCTOR_H
#define VAULT_DOCTOR_H

#include "base/json.h"

#include <stdint.h>
#include <stdio.h>

/* X(code, word) */
#define DOCTOR_VERDICTS(X)                                                                         \
	X(DOCTOR_OK, "ok")                                                                         \
	X(DOCTOR_INFO, "info") /* neither good nor bad */                                          \
	X(DOCTOR_WARN, "warn")                                                                     \
	X(DOCTOR_FAIL, "fail") /* commands that handle secrets refuse, or would go wrong */

enum doctor_verdict {
#define DOCTOR_ENUM(code, word) code,
	DOCTOR_VERDICTS(DOCTOR_ENUM)
#undef DOCTOR_ENUM
};

struct doctor_subject {
	const char *vault; /* its folder, or NULL */
	int64_t now;
	int64_t last_line;             /* time of the vault's last journal line, or CLOCK_NONE */
	bool allow_online, allow_swap; /* what these allow is a warning, not a failure */
};

struct doctor_finding {
	enum doctor_verdict verdict;
	char message[sizeof(struct err)]; /* a sentence, without its full stop */
};

typedef void doctor_look(const struct doctor_subject *s, struct doctor_finding *out);

struct doctor_check {
	const char *id; /* "card-readers" */
	doctor_look *look;
};
extern const struct doctor_check doctor_checks[]; /* id NULL ends */

/* What all of them find: *rows gets [{id, verdict, message}], `failed` the ids of those that
 * failed, with commas. */
bool doctor_look_all(
	const struct doctor_subject *s, json_t **rows, struct buf *failed, struct err *e) FALLIBLE;
/* The rows for people, at most 80 columns wide. */
void doctor_print(const json_t *rows, FILE *to);

const char *doctor_word(enum doctor_verdict v);

/* For the checks: what they have found. Control characters in it are replaced (err_clean). */
void doctor_tell(struct doctor_finding *out, enum doctor_verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The message and hint of an err: a failure, or a warning when it is `allowed`. */
void doctor_tell_err(struct doctor_finding *out, bool allowed, const struct err *cause);

/* doctorguard.c: what guards secrets while they are handled */
doctor_look doctor_network, doctor_swap, doctor_core_dumps, doctor_memory_lock, doctor_rng;
/* doctormachine.c */
doctor_look doctor_clock, doctor_disk, doctor_memory, doctor_readers, doctor_hypervisor,
	doctor_system;
/* doctorlibs.c */
doctor_look doctor_libraries;

#endif
