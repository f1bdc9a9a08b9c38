/* SPDX-License-Identifier: ISC */
/*
 * logtext: one line of the journal as a sentence for people.
 */
#ifndef VAULT_LOGTEXT_H
#define VAULT_LOGTEXT_H

#include "vault/journal.h"

/* Without time and number. Never fails: what a line lacks is shown as "?". Printable. */
void logtext_sentence(const struct journal_line *line, struct buf *out);

#endif
