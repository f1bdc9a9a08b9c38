/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/json.h"
#include "vault/cmd.h"
#include "vault/doctor.h"
#include "vault/journal.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80
#define INDENT 20 /* where the sentences start */

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

static void
print_row(const char *id, const struct doctor_finding *f)
{
	int at = printf("%-13s %-5s", id, doctor_word(f->verdict)), word;

	for (const char *p = f->message; *p; p += word) {
		p += strspn(p, " ");
		word = (int)strcspn(p, " ");
		if (at > INDENT && at + 1 + word > WIDTH)
			at = printf("\n%*s", INDENT - 1, "") - 1;
		at += printf(" %.*s", word, p);
	}
	printf("\n");
}

static bool
add_row(json_t *rows, const char *id, const struct doctor_finding *f, struct err *e)
{
	json_t *row = json_pack("{s:s, s:s, s:s}", "id", id, "verdict", doctor_word(f->verdict),
		"message", f->message);

	if (!row || json_array_append_new(rows, row) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

/* Prints what each check finds, or puts it into `rows`; `failed` gets the ids of those that
 * failed. */
static bool
look(const struct doctor_subject *s, json_t *rows, struct buf *failed, struct err *e)
{
	for (const struct doctor_check *c = doctor_checks; c->id; c++) {
		struct doctor_finding f = { 0 };

		c->look(s, &f);
		if (f.verdict == DOCTOR_FAIL)
			buf_addf(failed, "%s%s", failed->len > 0 ? ", " : "", c->id);
		if (!rows)
			print_row(c->id, &f);
		else if (!add_row(rows, c->id, &f, e))
			return false;
	}
	return buf_ok(failed, e);
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
	JSON_AUTO rows = cmd_json(o) ? json_array() : NULL;
	BUF_AUTO failed = BUF_NONE;
	struct doctor_subject s = {
		.vault = cmd_vault_path_opt(o),
		.now = clock_now(),
		.allow_online = cmd_online(o),
		.allow_swap = opt_flag(o, "allow-swap"),
	};

	if (!read_journal(s.vault, &s.last_line, e) || !look(&s, rows, &failed, e))
		return false;
	if (rows && !print_rows(rows, e))
		return false;
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
