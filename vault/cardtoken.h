/* SPDX-License-Identifier: ISC */
/*
 * cardtoken: the `card` commands for a token behind a PKCS#11 module.
 *
 * The operand is a medium's spec, pkcs11:MODULE[#SERIAL]. What would erase a token, or is better
 * done with its own tools, is refused with their commands.
 */
#ifndef VAULT_CARDTOKEN_H
#define VAULT_CARDTOKEN_H

#include "base/opt.h"

/* Whether the first operand is one. */
bool cardtoken_is_meant(const struct opts *o);

bool cardtoken_list(const struct opts *o, struct err *e) FALLIBLE;
bool cardtoken_info(const struct opts *o, struct err *e) FALLIBLE;
bool cardtoken_prepare(const struct opts *o, struct err *e) FALLIBLE;
bool cardtoken_change_pin(const struct opts *o, struct err *e) FALLIBLE;
bool cardtoken_erase(const struct opts *o, struct err *e) FALLIBLE;

#endif
