/* SPDX-License-Identifier: ISC */
#include "vault/ceremonyscript.h"

#include "base/clock.h"
#include "vault/ceremonysteps.h"
#include "vault/script.h"

#include <stdio.h>
#include <string.h>

/* Before it starts ------------------------------------------------------------------------- */

static bool
write_head(struct script *s, struct err *e)
{
	sheet_text(&s->sheet,
		"This paper goes with one ceremony. The operator works at the machine. The witness "
		"reads each step aloud before it is done, ticks it after it was done, and notes "
		"the "
		"time. Custodians watch their own medium and never let it out of sight.");
	sheet_field(&s->sheet, "Date and place", NULL);
	sheet_field(&s->sheet, "Machine", NULL);
	return sheet_digest(&s->sheet,
		"Digest of the plan, BLAKE2b-256 of the file. At step 1 the screen shows the same.",
		s->plan->hash, e);
}

static void
write_domains(struct script *s)
{
	static const struct sheet_column columns[] = {
		{ "Domain", 22, false },
		{ "Names", 24, false },
		{ "Backup keys", 16, false },
		{ "Pins of today", 14, false },
	};
	const struct plan *p = s->plan;
	BUF_AUTO names = BUF_NONE;
	BUF_AUTO keys = BUF_NONE;

	for (size_t i = 0; i < p->algorithm_count; i++)
		buf_addf(&keys, "%s%u %s", i ? ", " : "", p->backups, p->algorithms[i]->name);
	sheet_table(&s->sheet, columns, 4);
	for (size_t i = 0; i < p->domain_count; i++) {
		const struct plan_domain *d = &p->domains[i];
		char pins[64];

		buf_clear(&names);
		for (size_t n = 1; n < d->names.count; n++)
			buf_addf(&names, "%s%s", n > 1 ? ", " : "", d->names.items[n]);
		snprintf(
			pins, sizeof pins, "files: %zu live, %zu CA", d->active.count, d->ca.count);
		sheet_row(&s->sheet, (const char *[]){ d->name, names.len ? names.data : "-",
					     keys.data ? keys.data : "", pins });
	}
	sheet_table_end(&s->sheet);
	s->text.failed |= names.failed || keys.failed;
}

static void
write_custodians(struct script *s)
{
	static const struct sheet_column columns[] = {
		{ "No.", 6, false },
		{ "Custodian", 18, false },
		{ "Medium", 30, true },
		{ "Kept at", 22, false },
	};

	sheet_table(&s->sheet, columns, 4);
	for (size_t i = 0; i < s->plan->custodian_count; i++) {
		const struct plan_custodian *c = &s->plan->custodians[i];
		char number[24];

		snprintf(number, sizeof number, "%zu", i + 1);
		sheet_row(&s->sheet, (const char *[]){ number, c->name, script_medium(c),
					     c->location ? c->location : "-" });
	}
	sheet_table_end(&s->sheet);
}

static void
write_made(struct script *s)
{
	const struct plan *p = s->plan;
	char age[CLOCK_DURATION_TEXT];

	clock_duration_format(p->max_age, age);
	sheet_section(&s->sheet, "What will be made");
	script_say(s, sheet_text,
		"The vault %s: its signing key, and %zu backup key%s. Clients keep a policy for "
		"%s. Each key gets %zu shares, and any %u of them bring it back. The export goes "
		"to "
		"%s.",
		p->name, plan_keys(p), plan_keys(p) == 1 ? "" : "s", age, p->custodian_count,
		p->threshold, p->export_dir);
	write_domains(s);
	write_custodians(s);
}

static void
write_attendance(struct script *s)
{
	static const struct sheet_column columns[] = {
		{ "Role", 20, false },
		{ "Name", 26, false },
		{ "Came", 8, false },
		{ "Signature", 22, false },
	};
	char role[SHARE_NAME_MAX + 16];

	sheet_section(&s->sheet, "Who is here");
	sheet_table(&s->sheet, columns, 4);
	sheet_row(&s->sheet, (const char *[]){ "operator", NULL, NULL, NULL });
	sheet_row(&s->sheet, (const char *[]){ "witness", NULL, NULL, NULL });
	for (size_t i = 0; i < s->plan->custodian_count; i++) {
		snprintf(role, sizeof role, "%s", s->plan->custodians[i].name);
		sheet_row(&s->sheet, (const char *[]){ role, NULL, NULL, NULL });
	}
	sheet_row(&s->sheet, (const char *[]){ NULL, NULL, NULL, NULL });
	sheet_table_end(&s->sheet);
}

static bool
has_cards(const struct plan *p)
{
	for (size_t i = 0; i < p->custodian_count; i++)
		if (p->custodians[i].medium && strncmp(p->custodians[i].medium, "card:", 5) == 0)
			return true;
	return false;
}

static void
write_materials(struct script *s)
{
	const struct plan *p = s->plan;
	size_t files = 0;

	for (size_t i = 0; i < p->domain_count; i++)
		files += p->domains[i].active.count + p->domains[i].ca.count;
	sheet_section(&s->sheet, "What is on the table");
	sheet_tick(&s->sheet, "the machine, prepared, its network unplugged and its radios off");
	sheet_tick(&s->sheet,
		"a check that passed on this machine: coldspare ceremony --check, today");
	script_say(s, sheet_tick, "%zu media, one for each custodian, labelled, and one spare",
		p->custodian_count);
	if (has_cards(p))
		sheet_tick(
			&s->sheet, "the card reader; each custodian knows the PIN of their card");
	script_say(s, sheet_tick, "a medium for the export, at %s", p->export_dir);
	if (files > 0)
		script_say(s, sheet_tick,
			"%zu certificate file%s, and a list of their pins that was made elsewhere",
			files, files == 1 ? "" : "s");
	if (p->dice)
		sheet_tick(&s->sheet, "at least two six-sided dice");
	sheet_tick(&s->sheet, "a watch that was not set by this machine");
	script_say(s, sheet_tick,
		"%zu tamper-evident bags or envelopes, their numbers noted at step %u",
		p->custodian_count, ceremonysteps_number(p, CEREMONY_READBACK));
	sheet_tick(
		&s->sheet, "this paper, twice; a pen; a printer without memory for the transcript");
}

static void
write_rules(struct script *s)
{
	unsigned commit = ceremonysteps_number(s->plan, CEREMONY_COMMIT);

	sheet_section(&s->sheet, "If something is not as written here");
	script_say(s, sheet_text,
		"Anyone may say \"stop\". Nothing counts before the answer at step %u: until then "
		"the ceremony can be left at any prompt with Ctrl-C, and what was begun is void.",
		commit);
	sheet_text(&s->sheet, "After a failure, a power cut or a pulled medium, run the same "
			      "command again: what is "
			      "done stays, what is not is made anew, nothing is made twice. Note "
			      "the time and what "
			      "the screen said.");
	sheet_text(&s->sheet,
		"A digest that differs in one row, a name nobody expected, a medium that was out "
		"of "
		"sight: end the ceremony, keep this paper, and begin another day with new media.");
}

/* After it --------------------------------------------------------------------------------- */

static void
write_sign_off(struct script *s)
{
	static const struct sheet_column columns[] = {
		{ "Role", 20, false },
		{ "Name", 22, false },
		{ "Date, time", 14, false },
		{ "Signature", 20, false },
	};

	sheet_page(&s->sheet);
	sheet_section(&s->sheet, "Notes");
	sheet_text(&s->sheet, "Whatever was not as written: the step, the time, what was done.");
	sheet_notes(&s->sheet, 10);
	sheet_section(&s->sheet, "Sign-off");
	sheet_text(&s->sheet,
		"I was there, the steps above were done as they are ticked, and the digests that I "
		"compared were the same.");
	sheet_table(&s->sheet, columns, 4);
	sheet_row(&s->sheet, (const char *[]){ "operator", NULL, NULL, NULL });
	sheet_row(&s->sheet, (const char *[]){ "witness", NULL, NULL, NULL });
	for (size_t i = 0; i < s->plan->custodian_count; i++)
		sheet_row(&s->sheet,
			(const char *[]){ s->plan->custodians[i].name, NULL, NULL, NULL });
	sheet_table_end(&s->sheet);
}

bool
ceremonyscript_write(const struct plan *p, const char *vault, const struct sheet_form *form,
	struct buf *out, struct err *e)
{
	struct script s = { .plan = p, .vault = vault };
	char title[SHARE_NAME_MAX + 32], footer[SHARE_NAME_MAX + 128];
	bool ok;

	snprintf(title, sizeof title, "Key ceremony: %s", p->name);
	snprintf(footer, sizeof footer,
		"Ceremony of the vault %s, plan %.4s %.4s ..., coldspare %s", p->name, p->hash,
		p->hash + 4, VERSION);
	sheet_begin(&s.sheet, form, out, title, footer);
	ok = write_head(&s, e);
	write_made(&s);
	write_attendance(&s);
	write_materials(&s);
	write_rules(&s);
	scriptsteps_write(&s);
	write_sign_off(&s);
	sheet_end(&s.sheet);
	out->failed |= s.text.failed;
	buf_free(&s.text);
	return ok && buf_ok(out, e);
}
