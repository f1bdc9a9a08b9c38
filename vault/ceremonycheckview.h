/* SPDX-License-Identifier: ISC */
/*
 * ceremonycheckview: what `ceremony --check` prints: the plan's digest, what will be made, what was
 * found, and the time that it will take.
 */
#ifndef VAULT_CEREMONYCHECKVIEW_H
#define VAULT_CEREMONYCHECKVIEW_H

#include "base/json.h"
#include "vault/ceremonycheck.h"

bool ceremonycheckview_print(const struct ceremonycheck *c, struct err *e) FALLIBLE;
bool ceremonycheckview_json(const struct ceremonycheck *c, json_t **out, struct err *e) FALLIBLE;

#endif
