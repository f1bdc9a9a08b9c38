/* SPDX-License-Identifier: ISC */
/*
 * sheet: a paper for people, written once and shown as text of 80 columns or as HTML for A4.
 *
 * The HTML is one file: no scripts, nothing fetched, styles inside. Whatever is handed in is
 * escaped, and control characters become '?' (err_clean). A failed allocation sticks to the buf.
 */
#ifndef VAULT_SHEET_H
#define VAULT_SHEET_H

#include "base/buf.h"
#include "base/digest.h"

#define SHEET_COLUMNS_MAX 8

struct sheet_column {
	const char *head;
	unsigned width; /* in characters of text; together at most 76; HTML takes it as a share */
	bool typed;     /* what stands in it is compared or typed: in a fixed width */
};

struct sheet_form;
struct sheet {
	const struct sheet_form *form;
	struct buf *out;
	const struct sheet_column *columns; /* of the open table */
	size_t column_count;
	char last; /* the form's own */
};

/* "html", "text". ERR_USAGE. */
bool sheet_form_find(const char *name, const struct sheet_form **out, struct err *e) FALLIBLE;

/* `footer` stands on every page. Both are borrowed until the end. */
void sheet_begin(struct sheet *s, const struct sheet_form *form, struct buf *out, const char *title,
	const char *footer);
void sheet_end(struct sheet *s);

void sheet_page(struct sheet *s); /* what follows begins a new page */
void sheet_section(struct sheet *s, const char *title);
/* A block that is kept on one page: a step. `number` stands out, `aside` is small ("operator"). */
void sheet_block(struct sheet *s, const char *number, const char *title, const char *aside);
void sheet_block_end(struct sheet *s);

void sheet_text(struct sheet *s, const char *text);   /* a paragraph */
void sheet_tick(struct sheet *s, const char *text);   /* with a box to tick */
void sheet_screen(struct sheet *s, const char *text); /* what a screen shows; a command */
void sheet_answer(struct sheet *s, const char *text); /* what is typed then */
void sheet_warning(struct sheet *s, const char *text);
/* A label, and what it is, or with NULL a line to write it on. */
void sheet_field(struct sheet *s, const char *label, const char *value);
void sheet_notes(struct sheet *s, unsigned lines); /* empty lines to write on */
/* As digest.h shows it. ERR_FORMAT when `hex` is no digest. */
bool sheet_digest(struct sheet *s, const char *label, const char *hex, struct err *e) FALLIBLE;

/* A table: its rows have a cell for each column; NULL: to be filled in by hand. */
void sheet_table(struct sheet *s, const struct sheet_column *columns, size_t count);
void sheet_row(struct sheet *s, const char *const *cells);
void sheet_table_end(struct sheet *s);

/* For sheet*.c: what each form does. */
enum sheet_line { SHEET_TEXT, SHEET_TICK, SHEET_SCREEN, SHEET_ANSWER, SHEET_WARNING };
struct sheet_form {
	const char *name;
	void (*begin)(struct sheet *s, const char *title, const char *footer);
	void (*end)(struct sheet *s);
	void (*page)(struct sheet *s);
	void (*section)(struct sheet *s, const char *title);
	void (*block)(struct sheet *s, const char *number, const char *title, const char *aside);
	void (*block_end)(struct sheet *s);
	void (*line)(struct sheet *s, enum sheet_line kind, const char *text);
	void (*field)(struct sheet *s, const char *label, const char *value);
	void (*notes)(struct sheet *s, unsigned lines);
	void (*digest)(struct sheet *s, const char *label, const struct digest_row *rows);
	void (*table)(struct sheet *s);
	void (*row)(struct sheet *s, const char *const *cells);
	void (*table_end)(struct sheet *s);
};
extern const struct sheet_form sheet_form_text, sheet_form_html;

#endif
