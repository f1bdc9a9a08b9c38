/* SPDX-License-Identifier: ISC */
#include "vault/sheet.h"

#include <string.h>

static const struct sheet_form *const forms[] = { &sheet_form_html, &sheet_form_text };

bool
sheet_form_find(const char *name, const struct sheet_form **out, struct err *e)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (strcmp(forms[i]->name, name) == 0) {
			*out = forms[i];
			return true;
		}
	err_set(e, ERR_USAGE, "%s is no form of a paper", name);
	return err_hint(e, "html to be printed on A4, text for 80 columns");
}

void
sheet_begin(struct sheet *s, const struct sheet_form *form, struct buf *out, const char *title,
	const char *footer)
{
	*s = (struct sheet){ .form = form, .out = out };
	form->begin(s, title, footer);
}

void
sheet_end(struct sheet *s)
{
	s->form->end(s);
}

void
sheet_page(struct sheet *s)
{
	s->form->page(s);
}

void
sheet_section(struct sheet *s, const char *title)
{
	s->form->section(s, title);
}

void
sheet_block(struct sheet *s, const char *number, const char *title, const char *aside)
{
	s->form->block(s, number, title, aside);
}

void
sheet_block_end(struct sheet *s)
{
	s->form->block_end(s);
}

void
sheet_text(struct sheet *s, const char *text)
{
	s->form->line(s, SHEET_TEXT, text);
}

void
sheet_tick(struct sheet *s, const char *text)
{
	s->form->line(s, SHEET_TICK, text);
}

void
sheet_screen(struct sheet *s, const char *text)
{
	s->form->line(s, SHEET_SCREEN, text);
}

void
sheet_answer(struct sheet *s, const char *text)
{
	s->form->line(s, SHEET_ANSWER, text);
}

void
sheet_warning(struct sheet *s, const char *text)
{
	s->form->line(s, SHEET_WARNING, text);
}

void
sheet_field(struct sheet *s, const char *label, const char *value)
{
	s->form->field(s, label, value);
}

void
sheet_notes(struct sheet *s, unsigned lines)
{
	s->form->notes(s, lines);
}

bool
sheet_digest(struct sheet *s, const char *label, const char *hex, struct err *e)
{
	struct digest_row rows[DIGEST_ROWS];

	if (!digest_rows(hex, rows, e))
		return false;
	s->form->digest(s, label, rows);
	return true;
}

void
sheet_table(struct sheet *s, const struct sheet_column *columns, size_t count)
{
	s->columns = columns;
	s->column_count = count < SHEET_COLUMNS_MAX ? count : SHEET_COLUMNS_MAX;
	s->form->table(s);
}

void
sheet_row(struct sheet *s, const char *const *cells)
{
	s->form->row(s, cells);
}

void
sheet_table_end(struct sheet *s)
{
	s->form->table_end(s);
}
