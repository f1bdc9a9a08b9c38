/* SPDX-License-Identifier: ISC */
#include "vault/ceremonysteps.h"
#include "vault/script.h"

#include <stdio.h>

/* A step's text with its fields filled in; good until the next call. */
static const char *
filled(struct script *s, const char *text, const struct plan_custodian *c)
{
	buf_clear(&s->text);
	buf_adds(&s->text, "");
	ceremonysteps_fill(text, s->plan, c, &s->text);
	return s->text.failed ? "" : s->text.data;
}

static void
write_answer(struct script *s, const struct ceremony_step *step, const struct plan_custodian *c)
{
	if (step->screen)
		script_say(s, sheet_screen, "%s", filled(s, step->screen, c));
	if (step->answer)
		script_say(s, sheet_answer, "%s", filled(s, step->answer, c));
}

/* A row for each custodian, where a step is done once with each. */
static void
write_each(struct script *s, const struct sheet_column *columns)
{
	sheet_table(&s->sheet, columns, 5);
	for (size_t i = 0; i < s->plan->custodian_count; i++) {
		const struct plan_custodian *c = &s->plan->custodians[i];

		sheet_row(
			&s->sheet, (const char *[]){ c->name, script_medium(c), NULL, NULL, NULL });
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
		script_say(s, sheet_tick, "%s, %s: %s", d->name, what, files->items[i]);
}

/* What a step wants beside its sentences. */
static void
write_open(struct script *s)
{
	script_say(s, sheet_screen, "coldspare --vault %s ceremony %s",
		s->vault ? s->vault : "VAULT", s->plan->path);
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
	script_say(s, sheet_text, "%s", filled(s, step->what, NULL));
	if (extras[id] && id == CEREMONY_OPEN)
		extras[id](s);
	write_answer(s, step, step->each ? &somebody : NULL);
	if (step->final)
		script_say(s, sheet_warning, "For good: %s", filled(s, step->final, NULL));
	if (extras[id] && id != CEREMONY_OPEN)
		extras[id](s);
	sheet_tick(&s->sheet, "done as written, at ____ : ____");
	sheet_block_end(&s->sheet);
}

void
scriptsteps_write(struct script *s)
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
