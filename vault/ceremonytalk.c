/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/help.h"
#include "base/term.h"
#include "vault/ceremonyrun.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 2
#define LABEL_WIDTH 14

static void
put(struct ceremony *c, const struct buf *text)
{
	if (text->failed)
		return;
	fputs(text->data, c->out);
	fflush(c->out); /* what follows may be a question, on the terminal itself */
}

void
ceremony_announce(struct ceremony *c, enum ceremony_step_id id)
{
	const struct ceremony_step *step = &ceremonysteps[id];
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO what = BUF_NONE;

	buf_addf(&text, "\n%sStep %u of %u: %s%s\n", c->colour ? "\033[1m" : "",
		ceremonysteps_number(c->plan, id), ceremonysteps_count(c->plan), step->title,
		c->colour ? "\033[0m" : "");
	buf_adds(&text, "Who: ");
	ceremonysteps_who(step->who, &text);
	buf_adds(&text, "\n");
	ceremonysteps_fill(step->what, c->plan, NULL, &what);
	if (!what.failed)
		help_wrapped(&text, what.data, 0, 0);
	if (step->final) {
		buf_adds(&text, "For good: ");
		help_wrapped(&text, step->final, 10, 0);
	}
	put(c, &text);
}

void
ceremony_say(struct ceremony *c, const char *fmt, ...)
{
	BUF_AUTO text = BUF_NONE;
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	help_wrapped(&text, line, 0, 0);
	put(c, &text);
}

void
ceremony_row(struct ceremony *c, const char *label, const char *fmt, ...)
{
	BUF_AUTO text = BUF_NONE;
	char line[1024];
	size_t at;
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	err_clean(line);
	buf_addf(&text, "%*s%-*s ", INDENT, "", LABEL_WIDTH, label);
	at = text.len;
	help_wrapped(&text, line, at, INDENT + LABEL_WIDTH + 1);
	put(c, &text);
}

bool
ceremony_digest(struct ceremony *c, const char *label, const char *hex, struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	buf_addf(&text, "Digest of the %s:\n", label);
	if (!digest_text(hex, "  ", &text, e) || !buf_ok(&text, e))
		return false;
	put(c, &text);
	return true;
}

/* Questions -------------------------------------------------------------------------------- */

static bool
stopped(struct ceremony *c, enum ceremony_step_id id, struct err *e)
{
	err_wrap(e, "step %u of %u, %s", ceremonysteps_number(c->plan, id),
		ceremonysteps_count(c->plan), ceremonysteps[id].title);
	return err_hint(e, c->rehearsal ? "the rehearsal is over, and its folder deleted"
					: "what is finished stays; run `coldspare ceremony` again "
					  "with the same plan to go on");
}

bool
ceremony_ask(struct ceremony *c, enum ceremony_step_id id, struct err *e)
{
	BUF_AUTO question = BUF_NONE;

	if (c->alone) {
		ceremony_say(c, "%s yes (--yes)", ceremonysteps[id].screen);
		return true;
	}
	buf_addf(&question, "%s Type yes or no", ceremonysteps[id].screen);
	if (!buf_ok(&question, e))
		return false;
	for (;;) {
		AUTO_STR answer = NULL;

		if (!term_ask_line(question.data, &answer, e))
			return stopped(c, id, e);
		if (strcmp(answer, "yes") == 0)
			return true;
		if (strcmp(answer, "no") == 0) {
			err_set(e, ERR_REFUSED, "the answer was no");
			return stopped(c, id, e);
		}
		ceremony_say(c, "Neither yes nor no: three or two small letters are wanted.");
	}
}

/* Media ------------------------------------------------------------------------------------ */

static struct ceremony *
of_host(const struct medium_host *h)
{
	return (struct ceremony *)(uintptr_t)h; /* the first member of the first member */
}

static const char *
spec_of(const struct ceremony *c, const char *custodian)
{
	for (size_t i = 0; i < c->plan->custodian_count; i++)
		if (strcmp(c->plan->custodians[i].name, custodian) == 0)
			return c->specs[i];
	return NULL;
}

static void
say_whose(struct ceremony *c, const char *custodian)
{
	for (size_t i = 0; i < c->plan->custodian_count; i++) {
		const struct plan_custodian *who = &c->plan->custodians[i];

		if (strcmp(who->name, custodian) != 0)
			continue;
		if (who->contact)
			ceremony_row(c, "contact", "%s", who->contact);
		if (who->location)
			ceremony_row(c, "location", "%s", who->location);
	}
}

/* Enter stands for the medium that the plan names. */
bool
ceremony_call(
	const struct medium_host *h, const struct medium_call *call, char **out, struct err *e)
{
	struct ceremony *c = of_host(h);
	enum ceremony_step_id id = call->again ? CEREMONY_READBACK : CEREMONY_WRITE;
	const char *spec = spec_of(c, call->holder);
	BUF_AUTO question = BUF_NONE;
	AUTO_STR answer = NULL;

	if (c->called != id)
		ceremony_announce(c, id);
	c->called = id;
	ceremony_say(c, "\nCustodian %s:", call->holder);
	say_whose(c, call->holder);
	buf_addf(&question, "Insert the medium of %s%s.\n", call->holder,
		call->again ? " again" : "");
	if (c->rehearsal)
		buf_addf(&question, "In this rehearsal %s stands for it. Press Enter", spec);
	else if (spec)
		buf_addf(&question, "Press Enter when it is at %s, or type its place", spec);
	else
		buf_adds(&question, "Type its place, dir:PATH or card:READER");
	if (!buf_ok(&question, e))
		return false;
	if (!term_ask_line(question.data, &answer, e))
		return stopped(c, id, e);
	/* Nothing of a rehearsal goes to a place that is not deleted. */
	return file_path(out, e, "%s", spec && (!*answer || c->rehearsal) ? spec : answer);
}

void
ceremony_hear(const struct medium_host *h, const char *line)
{
	char safe[1024];

	ceremony_say(of_host(h), "%s", term_safe(safe, sizeof(safe), line));
}

void
ceremony_called(const struct medium_host *h, const struct medium_call *call, const char *spec)
{
	struct ceremony *c = of_host(h);
	struct err ignored;

	if (call->again)
		ceremony_say(c,
			"Every share of %s was read back from %s. Unmount it, and take it out.",
			call->holder, spec);
	else
		ceremony_say(c, "All shares of %s are on %s. Unmount it, and take it out.",
			call->holder, spec);
	if (!ceremony_done(
		    c, call->again ? CEREMONY_READBACK : CEREMONY_WRITE, call->holder, &ignored))
		ceremony_say(c, "%s", ignored.message);
}
