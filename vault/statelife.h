/* SPDX-License-Identifier: ISC */
/*
 * statelife: the lines that move a key along its life. Private to state*.c.
 */
#ifndef VAULT_STATELIFE_H
#define VAULT_STATELIFE_H

#include "vault/state.h"

bool statelife_attach(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;
bool statelife_promote(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;
bool statelife_retire(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;
bool statelife_compromise(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;
bool statelife_released(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;
bool statelife_destroy(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;
bool statelife_csr(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

/* A manifest was signed: where it is safe again, what was compromised excuses nothing any more. */
void statelife_exported(struct state *s);
/* A key that was taken in takes the place of its own pin, where the domain had it from outside. */
void statelife_adopt(struct state *s, struct state_key *k);
/* `by` is active now: what else was, under this algorithm, is retired and stays pinned. */
void statelife_displace(struct state_domain *d, const char *algorithm, const struct pin *by);

#endif
