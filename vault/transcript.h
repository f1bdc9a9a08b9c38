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

#include "vault/store.h"

#define TRANSCRIPT_FORMAT "coldspare-transcript-1"

/* Of a vault that a ceremony has made, up to the journal's last line. */
bool transcript_make(const struct store *s, json_t **out, struct err *e) FALLIBLE;

/* The digests that people compare: [{"of", "hex"}], borrowed from the transcript. */
const json_t *transcript_digests(const json_t *transcript);

/* transcriptprint.c: both show the same sections, digests as everywhere (digest.h). */
bool transcript_text(const json_t *transcript, struct buf *out, struct err *e) FALLIBLE;
/* One file for A4, nothing fetched, with lines for signatures. */
bool transcript_html(const json_t *transcript, struct buf *out, struct err *e) FALLIBLE;

#endif
