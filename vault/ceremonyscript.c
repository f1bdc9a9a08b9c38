/* SPDX-License-Identifier: ISC */
#include "vault/ceremonyscript.h"

#include "base/clock.h"
#include "vault/ceremonysteps.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One paper being written. `text` is for sentences that are put together. */
struct script {
	const struct plan *plan;
	const char *vault;
	struct sheet sheet;
	struct buf text;
};

/* Puts a sentence together and hands it to one of the sheet's functions. */
static void say(struct script *s, void (*how)(struct sheet *sheet, const char *text),
	const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void
say(struct script *s, void (*how)(struct sheet *sheet, const char *text), const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	how(&s->sheet, text);
}

/* A step's text with its fields filled in; good until the next call. */
static const char *
filled(struct script *s, const char *text, const struct plan_custodian *c)
{
	buf_clear(&s->text);
	buf_adds(&s->text, "");
	ceremonysteps_fill(text, s->plan, c, &s->text);
	return s->text.failed ? "" : s->text.data;
}

static const char *
medium_of(const struct plan_custodian *c)
{
	return c->medium ? c->medium : "asked for at the ceremony";
}

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
		sheet_row(&s->sheet, (const char *[]){ number, c->name, medium_of(c),
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
	say(s, sheet_text,
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
	say(s, sheet_tick, "%zu media, one for each custodian, labelled, and one spare",
		p->custodian_count);
	if (has_cards(p))
		sheet_tick(
			&s->sheet, "the card reader; each custodian knows the PIN of their card");
	say(s, sheet_tick, "a medium for the export, at %s", p->export_dir);
	if (files > 0)
		say(s, sheet_tick,
			"%zu certificate file%s, and a list of their pins that was made elsewhere",
			files, files == 1 ? "" : "s");
	if (p->dice)
		sheet_tick(&s->sheet, "at least two six-sided dice");
	sheet_tick(&s->sheet, "a watch that was not set by this machine");
	say(s, sheet_tick, "%zu tamper-evident bags or envelopes, their numbers noted at step %u",
		p->custodian_count, ceremonysteps_number(p, CEREMONY_READBACK));
	sheet_tick(
		&s->sheet, "this paper, twice; a pen; a printer without memory for the transcript");
}

static void
write_rules(struct script *s)
{
	unsigned commit = ceremonysteps_number(s->plan, CEREMONY_COMMIT);

	sheet_section(&s->sheet, "If something is not as written here");
	say(s, sheet_text,
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

/* The steps -------------------------------------------------------------------------------- */

static void
write_answer(struct script *s, const struct ceremony_step *step, const struct plan_custodian *c)
{
	if (step->screen)
		say(s, sheet_screen, "%s", filled(s, step->screen, c));
	if (step->answer)
		say(s, sheet_answer, "%s", filled(s, step->answer, c));
}

/* A row for each custodian, where a step is done once with each. */
static void
write_each(struct script *s, const struct sheet_column *columns)
{
	sheet_table(&s->sheet, columns, 5);
	for (size_t i = 0; i < s->plan->custodian_count; i++) {
		const struct plan_custodian *c = &s->plan->custodians[i];

		sheet_row(&s->sheet, (const char *[]){ c->name, medium_of(c), NULL, NULL, NULL });
	}
	sheet_table_end(&s->sheet);
}

static void
write_written(struct script *s)
{
	static const struct sheet_column columns[] = {
		{ "Custodian", 20, false },
		{ "Medium", 32, true },
		{ "Given", 8, false },
		{ "Back", 8, false },
		{ "Time", 8, false },
	};

	write_each(s, columns);
}

static void
write_read(struct script *s)
{
	static const struct sheet_column columns[] = {
		{ "Custodian", 20, false },
		{ "Medium", 30, true },
		{ "Given", 8, false },
		{ "Back", 8, false },
		{ "Bag no.", 10, false },
	};

	write_each(s, columns);
}

static void
write_files(struct script *s, const struct plan_domain *d, const struct plan_list *files,
	const char *what)
{
	for (size_t i = 0; i < files->count; i++)
		say(s, sheet_tick, "%s, %s: %s", d->name, what, files->items[i]);
}

/* What a step wants beside its sentences. */
static void
write_open(struct script *s)
{
	say(s, sheet_screen, "coldspare --vault %s ceremony %s", s->vault ? s->vault : "VAULT",
		s->plan->path);
}

static void
write_program(struct script *s)
{
	sheet_field(&s->sheet, "Program, first row", NULL);
	sheet_field(&s->sheet, "Program, last row", NULL);
}

static void
write_clock(struct script *s)
{
	sheet_field(&s->sheet, "The watch says (UTC)", NULL);
	sheet_field(&s->sheet, "The screen says", NULL);
}

static void
write_pins(struct script *s)
{
	for (size_t i = 0; i < s->plan->domain_count; i++) {
		const struct plan_domain *d = &s->plan->domains[i];

		write_files(s, d, &d->active, "live");
		write_files(s, d, &d->ca, "CA");
	}
}

static void
write_key(struct script *s)
{
	sheet_field(&s->sheet, "Vault key, first row", NULL);
	sheet_field(&s->sheet, "Vault key, last row", NULL);
}

static void
write_manifest(struct script *s)
{
	sheet_field(&s->sheet, "Manifest, first row", NULL);
	sheet_field(&s->sheet, "Manifest, last row", NULL);
}

static void
write_journal(struct script *s)
{
	sheet_field(&s->sheet, "Journal, entries", NULL);
	sheet_field(&s->sheet, "Head, first 4 groups", NULL);
	sheet_field(&s->sheet, "Head, last 4 groups", NULL);
}

static void (*const extras[CEREMONY_STEPS])(struct script *s) = {
	[CEREMONY_OPEN] = write_open,
	[CEREMONY_MACHINE] = write_program,
	[CEREMONY_CLOCK] = write_clock,
	[CEREMONY_WRITE] = write_written,
	[CEREMONY_READBACK] = write_read,
	[CEREMONY_COMMIT] = write_key,
	[CEREMONY_PINS] = write_pins,
	[CEREMONY_EXPORT] = write_manifest,
	[CEREMONY_CLOSE] = write_journal,
};

/* For what the screen says to each. */
static const struct plan_custodian somebody = { .name = "(name)" };

static void
write_step(struct script *s, enum ceremony_step_id id)
{
	const struct ceremony_step *step = &ceremonysteps[id];
	BUF_AUTO who = BUF_NONE;
	char number[24];

	snprintf(number, sizeof number, "%u", ceremonysteps_number(s->plan, id));
	ceremonysteps_who(step->who, &who);
	sheet_block(&s->sheet, number, step->title, who.data ? who.data : "");
	say(s, sheet_text, "%s", filled(s, step->what, NULL));
	if (extras[id] && id == CEREMONY_OPEN)
		extras[id](s);
	write_answer(s, step, step->each ? &somebody : NULL);
	if (step->final)
		say(s, sheet_warning, "For good: %s", filled(s, step->final, NULL));
	if (extras[id] && id != CEREMONY_OPEN)
		extras[id](s);
	sheet_tick(&s->sheet, "done as written, at ____ : ____");
	sheet_block_end(&s->sheet);
}

static void
write_steps(struct script *s)
{
	sheet_page(&s->sheet);
	sheet_section(&s->sheet, "Steps");
	sheet_text(&s->sheet,
		"What stands beside a bar is a command, or what the screen says. Questions are "
		"answered by the whole word yes; a no ends the ceremony, anything else is asked "
		"again. \"For good\" says what cannot be undone after the step.");
	for (enum ceremony_step_id i = 0; i < CEREMONY_STEPS; i++)
		if (ceremonysteps_applies(s->plan, i))
			write_step(s, i);
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
	write_steps(&s);
	write_sign_off(&s);
	sheet_end(&s.sheet);
	out->failed |= s.text.failed;
	buf_free(&s.text);
	return ok && buf_ok(out, e);
}
