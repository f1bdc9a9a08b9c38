/* SPDX-License-Identifier: ISC */
/*
 * program: what both programs share: one table of commands drives dispatch, usage and help.
 *
 * program_main is the only place that prints `NAME: error:` and `NAME: hint:` and the only one
 * that turns an err into an exit status. It serves --help (program and command), --version, and
 * checks that standard output was really written (a full disk behind a redirect is exit 74).
 * With --json an error is still text on standard error; standard output stays empty.
 *
 * Global options are taken before and after the command's word or words. SIGPIPE is ignored, so
 * that a closed pipe is an error like any other and cleanup runs: who starts another program
 * restores it there.
 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/err.h"
#include "base/opt.h"

struct program;

struct command {
	const char *name;     /* may be two words: "share show" */
	const char *operands; /* as shown in the usage: "KEY..." or "" */
	int min, max;         /* operands taken; max -1: any number */
	const char *summary;  /* one line, in the program's help */
	const char *detail;   /* some lines more, in the command's own help; may be NULL */
	const struct opt_spec *options;
	unsigned flags; /* the program's own business (see vault/main.c) */
	bool (*run)(const struct opts *o, struct err *e);
	const char *heading; /* starts a section of the program's help; NULL: goes on with it */
};

struct program {
	const char *name;
	const char *tagline;
	const struct opt_spec *globals;        /* --help and --version are program.c's own */
	const struct command *const *commands; /* NULL ends */
	/* Before a command runs: hardening, guards. May be NULL. */
	bool (*before)(const struct command *c, const struct opts *o, struct err *e);
	/* Last of all, whatever came of it, even when nothing ran; then errors are printed. May be
	 * NULL. */
	void (*after)(void);
};

int program_main(const struct program *p, int argc, char **argv);

#endif
