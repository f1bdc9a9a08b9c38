/* SPDX-License-Identifier: ISC */
/*
 * serial: "#SERIAL" at the end of a medium's place, which names one card or token.
 */
#ifndef HSM_SERIAL_H
#define HSM_SERIAL_H

#include "base/err.h"

/* Cuts it off in place; *serial is "" where there is none. ERR_USAGE when it is no serial. */
bool serial_cut(char *place, const char **serial, struct err *e) FALLIBLE;

#endif
