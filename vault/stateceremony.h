/* SPDX-License-Identifier: ISC */
/*
 * stateceremony: the lines of a ceremony, and what they tell of its plan. Private to state*.c.
 */
#ifndef VAULT_STATECEREMONY_H
#define VAULT_STATECEREMONY_H

#include "vault/state.h"

/* The `plan` of a `create` line, where it has one. */
bool stateceremony_plan(struct state *s, const json_t *body, struct err *e) FALLIBLE;
/* A step of the ceremony that made the vault: of its plan and no other. The step "transcript" is
 * the last. */
bool stateceremony_apply(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

#endif
