/* SPDX-License-Identifier: ISC */
/*
 * cmd: the commands of coldspare-pins. Adding one is a file, a line here and a row in main.c.
 */
#ifndef PINS_CMD_H
#define PINS_CMD_H

#include "base/program.h"

extern const struct command cmd_verify;
extern const struct command cmd_lint;
extern const struct command cmd_check;
extern const struct command cmd_install;
extern const struct command cmd_diff;
extern const struct command cmd_render;

#endif
