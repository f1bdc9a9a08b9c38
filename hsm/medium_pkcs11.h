/* SPDX-License-Identifier: ISC */
/*
 * medium_pkcs11: the medium "pkcs11:MODULE[#SERIAL]": shares on whatever has a PKCS#11 module.
 *
 * MODULE is an absolute path, or a file name as p11_load looks for it; SERIAL names the token, and
 * may be left out while there is one alone. Each share is a private data object of its own,
 * labelled with the share's file name (docs/FORMAT.md). What is somebody else's is never touched,
 * and neither does a token get two custodians' shares of one vault.
 */
#ifndef HSM_MEDIUM_PKCS11_H
#define HSM_MEDIUM_PKCS11_H

#include "shares/medium.h"

extern const struct medium_kind medium_pkcs11;

#endif
