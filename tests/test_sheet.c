/* SPDX-License-Identifier: ISC */
#include "tests/support.h"
#include "vault/sheet.h"

#include <stdlib.h>

#define HEX                                                                                        \
	"e58294f2e9a227486e8b061b31cc528fd7fa3f19"                                                 \
	"00ff7f80aa5501fe10ef2233"
#define HOSTILE "<script>alert(\"1\")</script> & '\x1b[2J\xe2\x80\xae\xff"
#define LONG                                                                                       \
	"A sentence that goes on for much longer than one line has room for, with a word "         \
	"thatiswithoutanyblankandlongerthanawholelinebyfarsothatithastobecutsomewhereinitsmiddle " \
	"and an end."

static const struct sheet_column columns[] = {
	{ "Custodian", 14, false },
	{ "Medium", 36, true },
	{ "Signature", 26, false },
};

/* Every kind of thing, with this text wherever text can stand. */
static void
fill(const struct sheet_form *form, const char *words, struct buf *out)
{
	struct sheet s;
	const char *cells[] = { words, words, NULL };
	struct err e = { 0 };

	sheet_begin(&s, form, out, words, words);
	sheet_section(&s, words);
	sheet_block(&s, "7", words, words);
	sheet_text(&s, words);
	sheet_tick(&s, words);
	sheet_screen(&s, words);
	sheet_warning(&s, words);
	sheet_field(&s, words, words);
	sheet_field(&s, words, NULL);
	assert_ok(sheet_digest(&s, words, HEX, &e), &e);
	sheet_block_end(&s);
	sheet_page(&s);
	sheet_table(&s, columns, 3);
	sheet_row(&s, cells);
	sheet_table_end(&s);
	sheet_notes(&s, 2);
	sheet_end(&s);
	assert_false(out->failed);
}

static size_t
count(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *p = strstr(text, part); p; p = strstr(p + 1, part))
		n++;
	return n;
}

static void
html_is_escaped_everywhere(void **state)
{
	BUF_AUTO out = BUF_NONE;

	(void)state;
	fill(&sheet_form_html, HOSTILE, &out);
	assert_null(strstr(out.data, "<script"));
	assert_null(strstr(out.data, "alert(\""));
	assert_null(strchr(out.data, '\x1b'));
	assert_null(strstr(out.data, "\xe2\x80\xae"));
	assert_int_equal(count(out.data, "&#60;script&#62;alert(&#34;1&#34;)"), 16);
}

static void
html_fetches_nothing_and_is_closed(void **state)
{
	static const char *const pairs[] = { "<div", "</div>", "<table", "</table>", "<tr>",
		"</tr>", "<p", "</p>", "<td", "</td>", "<span", "</span>", "<h3>", "</h3>" };
	static const char *const never[] = { "http:", "https:", "url(", "@import", "src=", "<link",
		"<script", "<img" };
	BUF_AUTO out = BUF_NONE;

	(void)state;
	fill(&sheet_form_html, "words", &out);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i += 2)
		assert_int_equal(count(out.data, pairs[i]), count(out.data, pairs[i + 1]));
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		assert_null(strstr(out.data, never[i]));
	assert_non_null(strstr(out.data, "size: A4"));
	assert_non_null(strstr(out.data, "topmost Istanbul Pluto vagabond"));
	assert_string_equal(out.data + out.len - 8, "</html>\n");
}

static void
text_stays_within_80_columns_and_loses_nothing(void **state)
{
	BUF_AUTO out = BUF_NONE;
	BUF_AUTO joined = BUF_NONE;

	(void)state;
	fill(&sheet_form_text, LONG, &out);
	for (const char *line = out.data; *line; line = strchr(line, '\n') + 1) {
		assert_true(strcspn(line, "\n") <= 80);
		assert_true(*line == '\n' || line[strcspn(line, "\n") - 1] != ' ');
	}
	for (const char *p = out.data; *p; p++)
		if (*p != ' ' && *p != '\n')
			buf_add(&joined, p, 1);
	assert_int_equal(count(joined.data, "thatiswithoutanyblankandlongerthanawholeline"), 12);
}

static void
text_is_cleaned(void **state)
{
	BUF_AUTO out = BUF_NONE;

	(void)state;
	fill(&sheet_form_text, HOSTILE, &out);
	for (char *p = out.data; *p; p++)
		if (*p == '\n')
			*p = ' ';
	assert_true(err_is_clean(out.data));
}

static void
tables_keep_their_columns(void **state)
{
	BUF_AUTO out = BUF_NONE;
	struct sheet s;
	const char *cells[] = { "custodian-1", "dir:/media/a-stick-with-a-long-name/and",
		"r\xc3\xa9" };

	(void)state;
	sheet_begin(&s, &sheet_form_text, &out, "t", "f");
	buf_clear(&out);
	sheet_table(&s, columns, 3);
	sheet_row(&s, cells);
	assert_string_equal(out.data,
		"\n"
		"    Custodian     Medium                              Signature\n"
		"    custodian-1   dir:/media/a-stick-with-a-long-name r\xc3\xa9\n"
		"                  /and\n");
}

static void
forms_are_found_by_name(void **state)
{
	const struct sheet_form *form = NULL;
	struct err e = { 0 };

	(void)state;
	assert_ok(sheet_form_find("text", &form, &e), &e);
	assert_ptr_equal(form, &sheet_form_text);
	assert_ok(sheet_form_find("html", &form, &e), &e);
	assert_fails(sheet_form_find("pdf", &form, &e), &e, ERR_USAGE, "pdf");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(html_is_escaped_everywhere),
		unit(html_fetches_nothing_and_is_closed),
		unit(text_stays_within_80_columns_and_loses_nothing),
		unit(text_is_cleaned),
		unit(tables_keep_their_columns),
		unit(forms_are_found_by_name),
	};

	return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
