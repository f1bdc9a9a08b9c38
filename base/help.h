/* SPDX-License-Identifier: ISC */
/*
 * help: what --help prints, made from the tables of program.h.
 *
 * Texts are laid out for 80 columns; a newline in one is kept. A failed allocation sticks to the
 * buf (buf.h).
 */
#ifndef BASE_HELP_H
#define BASE_HELP_H

#include "base/buf.h"
#include "base/program.h"

/* The program: its commands in the order of the table, its global options (`globals`: with those
 * of program.c). */
void help_program(const struct program *p, const struct opt_spec *globals, struct buf *out);
/* The commands whose name starts with the word `first`: "share". */
void help_group(const struct program *p, const char *first, struct buf *out);
void help_command(const struct program *p, const struct command *c, struct buf *out);
/* "coldspare recover [options] KEY", on one line and without its end. */
void help_usage(const struct program *p, const struct command *c, struct buf *out);

/* Adds text word by word, standing at column `at` of 80, further lines from column `indent`, and
 * ends the line. */
void help_wrapped(struct buf *out, const char *text, size_t at, size_t indent);

/* The second word of a name whose first one is `first`, or NULL. */
const char *help_second_word(const struct command *c, const char *first);

#endif
