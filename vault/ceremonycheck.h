/* SPDX-License-Identifier: ISC */
/*
 * ceremonycheck: would a ceremony of this plan run through, here and now? Nothing is written and
 * nobody is asked for a secret.
 *
 * Each thing looked at is a row with a verdict (doctor.h): the machine, the vault's folder, the
 * export folder, each custodian's medium, where they keep them, each domain's certificates.
 */
#ifndef VAULT_CEREMONYCHECK_H
#define VAULT_CEREMONYCHECK_H

#include "shares/medium.h"
#include "vault/ceremonyneed.h"
#include "vault/doctor.h"

struct ceremonycheck_row {
	char about[300]; /* "vault", "custodian-1", "example.org" */
	struct doctor_finding finding;
};

struct ceremonycheck {
	const struct plan *plan;
	const struct medium_host *host;
	struct doctor_subject machine; /* its `vault` is the folder to be made, or NULL */

	struct ceremonyneed need; /* from here on ceremonycheck's own */
	struct ceremonycheck_row *rows;
	size_t count, room;
	struct medium_look
		*looks; /* of each custodian's medium; empty where it was not looked at */
};
#define CEREMONYCHECK_AUTO __attribute__((cleanup(ceremonycheck_free))) struct ceremonycheck
void ceremonycheck_free(struct ceremonycheck *c);

/* `plan`, `host` and `machine` are set. Takes a few seconds. Findings are no failure. */
bool ceremonycheck_run(struct ceremonycheck *c, struct err *e) FALLIBLE;

/* How many rows are DOCTOR_FAIL. */
size_t ceremonycheck_failures(const struct ceremonycheck *c);

/* Minutes that people take: two for each step, and for each time a medium is inserted. */
unsigned ceremonycheck_minutes(const struct plan *p);

#define CEREMONYCHECK_SIZE_TEXT 24
/* "62.4 GiB", "40 KiB" */
void ceremonycheck_size(uint64_t bytes, char out[static CEREMONYCHECK_SIZE_TEXT]);

/* For ceremonycheck*.c: a new row, or NULL when out of memory; DOCTOR_OK and no text yet. */
struct doctor_finding *ceremonycheck_row(
	struct ceremonycheck *c, const char *about, struct err *e) FALLIBLE;
/* ceremonycheckmedia.c, ceremonycheckcerts.c */
bool ceremonycheck_media(struct ceremonycheck *c, struct err *e) FALLIBLE;
bool ceremonycheck_domains(struct ceremonycheck *c, struct err *e) FALLIBLE;

#endif
