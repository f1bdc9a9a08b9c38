/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/file.h"
#include "vault/ceremony.h"
#include "vault/ceremonycheckview.h"
#include "vault/ceremonyscript.h"
#include "vault/cmd.h"
#include "vault/media.h"

#include <stdio.h>

static const struct opt_spec options[] = {
	{ "check", OPT_FLAG, NULL, "look whether it would run through; writes nothing" },
	{ "script", OPT_ONE, "html|text", "print the steps, to be ticked on paper" },
	{ "to", OPT_ONE, "FILE", "write the script to this new file" },
	CEREMONY_OPTIONS,
	{ 0 },
};

static bool
end_check(const struct ceremonycheck *c, struct err *e)
{
	size_t failures = ceremonycheck_failures(c);

	if (failures == 0)
		return true;
	err_set(e, ERR_REFUSED, "a ceremony of this plan would fail here: %zu finding%s", failures,
		failures == 1 ? "" : "s");
	return err_hint(e, "set right what says \"fail\", then check again");
}

static bool
check(const struct opts *o, const struct plan *p, struct err *e)
{
	MEDIA_AUTO media = { 0 };
	JSON_AUTO doc = NULL;

	if (!media_init(o, &media, e))
		return false;
	CEREMONYCHECK_AUTO c = {
		.plan = p,
		.host = &media.host,
		.machine = {
			.vault = cmd_vault_path_opt(o),
			.now = clock_now(),
			.last_line = CLOCK_NONE,
			.allow_online = cmd_online(o),
			.allow_swap = opt_flag(o, "allow-swap"),
		},
	};
	if (!ceremonycheck_run(&c, e))
		return false;
	if (!cmd_json(o))
		return ceremonycheckview_print(&c, e) && end_check(&c, e);
	return ceremonycheckview_json(&c, &doc, e) && json_print(doc, e) && end_check(&c, e);
}

/* Papers have nothing to do with whether this machine is fit: they may be printed elsewhere. */
static bool
script(const struct opts *o, const struct plan *p, struct err *e)
{
	const char *to = opt_get(o, "to");
	const struct sheet_form *form = NULL;
	BUF_AUTO text = BUF_NONE;

	if (!sheet_form_find(opt_get(o, "script"), &form, e))
		return err_wrap(e, "--script");
	if (!ceremonyscript_write(p, cmd_vault_path_opt(o), form, &text, e))
		return false;
	if (to)
		return file_write_new(to, 0644, text.data, text.len, e);
	if (fwrite(text.data, 1, text.len, stdout) != text.len)
		return err_errno(e, "standard output");
	return true;
}

static bool
run(const struct opts *o, struct err *e)
{
	PLAN_AUTO p = { 0 };
	bool papers = opt_get(o, "script") != NULL;

	if (opt_get(o, "to") && !papers)
		return err_set(e, ERR_USAGE, "--to is for --script");
	if (papers && opt_flag(o, "check") && !opt_get(o, "to"))
		return err_set(e, ERR_USAGE,
			"--check and --script would both go to standard output: give --to FILE");
	if (!plan_load(o->operands[0], &p, e) || (papers && !script(o, &p, e)))
		return false;
	if (opt_flag(o, "check"))
		return check(o, &p, e);
	return papers || ceremony_run(o, &p, e);
}

const struct command cmd_ceremony = {
	.name = "ceremony",
	.operands = "PLAN",
	.min = 1,
	.max = 1,
	.summary = "run a reviewed plan file, from an empty vault to a signed export",
	.detail =
		"The vault, its keys and shares, the pins of what is live, the signed export and a "
		"signed transcript, one step after the other, each announced with who does what. "
		"Interrupted anywhere, run it again with the same plan: what is finished stays. "
		"With --check nothing is made: the plan is read, the machine, the folders, the "
		"media and the certificates that it names are looked at, and what will be made "
		"and how long it takes is shown. That ends with exit status 78 when something "
		"would fail. --script prints the steps for those who attend, as HTML for A4 or "
		"as plain text.",
	.options = options,
	.flags = CMD_SECRET | CMD_LOOKS,
	.run = run,
};
