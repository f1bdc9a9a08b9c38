/* SPDX-License-Identifier: ISC */
/*
 * transcript: what happened at a ceremony, from the journal's lines alone: as JSON, as text, and as
 * HTML to be printed (docs/FORMAT.md, "Transcript").
 *
 * Never a secret; but contacts and locations are in it, so it stays with the vault and whoever was
 * there, and goes into no export.
 */
#ifndef VAULT_TRANSCRIPT_H
#define VAULT_TRANSCRIPT_H

#include "vault/sheet.h"
#include "vault/store.h"

#define TRANSCRIPT_FORMAT "coldspare-transcript-1"

/* Of a vault that a ceremony has made, up to the journal's last line. */
bool transcript_make(const struct store *s, json_t **out, struct err *e) FALLIBLE;

/* The digests that people compare: [{"of", "hex"}], borrowed from the transcript. */
const json_t *transcript_digests(const json_t *transcript);

/* transcriptsheet.c: for people, with lines for their signatures. */
bool transcript_write(const json_t *transcript, const struct sheet_form *form, struct buf *out,
	struct err *e) FALLIBLE;

#endif
