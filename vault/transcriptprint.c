/* SPDX-License-Identifier: ISC */
#include "base/digest.h"
#include "base/help.h"
#include "base/html.h"
#include "vault/transcript.h"
#include "vault/transcriptview.h"

#include <string.h>

/* Text ------------------------------------------------------------------------------------- */

static const char *
cell(const json_t *row, size_t i)
{
	const char *text = json_string_value(json_array_get(row, i));

	return text ? text : "";
}

/* The first cell by itself, then each other one after its column's name: as it is read aloud. */
static void
text_row(const json_t *columns, const json_t *row, struct buf *out)
{
	if (json_array_size(columns) == 2 && !*cell(columns, 0)) {
		size_t start = out->len;

		buf_addf(out, "  %-13s ", cell(row, 0));
		help_wrapped(out, cell(row, 1), out->len - start, 16);
		return;
	}
	buf_adds(out, "  ");
	help_wrapped(out, cell(row, 0), 2, 4);
	for (size_t i = 1; i < json_array_size(row); i++) {
		size_t start = out->len;

		if (!*cell(row, i))
			continue;
		buf_addf(out, "    %s: ", cell(columns, i));
		help_wrapped(out, cell(row, i), out->len - start, 8);
	}
}

static bool
text_digests(const json_t *transcript, struct buf *out, struct err *e)
{
	const json_t *d;
	size_t i;

	json_array_foreach(transcript_digests(transcript), i, d)
	{
		buf_addf(out, "  %s\n", json_string_value(json_object_get(d, "of")));
		if (!digest_text(json_string_value(json_object_get(d, "hex")), "    ", out, e))
			return false;
	}
	return true;
}

static void
text_signatures(const json_t *names, struct buf *out)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name) buf_addf(out,
		"\n  %-34s ______________________________ ____________\n", json_string_value(name));
}

bool
transcript_text(const json_t *transcript, struct buf *out, struct err *e)
{
	struct transcriptview v;
	const json_t *section, *row;
	size_t i, r;

	if (!transcriptview_make(transcript, &v, e))
		return false;
	buf_addf(out, "%s\n", v.title);
	buf_adds(out, "\nDigests, to be compared aloud\n\n");
	bool ok = text_digests(transcript, out, e);
	json_array_foreach(v.sections, i, section)
	{
		buf_addf(out, "\n%s\n\n", json_string_value(json_object_get(section, "title")));
		json_array_foreach(json_object_get(section, "rows"), r, row)
			text_row(json_object_get(section, "columns"), row, out);
	}
	buf_adds(out, "\nSignatures, with the date\n");
	text_signatures(v.names, out);
	transcriptview_free(&v);
	return ok && buf_ok(out, e);
}

/* HTML ------------------------------------------------------------------------------------- */

static void
html_row(const json_t *row, const char *tag, struct buf *out)
{
	buf_adds(out, "<tr>");
	for (size_t i = 0; i < json_array_size(row); i++) {
		buf_addf(out, "<%s>", tag);
		html_text(out, cell(row, i));
		buf_addf(out, "</%s>", tag);
	}
	buf_adds(out, "</tr>\n");
}

static void
html_section(const json_t *section, struct buf *out)
{
	const json_t *columns = json_object_get(section, "columns"), *row;
	size_t i;

	buf_adds(out, "<h2>");
	html_text(out, json_string_value(json_object_get(section, "title")));
	buf_adds(out, "</h2>\n<table>\n");
	if (*cell(columns, 0))
		html_row(columns, "th", out);
	json_array_foreach(json_object_get(section, "rows"), i, row) html_row(row, "td", out);
	buf_adds(out, "</table>\n");
}

static bool
html_digests(const json_t *transcript, struct buf *out, struct err *e)
{
	struct digest_row rows[DIGEST_ROWS];
	const json_t *d;
	size_t i;

	buf_adds(out, "<h2>Digests, to be compared aloud</h2>\n<table>\n");
	json_array_foreach(transcript_digests(transcript), i, d)
	{
		if (!digest_rows(json_string_value(json_object_get(d, "hex")), rows, e))
			return false;
		buf_adds(out, "<tr><td>");
		html_text(out, json_string_value(json_object_get(d, "of")));
		buf_adds(out, "</td><td class=\"hex\">");
		for (size_t r = 0; r < DIGEST_ROWS; r++)
			buf_addf(out, "%s&nbsp; %s<br>", rows[r].hex, rows[r].words);
		buf_adds(out, "</td></tr>\n");
	}
	buf_adds(out, "</table>\n");
	return true;
}

static void
html_signatures(const json_t *names, struct buf *out)
{
	const json_t *name;
	size_t i;

	buf_adds(out, "<h2>Signatures</h2>\n<table>\n<tr><th>who</th><th>signature</th>"
		      "<th>date</th></tr>\n");
	json_array_foreach(names, i, name)
	{
		buf_adds(out, "<tr><td class=\"line\">");
		html_text(out, json_string_value(name));
		buf_adds(out, "</td><td></td><td></td></tr>\n");
	}
	buf_adds(out, "</table>\n");
}

bool
transcript_html(const json_t *transcript, struct buf *out, struct err *e)
{
	struct transcriptview v;
	const json_t *section;
	size_t i;

	if (!transcriptview_make(transcript, &v, e))
		return false;
	html_begin(out, v.title);
	bool ok = html_digests(transcript, out, e);
	json_array_foreach(v.sections, i, section) html_section(section, out);
	html_signatures(v.names, out);
	html_end(out);
	transcriptview_free(&v);
	return ok && buf_ok(out, e);
}
