/* SPDX-License-Identifier: ISC */
/*
 * cmd: what the commands of `coldspare` share; each command is a row here and a file cmd_*.c.
 */
#ifndef VAULT_CMD_H
#define VAULT_CMD_H

#include "base/program.h"
#include "base/secret.h"
#include "vault/store.h"

/* command.flags */
#define CMD_SECRET                                                                                 \
	1u /* reads a private key, a share's payload or the operator's passphrase: guarded */
#define CMD_EXEC 2u  /* starts helper programs */
#define CMD_LOOKS 4u /* handles no secret with --check or --script */

extern const struct opt_spec
	cmd_globals[]; /* --vault --json --allow-online --allow-swap --passphrase-fd --pin-fd */

extern const struct command cmd_init, cmd_policy, cmd_generate, cmd_import, cmd_pin, cmd_add_pin,
	cmd_export, cmd_deployed, cmd_status, cmd_log, cmd_audit, cmd_doctor, cmd_share_show,
	cmd_share_verify, cmd_share_raw, cmd_share_list, cmd_recover, cmd_drill, cmd_card_list,
	cmd_card_info, cmd_card_prepare, cmd_card_change_pin, cmd_card_erase;
extern const struct command cmd_ceremony;
extern const struct command cmd_reshare, cmd_replace_share, cmd_change_passphrase;
extern const struct command cmd_cosign, cmd_backup, cmd_rebuild, cmd_rekey;
extern const struct command cmd_attach, cmd_promote, cmd_retire, cmd_runbook, cmd_compromise,
	cmd_released, cmd_destroy, cmd_csr;

bool cmd_json(const struct opts *o);
bool cmd_online(const struct opts *o); /* --allow-online was given */

/* --vault, else COLDSPARE_VAULT, else ERR_USAGE. */
bool cmd_vault_path(const struct opts *o, const char **out, struct err *e) FALLIBLE;
/* The same, NULL when neither is given: commands that work with no vault at hand. */
const char *cmd_vault_path_opt(const struct opts *o);
bool cmd_store_open(
	const struct opts *o, enum store_mode mode, struct store *out, struct err *e) FALLIBLE;

/* Refuses a path that is the vault's folder or lies in it: what is written there would be a stray.
 */
bool cmd_outside(const char *path, const char *vault, struct err *e) FALLIBLE;

/* The value of an option that names a descriptor: -1 when not given; ERR_USAGE when it is none. */
bool cmd_fd(const struct opts *o, const char *option, int *out, struct err *e) FALLIBLE;

/* The operator's passphrase: --passphrase-fd or the terminal. `fresh` asks twice. */
bool cmd_passphrase(const struct opts *o, bool fresh, struct secret *out, struct err *e) FALLIBLE;
/* That of a private-key file, from --input-passphrase-fd or the terminal: a privkey_passphrase
 * (privkey.h) whose context is the struct opts. */
bool cmd_input_passphrase(void *opts, struct secret *out, struct err *e) FALLIBLE;

/* Repeatable --custodian NAME=MEDIUM. */
struct cmd_custodian {
	char name[SHARE_NAME_MAX + 1];
	char *medium; /* a path in it is absolute */
};
/* All of them, names checked and distinct; free with cmd_custodians_free. ERR_USAGE. */
bool cmd_custodians(
	const struct opts *o, struct cmd_custodian **out, size_t *count, struct err *e) FALLIBLE;
void cmd_custodians_free(struct cmd_custodian *list, size_t count);

/* Ends every command that changed the vault: "journal: 17 entries, head 5f0c ..." on standard
 * output; in --json the member "journal" {"entries", "head"} is set in `doc` instead. */
bool cmd_journal_line(
	const struct opts *o, const struct store *s, json_t *doc, struct err *e) FALLIBLE;

/* {"entries": n, "head": "hex"} */
json_t *cmd_journal_json(const struct store *s);

#endif
