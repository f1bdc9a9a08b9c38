/* SPDX-License-Identifier: ISC */
/*
 * ceremonyrun: what the steps of a running ceremony share. Private to ceremony*.c.
 */
#ifndef VAULT_CEREMONYRUN_H
#define VAULT_CEREMONYRUN_H

#include "vault/ceremonysteps.h"
#include "vault/media.h"
#include "vault/store.h"

#include <stdio.h>

struct ceremony {
	struct media media; /* first: its host calls for media, and finds its way back to here */
	const struct opts *options;
	const struct plan *plan;
	const char *dir;                    /* the vault's folder */
	const char *export_dir;             /* where the manifest goes */
	const char *specs[SHARE_COUNT_MAX]; /* each custodian's medium; NULL: asked for */
	const struct signer_kdf *kdf;
	bool alone; /* --yes: nobody is asked */
	bool rehearsal;
	bool online; /* --allow-online */
	FILE *out;   /* what is said */
	bool colour;

	struct store store;
	bool have_store;
	bool resumed; /* the vault was there */
	struct signer signer;
	struct entropy *entropy;
	char program[ENCODE_HASH_HEX]; /* digest of what runs */
	json_t *machine;               /* what doctor found */
	json_t *steps; /* done, and in no line of the journal yet: [{step, at, custodian?}] */
	enum ceremony_step_id called; /* the last step that media were called for in */
};

/* ceremonytalk.c: what is said and asked -------------------------------------------------- */

/* "Step 3 of 14: Confirm date and time", and who does what. */
void ceremony_announce(struct ceremony *c, enum ceremony_step_id id);
/* One paragraph, at most 80 columns wide. */
void ceremony_say(struct ceremony *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A line of a list: `label` and what it is. */
void ceremony_row(struct ceremony *c, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A digest (64 hex digits), as it is shown everywhere. */
bool ceremony_digest(
	struct ceremony *c, const char *label, const char *hex, struct err *e) FALLIBLE;
/* The step's question: an exact yes goes on, a no is ERR_REFUSED, anything else is asked again. */
bool ceremony_ask(struct ceremony *c, enum ceremony_step_id id, struct err *e) FALLIBLE;
/* What the host of the media does: see medium.h. */
bool ceremony_call(const struct medium_host *h, const struct medium_call *call, char **out,
	struct err *e) FALLIBLE;
void ceremony_hear(const struct medium_host *h, const char *line);
void ceremony_called(const struct medium_host *h, const struct medium_call *call, const char *spec);

/* ceremonylog.c: what the journal keeps of it ---------------------------------------------- */

/* Notes that a step is done, now; `custodian` may be NULL. */
bool ceremony_done(struct ceremony *c, enum ceremony_step_id id, const char *custodian,
	struct err *e) FALLIBLE;
/* Writes the line `step` with all steps noted since the last one. */
bool ceremony_log(struct ceremony *c, const char *step, struct err *e) FALLIBLE;
/* The digest of the very bytes that run, for who wants to compare them with what was reviewed. */
bool ceremony_hash_program(struct ceremony *c, struct err *e) FALLIBLE;
/* The line that a run of the ceremony begins with: program, machine, steps so far. */
bool ceremony_log_start(struct ceremony *c, struct err *e) FALLIBLE;

/* The steps -------------------------------------------------------------------------------- */

/* ceremonyfound.c: finds the vault that an interrupted run has left: *c has it open then. What a
 * run left that did not come as far as line 1 goes. */
bool ceremonyfound_look(struct ceremony *c, struct err *e) FALLIBLE;
/* Asks for the passphrase, a new one where there is no vault, and for dice. */
bool ceremonyfound_unlock(struct ceremony *c, struct secret *passphrase, struct err *e) FALLIBLE;
/* Makes the vault's folder where there is none. */
bool ceremonyfound_make(
	struct ceremony *c, const struct secret *passphrase, struct err *e) FALLIBLE;

/* ceremonykeys.c: all keys, the signing key among them, in one batch. */
bool ceremonykeys_run(struct ceremony *c, struct err *e) FALLIBLE;

/* ceremonypolicy.c: what the plan says of custodians and domains, where the vault does not yet. */
bool ceremonypolicy_set(struct ceremony *c, struct err *e) FALLIBLE;

/* ceremonypins.c. The check: every file that the plan names is what it has to be, and every domain
 * has a pin in its served chain, without which it could not be published. */
bool ceremonypins_check(struct ceremony *c, struct err *e) FALLIBLE;
bool ceremonypins_run(struct ceremony *c, struct err *e) FALLIBLE;

/* ceremonyexport.c */
bool ceremonyexport_run(struct ceremony *c, struct err *e) FALLIBLE;

/* ceremonyend.c: the transcript, and the digests to compare. */
bool ceremonyend_run(struct ceremony *c, struct err *e) FALLIBLE;

#endif
