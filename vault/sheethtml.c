/* SPDX-License-Identifier: ISC */
/* HTML for A4: one file, printed by any browser. */
#include "vault/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
	"@page { size: A4; margin: 16mm 16mm 20mm 18mm;\n"
	"  @bottom-left { content: string(foot); font: 8pt sans-serif; color: #444; }\n"
	"  @bottom-right { content: counter(page) \" / \" counter(pages); font: 8pt sans-serif; "
	"color: #444; } }\n"
	"body { font: 10.5pt/1.4 \"DejaVu Sans\", Verdana, sans-serif; color: #000; "
	"background: #fff; max-width: 176mm; margin: 0 auto; }\n"
	"h1 { font-size: 20pt; margin: 0 0 1mm; line-height: 1.2; }\n"
	".foot { string-set: foot content(); font-size: 9pt; color: #444; margin: 0 0 5mm; "
	"border-bottom: 1.5pt solid #000; padding-bottom: 2mm; overflow-wrap: anywhere; }\n"
	"h2 { font-size: 13pt; margin: 7mm 0 2mm; break-after: avoid; "
	"border-bottom: .5pt solid #000; }\n"
	"h3 { font-size: 11.5pt; margin: 0 0 1mm; break-after: avoid; }\n"
	"h3 .n { display: inline-block; min-width: 8mm; border: 1pt solid #000; "
	"text-align: center; margin-right: 2mm; }\n"
	"h3 .who { font-weight: normal; font-size: 9pt; float: right; padding-top: .6mm; }\n"
	"p { margin: 1mm 0 1.5mm; }\n"
	".block { break-inside: avoid; margin: 0 0 4mm; padding: 2.5mm 3mm; "
	"border: .5pt solid #888; }\n"
	".page { break-before: page; }\n"
	".tick { margin: 1.2mm 0 1.2mm 7mm; text-indent: -7mm; break-inside: avoid; }\n"
	".tick::before { content: \"\"; display: inline-block; width: 3.4mm; height: 3.4mm; "
	"border: 1pt solid #000; margin-right: 2.6mm; vertical-align: -0.4mm; }\n"
	".screen { font: 9.5pt/1.35 \"DejaVu Sans Mono\", monospace; margin: 1mm 0 1mm 7mm; "
	"padding: .8mm 2mm; border-left: 2pt solid #000; background: #f2f2f2; "
	"overflow-wrap: anywhere; }\n"
	".warning { margin: 1.5mm 0 1mm; padding: 1mm 2mm; border: 1.2pt solid #000; "
	"font-weight: bold; break-inside: avoid; }\n"
	".answer { font-size: 9.5pt; margin: 0 0 1.5mm 7mm; padding-left: 2.7mm; }\n"
	".field { display: table; width: 100%; break-inside: avoid; }\n"
	".field span { display: table-cell; vertical-align: baseline; padding-top: 1mm; }\n"
	".field .l { width: 48mm; } .field .v { overflow-wrap: anywhere; }\n"
	".field .v.hand { border-bottom: .7pt solid #000; height: 7mm; }\n"
	".field + .tick, .field + p { margin-top: 3mm; }\n"
	".line { border-bottom: .7pt solid #000; height: 8mm; }\n"
	"table { border-collapse: collapse; width: 100%; margin: 1mm 0 3mm; "
	"table-layout: fixed; break-inside: avoid; }\n"
	"th, td { border: .5pt solid #888; padding: 1mm 1.6mm; text-align: left; "
	"vertical-align: top; overflow-wrap: anywhere; }\n"
	"th { background: #eee; font-size: 9pt; } tr { break-inside: avoid; }\n"
	"thead { display: table-header-group; } td.hand { height: 9mm; }\n"
	"td.typed, .digest td { font-family: \"DejaVu Sans Mono\", monospace; "
	"font-size: 9pt; }\n"
	".digest { width: auto; table-layout: auto; break-inside: avoid; } "
	".digest td { border: none; padding: .3mm 3mm .3mm 0; }\n"
	".digest .box { width: 3mm; height: 3mm; border: .8pt solid #000; "
	"display: inline-block; }\n";

/* Escaped: text, or an attribute in double quotes. */
static void
put(struct buf *out, const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		out->failed = true;
		return;
	}
	err_clean(copy);
	for (const char *p = copy; *p; p++) {
		size_t plain = strcspn(p, "&<>\"'");

		buf_add(out, p, plain);
		p += plain;
		if (!*p)
			break;
		buf_addf(out, "&#%d;", *p);
	}
	free(copy);
}

static void
element(struct buf *out, const char *open, const char *text, const char *close)
{
	buf_adds(out, open);
	put(out, text);
	buf_adds(out, close);
}

static void
begin(struct sheet *s, const char *title, const char *footer)
{
	buf_adds(s->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
			 "'none'; style-src 'unsafe-inline'\">\n");
	element(s->out, "<title>", title, "</title>\n<style>\n");
	buf_adds(s->out, style);
	element(s->out, "</style>\n</head>\n<body>\n<h1>", title, "</h1>\n");
	element(s->out, "<p class=\"foot\">", footer, "</p>\n");
}

static void
end(struct sheet *s)
{
	buf_adds(s->out, "</body>\n</html>\n");
}

static void
page(struct sheet *s)
{
	buf_adds(s->out, "<div class=\"page\"></div>\n");
}

static void
section(struct sheet *s, const char *title)
{
	element(s->out, "<h2>", title, "</h2>\n");
}

static void
block(struct sheet *s, const char *number, const char *title, const char *aside)
{
	element(s->out, "<div class=\"block\">\n<h3><span class=\"who\">", aside, "</span>");
	element(s->out, "<span class=\"n\">", number, "</span>");
	element(s->out, "", title, "</h3>\n");
}

static void
block_end(struct sheet *s)
{
	buf_adds(s->out, "</div>\n");
}

static const struct {
	const char *open, *close;
} kinds[] = {
	[SHEET_TEXT] = { "<p>", "</p>\n" },
	[SHEET_TICK] = { "<p class=\"tick\">", "</p>\n" },
	[SHEET_SCREEN] = { "<p class=\"screen\">", "</p>\n" },
	[SHEET_ANSWER] = { "<p class=\"answer\">type: <b>", "</b></p>\n" },
	[SHEET_WARNING] = { "<p class=\"warning\">", "</p>\n" },
};

static void
one_line(struct sheet *s, enum sheet_line kind, const char *what)
{
	element(s->out, kinds[kind].open, what, kinds[kind].close);
}

static void
field(struct sheet *s, const char *label, const char *value)
{
	element(s->out, "<div class=\"field\"><span class=\"l\">", label, "</span>");
	if (value)
		element(s->out, "<span class=\"v\">", value, "</span></div>\n");
	else
		buf_adds(s->out, "<span class=\"v hand\"></span></div>\n");
}

static void
notes(struct sheet *s, unsigned lines)
{
	for (; lines > 0; lines--)
		buf_adds(s->out, "<div class=\"line\"></div>\n");
}

static void
digest(struct sheet *s, const char *label, const struct digest_row *rows)
{
	element(s->out, "<p>", label, "</p>\n<table class=\"digest\">\n");
	for (size_t i = 0; i < DIGEST_ROWS; i++)
		buf_addf(s->out,
			"<tr><td><span class=\"box\"></span></td><td>%s</td><td>%s</td></tr>\n",
			rows[i].hex, rows[i].words);
	buf_adds(s->out, "</table>\n");
}

/* A share of the width for each column, and its head. */
static void
table(struct sheet *s)
{
	unsigned all = 0;

	for (size_t i = 0; i < s->column_count; i++)
		all += s->columns[i].width;
	buf_adds(s->out, "<table>\n<colgroup>");
	for (size_t i = 0; i < s->column_count; i++)
		buf_addf(s->out, "<col style=\"width: %u%%\">", 100 * s->columns[i].width / all);
	buf_adds(s->out, "</colgroup>\n<thead><tr>");
	for (size_t i = 0; i < s->column_count; i++)
		element(s->out, "<th>", s->columns[i].head, "</th>");
	buf_adds(s->out, "</tr></thead>\n<tbody>\n");
}

static void
row(struct sheet *s, const char *const *cells)
{
	buf_adds(s->out, "<tr>");
	for (size_t i = 0; i < s->column_count; i++) {
		if (!cells[i])
			buf_adds(s->out, "<td class=\"hand\"></td>");
		else
			element(s->out, s->columns[i].typed ? "<td class=\"typed\">" : "<td>",
				cells[i], "</td>");
	}
	buf_adds(s->out, "</tr>\n");
}

static void
table_end(struct sheet *s)
{
	buf_adds(s->out, "</tbody>\n</table>\n");
}

const struct sheet_form sheet_form_html = {
	.name = "html",
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
