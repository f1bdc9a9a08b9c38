/* SPDX-License-Identifier: ISC */
#include "base/help.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80
#define LEFT_MAX 24 /* a longer left column is followed by a line of its own */
#define LABEL_SIZE 80

static void
add_spaces(struct buf *out, size_t n)
{
	while (n-- > 0)
		buf_adds(out, " ");
}

void
help_wrapped(struct buf *out, const char *text, size_t at, size_t indent)
{
	while (*text) {
		size_t gap = strspn(text, " "), word = strcspn(text + gap, " \n");

		if (text[gap] == '\n') {
			buf_adds(out, "\n");
			text += gap + 1;
			at = 0;
			if (*text && *text != '\n') {
				add_spaces(out, indent);
				at = indent;
			}
			continue;
		}
		if (at > indent && at + gap + word > WIDTH) {
			buf_adds(out, "\n");
			add_spaces(out, indent);
			at = indent;
			text += gap;
			gap = 0;
		}
		buf_add(out, text, gap + word);
		at += gap + word;
		text += gap + word;
	}
	buf_adds(out, "\n");
}

static size_t
max(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* One row of a list; `left` is how wide the left column is. */
static void
add_row(struct buf *out, const char *label, size_t left, const char *text)
{
	size_t len = strlen(label), column = 2 + left + 2;

	buf_addf(out, "  %s", label);
	if (len > left) {
		buf_adds(out, "\n");
		len = 0;
		add_spaces(out, 2);
	}
	add_spaces(out, left - len + 2);
	help_wrapped(out, text, column, column);
}

static void
label_of(const struct opt_spec *s, char out[static LABEL_SIZE])
{
	if (s->kind == OPT_FLAG)
		snprintf(out, LABEL_SIZE, "--%s", s->name);
	else
		snprintf(out, LABEL_SIZE, "--%s %s%s", s->name, s->arg,
			s->kind == OPT_MANY ? " ..." : "");
}

static void
add_options(struct buf *out, const struct opt_spec *table)
{
	char label[LABEL_SIZE];
	size_t left = 0;

	for (const struct opt_spec *s = table; s->name; s++) {
		label_of(s, label);
		if (strlen(label) <= LEFT_MAX)
			left = max(left, strlen(label));
	}
	for (const struct opt_spec *s = table; s->name; s++) {
		label_of(s, label);
		add_row(out, label, left, s->help);
	}
}

static size_t
widest_command(const struct program *p)
{
	size_t left = 0;

	for (const struct command *const *c = p->commands; *c; c++)
		left = max(left, strlen((*c)->name));
	return left;
}

void
help_program(const struct program *p, const struct opt_spec *globals, struct buf *out)
{
	size_t left = widest_command(p);

	buf_addf(out, "%s: %s\n\nusage: %s [global options] COMMAND ...\n", p->name, p->tagline,
		p->name);
	for (const struct command *const *c = p->commands; *c; c++) {
		if ((*c)->heading || c == p->commands)
			buf_addf(out, "\n%s:\n", (*c)->heading ? (*c)->heading : "Commands");
		add_row(out, (*c)->name, left, (*c)->summary);
	}
	buf_adds(out, "\nGlobal options, before or after the command:\n");
	add_options(out, globals);
	buf_addf(out, "\nOne command: %s COMMAND --help\n", p->name);
}

const char *
help_second_word(const struct command *c, const char *first)
{
	size_t n = strlen(first);

	return strncmp(c->name, first, n) == 0 && c->name[n] == ' ' ? c->name + n + 1 : NULL;
}

void
help_group(const struct program *p, const char *first, struct buf *out)
{
	size_t left = widest_command(p);

	buf_addf(out, "usage: %s %s COMMAND ...\n\nCommands:\n", p->name, first);
	for (const struct command *const *c = p->commands; *c; c++)
		if (help_second_word(*c, first))
			add_row(out, (*c)->name, left, (*c)->summary);
	buf_addf(out, "\nOne command: %s %s COMMAND --help\n", p->name, first);
}

void
help_usage(const struct program *p, const struct command *c, struct buf *out)
{
	buf_addf(out, "%s %s%s%s%s", p->name, c->name,
		c->options && c->options->name ? " [options]" : "", *c->operands ? " " : "",
		c->operands);
}

void
help_command(const struct program *p, const struct command *c, struct buf *out)
{
	BUF_AUTO usage = BUF_NONE;

	help_usage(p, c, &usage);
	buf_adds(out, "usage: ");
	help_wrapped(out, usage.data ? usage.data : "", 7, 7 + strlen(p->name) + 1);
	buf_adds(out, "\n");
	help_wrapped(out, c->summary, 0, 0);
	if (c->detail) {
		buf_adds(out, "\n");
		help_wrapped(out, c->detail, 0, 0);
	}
	if (c->options && c->options->name) {
		buf_adds(out, "\nOptions:\n");
		add_options(out, c->options);
	}
	buf_addf(out, "\nGlobal options: see %s --help\n", p->name);
}
