/* SPDX-License-Identifier: ISC */
/*
 * statedomain: the names of a domain, and which keys are its. Private to state*.c.
 */
#ifndef VAULT_STATEDOMAIN_H
#define VAULT_STATEDOMAIN_H

#include "vault/state.h"

/* The key is one of its domain's from now on; one without a domain is left alone. */
bool statedomain_join(struct state *s, struct state_key *k, struct err *e) FALLIBLE;

/* The names that `domain` and its `names` give, in place of those that it had. */
bool statedomain_take(struct state *s, const json_t *domain, struct err *e) FALLIBLE;
/* The same of one domain, of a list of them (a ceremony's batch) or, with NULL or null, of none. */
bool statedomain_take_all(struct state *s, const json_t *domain, struct err *e) FALLIBLE;

#endif
