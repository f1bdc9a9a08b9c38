/* SPDX-License-Identifier: ISC */
/*
 * affirm: a custodian says that old shares are destroyed: `reshare --destroyed NAME`.
 */
#ifndef VAULT_AFFIRM_H
#define VAULT_AFFIRM_H

#include "base/err.h"
#include "base/opt.h"

/* All old shares of that custodian, of the keys named or of every key, after a typed yes (or
 * --yes). ERR_MISSING when there are none. */
bool affirm_run(const struct opts *o, const char *who, struct err *e) FALLIBLE;

#endif
