/* SPDX-License-Identifier: ISC */
/*
 * staterebuild: the line that fills a vault which was rebuilt from shares and its last export.
 * Private to state*.c.
 */
#ifndef VAULT_STATEREBUILD_H
#define VAULT_STATEREBUILD_H

#include "vault/state.h"

/* What `create` says of it, as `rebuilt`; nothing for any other vault. */
bool staterebuild_base(struct state *s, const json_t *body, struct err *e) FALLIBLE;
bool staterebuild_apply(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

#endif
