/* SPDX-License-Identifier: ISC */
/*
 * main: the program `coldspare`: its commands, and what happens before each of them.
 *
 * A command is a file cmd_*.c, its name in cmd.h and a row here; the help shows them in this order.
 */
#include "vault/cmd.h"
#include "vault/guard.h"
#include "vault/harden.h"
#include "vault/sandbox.h"

static const struct command *const commands[] = {
	&cmd_init,
	&cmd_ceremony,
	&cmd_policy,
	&cmd_change_passphrase,
	&cmd_generate,
	&cmd_import,
	&cmd_pin,
	&cmd_add_pin,
	&cmd_export,
	&cmd_cosign,
	&cmd_deployed,
	&cmd_attach,
	&cmd_promote,
	&cmd_retire,
	&cmd_compromise,
	&cmd_runbook,
	&cmd_released,
	&cmd_csr,
	&cmd_destroy,
	&cmd_status,
	&cmd_log,
	&cmd_audit,
	&cmd_backup,
	&cmd_rebuild,
	&cmd_rekey,
	&cmd_doctor,
	&cmd_recover,
	&cmd_drill,
	&cmd_reshare,
	&cmd_replace_share,
	&cmd_share_show,
	&cmd_share_verify,
	&cmd_share_raw,
	&cmd_share_list,
	&cmd_card_list,
	&cmd_card_info,
	&cmd_card_prepare,
	&cmd_card_change_pin,
	&cmd_card_erase,
	NULL,
};

/* No command has any use for a network. One that handles no secrets may run where there is one, and
 * where memory cannot be locked. */
static bool
before(const struct command *c, const struct opts *o, struct err *e)
{
	bool looks = (c->flags & CMD_LOOKS) && (opt_flag(o, "check") || opt_get(o, "script"));
	bool secret = (c->flags & CMD_SECRET) && !looks;

	return harden_process(!secret || opt_flag(o, "allow-swap"), e) &&
	       guard_offline(!secret || cmd_online(o), e) && sandbox_enter(c->flags & CMD_EXEC, e);
}

static const struct program program = {
	.name = "coldspare",
	.tagline = "an offline vault for backup keys",
	.globals = cmd_globals,
	.commands = commands,
	.before = before,
};

int
main(int argc, char **argv)
{
	return program_main(&program, argc, argv);
}
