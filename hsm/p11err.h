/* SPDX-License-Identifier: ISC */
/*
 * p11err: what PKCS#11's return values mean to who runs the command.
 */
#ifndef HSM_P11ERR_H
#define HSM_P11ERR_H

#include "base/err.h"

/* `rv` is one of pkcs11.h's CKR_ other than CKR_OK; `doing` stands before what it means: "opening
 * a session". Always false. */
bool p11err_set(unsigned long rv, const char *doing, struct err *e);

#endif
