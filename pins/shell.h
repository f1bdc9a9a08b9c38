/* SPDX-License-Identifier: ISC */
/*
 * shell: one command line of the user's own, run and waited for.
 */
#ifndef PINS_SHELL_H
#define PINS_SHELL_H

#include "base/err.h"

/* By `sh -c`, its standard output joined to our standard error, signals as they are by default.
 * ERR_IO when it exits with anything but 0. */
bool shell_run(const char *line, struct err *e) FALLIBLE;

#endif
