/* SPDX-License-Identifier: ISC */
/*
 * tokenfind: which of the tokens behind a module is meant, and waiting for it.
 */
#ifndef HSM_TOKENFIND_H
#define HSM_TOKENFIND_H

#include "hsm/onetoken.h"

/* As onetoken_find; fills t->token alone. */
bool tokenfind(struct onetoken *t, struct err *e) FALLIBLE;

#endif
