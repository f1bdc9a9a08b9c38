/* SPDX-License-Identifier: ISC */
/*
 * statepolicy: the line that changes a policy, and who the custodians are. Private to state*.c.
 */
#ifndef VAULT_STATEPOLICY_H
#define VAULT_STATEPOLICY_H

#include "vault/state.h"

bool statepolicy_apply(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

/* `threshold` and `custodians`: for keys to come. Contacts and locations of those who stay are
 * kept. */
bool statepolicy_custodians(struct state *s, const json_t *body, struct err *e) FALLIBLE;
/* `max_age` and its like: what is there is taken over, null unsets. */
bool statepolicy_take(
	struct state_policy *p, const struct journal_line *line, struct err *e) FALLIBLE;
/* `drill_every`, of the whole vault: likewise. */
bool statepolicy_drills(struct state *s, const json_t *body, struct err *e) FALLIBLE;
void statepolicy_free(struct state_policy *p);
void statepolicy_free_issuers(struct state *s);
void statepolicy_free_custodians(struct state_custodian *list, size_t count);

#endif
