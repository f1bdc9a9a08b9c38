/* SPDX-License-Identifier: ISC */
/*
 * readererr: what PC/SC's error codes mean to who runs the command.
 */
#ifndef HSM_READERERR_H
#define HSM_READERERR_H

#include "base/err.h"

/* `code` is one of pcsclite.h's; `reader` its name, or NULL. ERR_DEVICE, but ERR_AUTH where polkit
 * keeps us out. Always false. */
bool readererr_set(long code, const char *reader, struct err *e);

#endif
