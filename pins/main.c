/* SPDX-License-Identifier: ISC */
#include "base/secret.h"
#include "pins/cmd.h"

#include <stdlib.h>

static const struct opt_spec globals[] = {
	{ "json", OPT_FLAG, NULL, "print one JSON document" },
	{ 0 },
};

static const struct command *const commands[] = {
	&cmd_verify,
	&cmd_lint,
	&cmd_check,
	&cmd_diff,
	&cmd_install,
	&cmd_render,
	NULL,
};

/* This program sees no secret: libsodium is started for its hashes and signatures alone. */
static bool
start(const struct command *c, const struct opts *o, struct err *e)
{
	(void)c;
	(void)o;
	return secret_init(true, e);
}

static const struct program program = {
	.name = "coldspare-pins",
	.tagline = "verifies, judges and deploys the pins that a Coldspare vault has signed",
	.globals = globals,
	.commands = commands,
	.before = start,
};

int
main(int argc, char **argv)
{
	return program_main(&program, argc, argv);
}
