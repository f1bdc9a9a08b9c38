/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/json.h"
#include "vault/cmd.h"
#include "vault/doctor.h"
#include "vault/journal.h"

#include <stdio.h>
#include <string.h>

/* What the subject's last line is, when a vault is named. */
static bool
read_journal(const char *vault, int64_t *last_line, struct err *e)
{
	JOURNAL_AUTO j = { 0 };

	*last_line = CLOCK_NONE;
	if (!vault)
		return true;
	if (!journal_read(vault, NULL, NULL, &j, e))
		return false;
	*last_line = j.last_time;
	return true;
}

static bool
print_rows(json_t *rows, struct err *e)
{
	JSON_AUTO doc = json_pack("{s:O}", "checks", rows);

	return doc ? json_print(doc, e) : err_set(e, ERR_MEMORY, "out of memory");
}

static bool
run(const struct opts *o, struct err *e)
{
	JSON_AUTO rows = NULL;
	BUF_AUTO failed = BUF_NONE;
	struct doctor_subject s = {
		.vault = cmd_vault_path_opt(o),
		.now = clock_now(),
		.allow_online = cmd_online(o),
		.allow_swap = opt_flag(o, "allow-swap"),
	};

	if (!read_journal(s.vault, &s.last_line, e) || !doctor_look_all(&s, &rows, &failed, e))
		return false;
	if (cmd_json(o) && !print_rows(rows, e))
		return false;
	if (!cmd_json(o))
		doctor_print(rows, stdout);
	if (failed.len == 0)
		return true;
	err_set(e, ERR_REFUSED, "this machine is not fit: %s", failed.data);
	return err_hint(e, "set right what failed before secrets are handled here");
}

const struct command cmd_doctor = {
	.name = "doctor",
	.operands = "",
	.summary = "check whether this machine is fit to handle secrets",
	.detail = "With --vault its journal's last line and its folder's disk are looked at too. "
		  "Ends with exit status 78 when a check fails; --allow-online and --allow-swap "
		  "make warnings of what they allow.",
	.run = run,
};
