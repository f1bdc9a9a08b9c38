/* SPDX-License-Identifier: ISC */
/* Text of 80 columns, for printers and screen readers that want nothing more. */
#include "vault/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80
#define LABEL 24 /* of a field */

static size_t
letter_len(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* How many columns `len` bytes of UTF-8 take, one for each letter. */
static size_t
columns_of(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* The bytes of `text` that fit into `width` columns: up to a blank where there is one. */
static size_t
fitting(const char *text, size_t width)
{
	size_t at = 0, columns = 0, last_blank = 0;

	while (text[at] && columns < width) {
		at += letter_len(text + at);
		columns++;
		if (text[at] == ' ')
			last_blank = at;
	}
	if (!text[at] || text[at] == ' ')
		return at;
	return last_blank ? last_blank : at;
}

static char *
clean(const char *text)
{
	char *copy = strdup(text);

	if (copy)
		err_clean(copy);
	return copy;
}

static void
repeat(struct buf *out, char c, size_t n)
{
	while (n-- > 0)
		buf_add(out, &c, 1);
}

/* `first` before the first line, as many blanks before the others. */
static void
wrapped(struct buf *out, const char *first, const char *text)
{
	char *copy = clean(text), *at = copy;
	size_t indent = columns_of(first, strlen(first));

	if (!copy) {
		out->failed = true;
		return;
	}
	buf_adds(out, first);
	for (bool begun = false; *at || !begun; begun = true) {
		size_t len = fitting(at, WIDTH - indent);

		if (begun)
			repeat(out, ' ', indent);
		buf_add(out, at, len);
		buf_adds(out, "\n");
		at += len;
		at += strspn(at, " ");
	}
	free(copy);
}

/* An empty line between things of two kinds. */
static void
gap(struct sheet *s, char kind)
{
	if (s->last && s->last != kind)
		buf_adds(s->out, "\n");
	s->last = kind;
}

static void
begin(struct sheet *s, const char *title, const char *footer)
{
	wrapped(s->out, "", title);
	repeat(s->out, '=', WIDTH);
	buf_adds(s->out, "\n");
	wrapped(s->out, "", footer);
	s->last = 'h';
}

static void
end(struct sheet *s)
{
	(void)s;
}

static void
page(struct sheet *s)
{
	(void)s;
}

static void
section(struct sheet *s, const char *title)
{
	buf_adds(s->out, "\n\n");
	wrapped(s->out, "", title);
	repeat(s->out, '-', WIDTH);
	buf_adds(s->out, "\n");
	s->last = 'h';
}

static void
block(struct sheet *s, const char *number, const char *title, const char *aside)
{
	BUF_AUTO head = BUF_NONE;

	buf_addf(&head, "%s. %s  (%s)", number, title, aside);
	buf_adds(s->out, "\n\n");
	if (head.data)
		wrapped(s->out, "", head.data);
	s->last = 'h';
}

static void
block_end(struct sheet *s)
{
	(void)s;
}

/* Which of them stand together without a gap, and what each begins with. */
static const struct {
	char group;
	const char *lead;
} kinds[] = {
	[SHEET_TEXT] = { 'p', "    " },
	[SHEET_TICK] = { 't', "[ ] " },
	[SHEET_SCREEN] = { 's', "    | " },
	[SHEET_ANSWER] = { 's', "      type: " },
	[SHEET_WARNING] = { 'w', "  ! " },
};

static void
one_line(struct sheet *s, enum sheet_line kind, const char *what)
{
	if (kind == SHEET_TEXT && s->last == 'p')
		s->last = 'P'; /* paragraphs are apart */
	gap(s, kinds[kind].group);
	wrapped(s->out, kinds[kind].lead, what);
}

static void
field(struct sheet *s, const char *label, const char *value)
{
	char head[LABEL + 8];

	bool again = s->last == 'F' && !value;

	gap(s, value ? 'f' : 'F');
	snprintf(head, sizeof head, "    %-*.*s ", LABEL - 2, LABEL - 2, label);
	if (value) {
		wrapped(s->out, head, value);
		return;
	}
	buf_addf(s->out, "%s%s", again ? "\n" : "", head);
	repeat(s->out, '_', 48);
	buf_adds(s->out, "\n");
}

static void
notes(struct sheet *s, unsigned lines)
{
	s->last = 'n';
	for (; lines > 0; lines--) {
		buf_adds(s->out, "\n    ");
		repeat(s->out, '_', WIDTH - 4);
		buf_adds(s->out, "\n");
	}
}

static void
digest(struct sheet *s, const char *label, const struct digest_row *rows)
{
	gap(s, 'd');
	wrapped(s->out, "    ", label);
	for (size_t i = 0; i < DIGEST_ROWS; i++)
		buf_addf(s->out, "    [ ] %s  %s\n", rows[i].hex, rows[i].words);
}

/* Tables: each cell is wrapped within its column. */

static void
row_lines(struct sheet *s, char *const *cells)
{
	size_t at[SHEET_COLUMNS_MAX] = { 0 };

	for (bool more = true; more;) {
		size_t owed = 4; /* blanks that are due before the next letter */

		more = false;
		for (size_t i = 0; i < s->column_count; i++) {
			size_t width = s->columns[i].width - 1;
			const char *rest = cells[i] + at[i];
			size_t len = fitting(rest, width);

			if (len > 0) {
				repeat(s->out, ' ', owed);
				owed = 0;
			}
			buf_add(s->out, rest, len);
			owed += s->columns[i].width - columns_of(rest, len);
			at[i] += len + strspn(rest + len, " ");
			more |= cells[i][at[i]] != '\0';
		}
		buf_adds(s->out, "\n");
	}
}

static void
row(struct sheet *s, const char *const *cells)
{
	char *copies[SHEET_COLUMNS_MAX] = { 0 };
	char line[WIDTH + 1];
	bool by_hand = false, whole = true;

	memset(line, '_', sizeof line);
	for (size_t i = 0; i < s->column_count; i++) {
		line[s->columns[i].width - 1] = '\0';
		copies[i] = clean(cells[i] ? cells[i] : line);
		line[s->columns[i].width - 1] = '_';
		whole &= copies[i] != NULL;
		by_hand |= !cells[i];
	}
	if (by_hand)
		buf_adds(s->out, "\n");
	if (whole)
		row_lines(s, copies);
	s->out->failed |= !whole;
	for (size_t i = 0; i < s->column_count; i++)
		free(copies[i]);
}

static void
table(struct sheet *s)
{
	const char *heads[SHEET_COLUMNS_MAX];

	for (size_t i = 0; i < s->column_count; i++)
		heads[i] = s->columns[i].head;
	s->last = s->last == 'T' ? 't' : s->last;
	gap(s, 'T');
	row(s, heads);
}

static void
table_end(struct sheet *s)
{
	(void)s;
}

const struct sheet_form sheet_form_text = {
	.name = "text",
	.begin = begin,
	.end = end,
	.page = page,
	.section = section,
	.block = block,
	.block_end = block_end,
	.line = one_line,
	.field = field,
	.notes = notes,
	.digest = digest,
	.table = table,
	.row = row,
	.table_end = table_end,
};
