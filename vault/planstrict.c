/* SPDX-License-Identifier: ISC */
#include "vault/planstrict.h"

#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz-"
#define WORD_CHARACTERS NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+"
#define DIGITS "0123456789"
#define DIGITS_MAX 9

struct scan {
	const char *path;
	const char *at, *end;
	unsigned line;
	unsigned section, sections; /* the one that is open, or 0; how many there were */
	struct planstrict *out;
	size_t room;
	size_t section_start; /* index of the open section's first setting */
};

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN };
struct token {
	enum token_kind kind;
	const char *text; /* without the quotes */
	size_t len;
	unsigned line;
};

void
planstrict_free(struct planstrict *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->items[i].title);
	free(s->items);
	*s = (struct planstrict){ 0 };
}

const struct planstrict_item *
planstrict_find(const struct planstrict *s, unsigned section, const char *name)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct planstrict_item *item = &s->items[i];
		bool begins = item->kind == PLANSTRICT_SECTION;

		if (item->section == section && begins == !name &&
			(begins || strcmp(item->name, name) == 0))
			return item;
	}
	return NULL;
}

static bool
fails(const struct scan *s, unsigned line, const char *what, struct err *e)
{
	return err_set(e, ERR_FORMAT, "%s:%u: %s", s->path, line, what);
}

/* Characters ------------------------------------------------------------------------------- */

/* A line with its tabs as blanks is what a terminal may show. */
static bool
check_line(const struct scan *s, unsigned line, const char *text, size_t len, struct err *e)
{
	BUF_AUTO copy = BUF_NONE;

	if (memchr(text, '\0', len))
		return fails(s, line, "a NUL byte", e);
	if (memchr(text, '\r', len)) {
		fails(s, line, "a carriage return", e);
		return err_hint(e, "lines of a plan end with LF alone: dos2unix converts them");
	}
	if (memchr(text, '$', len) || memchr(text, '\\', len)) {
		fails(s, line, "`$` and backslash have no place in a plan", e);
		return err_hint(e, "nothing is expanded or escaped: write it out");
	}
	buf_add(&copy, text, len);
	if (!buf_ok(&copy, e))
		return false;
	for (size_t i = 0; i < copy.len; i++)
		if (copy.data[i] == '\t')
			copy.data[i] = ' ';
	if (!copy.data || err_is_clean(copy.data))
		return true;
	return fails(s, line, "a control character, or bytes that are not UTF-8", e);
}

static bool
check_characters(const struct scan *s, struct err *e)
{
	unsigned line = 1;

	for (const char *p = s->at; p < s->end; line++) {
		const char *lf = memchr(p, '\n', (size_t)(s->end - p));
		const char *stop = lf ? lf : s->end;

		if (!check_line(s, line, p, (size_t)(stop - p), e))
			return false;
		p = stop + 1;
	}
	return true;
}

/* Tokens ----------------------------------------------------------------------------------- */

static bool
begins(const struct scan *s, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(s->end - s->at) >= len && memcmp(s->at, text, len) == 0;
}

static bool
skip_long_comment(struct scan *s, struct err *e)
{
	unsigned line = s->line;

	for (s->at += 2; s->at < s->end; s->at++) {
		if (begins(s, "*/")) {
			s->at += 2;
			return true;
		}
		if (*s->at == '\n')
			s->line++;
	}
	return fails(s, line, "this comment does not end", e);
}

static bool
skip_blanks(struct scan *s, struct err *e)
{
	while (s->at < s->end) {
		if (begins(s, "/*")) {
			if (!skip_long_comment(s, e))
				return false;
		} else if (*s->at == '#' || begins(s, "//")) {
			while (s->at < s->end && *s->at != '\n')
				s->at++;
		} else if (strchr(" \t\n", *s->at)) {
			if (*s->at++ == '\n')
				s->line++;
		} else {
			break;
		}
	}
	return true;
}

static bool
take_text(struct scan *s, struct token *t, struct err *e)
{
	const char *p = ++s->at;

	while (p < s->end && *p != '"' && *p != '\n' && *p != '\t')
		p++;
	if (p < s->end && *p == '\t')
		return fails(s, s->line, "a tab within a text", e);
	if (p == s->end || *p == '\n')
		return fails(s, s->line, "this text does not end on its line", e);
	t->kind = TOKEN_TEXT;
	t->text = s->at;
	t->len = (size_t)(p - s->at);
	if (t->len > PLANSTRICT_TEXT_MAX)
		return fails(s, s->line, "a text of more than 1024 bytes", e);
	s->at = p + 1;
	return true;
}

static bool
take_token(struct scan *s, struct token *t, struct err *e)
{
	if (!skip_blanks(s, e))
		return false;
	*t = (struct token){ .kind = TOKEN_END, .line = s->line };
	if (s->at == s->end)
		return true;
	if (*s->at == '"')
		return take_text(s, t, e);
	t->text = s->at;
	while (s->at < s->end && strchr(WORD_CHARACTERS, *s->at))
		s->at++;
	t->len = (size_t)(s->at - t->text);
	t->kind = TOKEN_WORD;
	if (t->len > 0)
		return true;
	if (*s->at == '\'')
		return fails(s, s->line, "texts stand in double quotes", e);
	if (!strchr("={},", *s->at))
		return err_set(e, ERR_FORMAT, "%s:%u: an unexpected `%c`", s->path, s->line,
			(unsigned char)*s->at < 0x80 ? *s->at : '?');
	t->kind = TOKEN_SIGN;
	t->len = 1;
	s->at++;
	return true;
}

static bool
is_sign(const struct token *t, char sign)
{
	return t->kind == TOKEN_SIGN && *t->text == sign;
}

static bool
is_same(const struct token *t, const char *text)
{
	return text && strlen(text) == t->len && memcmp(text, t->text, t->len) == 0;
}

static bool
is_word(const struct token *t, const char *word)
{
	return t->kind == TOKEN_WORD && is_same(t, word);
}

/* Settings --------------------------------------------------------------------------------- */

static bool
add_item(struct scan *s, const struct token *name, enum planstrict_kind kind,
	struct planstrict_item **out, struct err *e)
{
	struct planstrict *o = s->out;

	if (o->count == PLANSTRICT_ITEMS_MAX)
		return fails(s, name->line, "more than 4096 settings", e);
	if (o->count == s->room) {
		size_t room = s->room ? 2 * s->room : 64;
		struct planstrict_item *items = realloc(o->items, room * sizeof *items);

		if (!items)
			return err_set(e, ERR_MEMORY, "out of memory");
		o->items = items;
		s->room = room;
	}
	*out = &o->items[o->count++];
	**out = (struct planstrict_item){ .kind = kind, .line = name->line, .section = s->section };
	memcpy((*out)->name, name->text, name->len);
	return true;
}

static bool
check_name(const struct scan *s, const struct token *t, struct err *e)
{
	if (t->kind != TOKEN_WORD || t->len > PLANSTRICT_NAME_MAX)
		return fails(s, t->line, "expected the name of a setting", e);
	for (size_t i = 0; i < t->len; i++)
		if (!strchr(NAME_CHARACTERS, t->text[i]))
			return err_set(e, ERR_FORMAT, "%s:%u: `%.*s` is no name of a setting",
				s->path, t->line, (int)t->len, t->text);
	return true;
}

/* A setting within what is open (a section, or none), or the beginning of a section. */
static bool
check_new(const struct scan *s, const struct token *name, const struct token *title, struct err *e)
{
	for (size_t i = s->section ? s->section_start : 0; i < s->out->count; i++) {
		const struct planstrict_item *item = &s->out->items[i];
		bool same = title ? is_same(title, item->title) : item->section == s->section;

		if (!same || !is_same(name, item->name))
			continue;
		return err_set(e, ERR_FORMAT, "%s:%u: %.*s%s%.*s stands on line %u already",
			s->path, name->line, (int)name->len, name->text, title ? " " : "",
			title ? (int)title->len : 0, title ? title->text : "", item->line);
	}
	return true;
}

static bool
word_kind(const struct scan *s, const struct token *t, enum planstrict_kind *kind, struct err *e)
{
	*kind = PLANSTRICT_FLAG;
	if (is_word(t, "yes") || is_word(t, "no"))
		return true;
	*kind = PLANSTRICT_NUMBER;
	for (size_t i = 0; i < t->len; i++)
		if (!strchr(DIGITS, t->text[i])) {
			err_set(e, ERR_FORMAT, "%s:%u: `%.*s` is no number, yes or no", s->path,
				t->line, (int)(t->len < 40 ? t->len : 40), t->text);
			return err_hint(e, "texts stand in double quotes");
		}
	if (t->len > 1 && t->text[0] == '0')
		return fails(s, t->line, "a number with a leading zero", e);
	if (t->len > DIGITS_MAX)
		return fails(s, t->line, "a number of more than nine digits", e);
	return true;
}

/* After its opening brace. */
static bool
read_list(struct scan *s, struct err *e)
{
	struct token t;

	for (;;) {
		if (!take_token(s, &t, e))
			return false;
		if (t.kind != TOKEN_TEXT)
			return fails(
				s, t.line, "a list has texts in double quotes, at least one", e);
		if (!take_token(s, &t, e))
			return false;
		if (is_sign(&t, '}'))
			return true;
		if (!is_sign(&t, ','))
			return fails(s, t.line, "expected `,` or `}` in this list", e);
	}
}

static bool
read_setting(struct scan *s, const struct token *name, struct err *e)
{
	struct token t;
	struct planstrict_item *item;
	enum planstrict_kind kind = PLANSTRICT_TEXT;

	if (!check_new(s, name, NULL, e) || !take_token(s, &t, e))
		return false;
	if (t.kind == TOKEN_END || (t.kind == TOKEN_SIGN && !is_sign(&t, '{')))
		return err_set(e, ERR_FORMAT, "%s:%u: %.*s has no value", s->path, name->line,
			(int)name->len, name->text);
	if (t.kind == TOKEN_WORD && !word_kind(s, &t, &kind, e))
		return false;
	if (t.kind == TOKEN_SIGN) {
		kind = PLANSTRICT_LIST;
		if (!read_list(s, e))
			return false;
	}
	return add_item(s, name, kind, &item, e);
}

static bool
open_section(struct scan *s, const struct token *name, const struct token *title, struct err *e)
{
	struct planstrict_item *item;

	if (s->section)
		return fails(s, name->line, "a section within a section", e);
	if (title->len == 0)
		return fails(s, name->line, "a section with an empty title", e);
	if (!check_new(s, name, title, e))
		return false;
	s->section = ++s->sections;
	if (!add_item(s, name, PLANSTRICT_SECTION, &item, e))
		return false;
	s->section_start = s->out->count;
	item->title = strndup(title->text, title->len);
	return item->title || err_set(e, ERR_MEMORY, "out of memory");
}

/* A setting, a section's beginning, or its end. */
static bool
read_statement(struct scan *s, const struct token *first, struct err *e)
{
	struct token t, brace;

	if (is_sign(first, '}') && s->section) {
		s->section = 0;
		return true;
	}
	if (is_sign(first, '}'))
		return fails(s, first->line, "`}` without its `{`", e);
	if (!check_name(s, first, e) || !take_token(s, &t, e))
		return false;
	if (is_sign(&t, '='))
		return read_setting(s, first, e);
	if (t.kind == TOKEN_TEXT) {
		if (!take_token(s, &brace, e))
			return false;
		if (is_sign(&brace, '{'))
			return open_section(s, first, &t, e);
	}
	err_set(e, ERR_FORMAT, "%s:%u: after `%.*s` stands neither `=` nor a title and `{`",
		s->path, first->line, (int)first->len, first->text);
	return false;
}

static bool
read_all(struct scan *s, struct err *e)
{
	struct token t;
	const struct planstrict_item *open;

	for (;;) {
		if (!take_token(s, &t, e))
			return false;
		if (t.kind == TOKEN_END)
			break;
		if (!read_statement(s, &t, e))
			return false;
	}
	open = s->section ? planstrict_find(s->out, s->section, NULL) : NULL;
	return !open || fails(s, open->line, "this section does not end: its `}` is missing", e);
}

bool
planstrict_scan(
	const char *path, const char *text, size_t len, struct planstrict *out, struct err *e)
{
	PLANSTRICT_AUTO found = { 0 };
	struct scan s = { .path = path, .at = text, .end = text + len, .line = 1, .out = &found };

	if (!check_characters(&s, e) || !read_all(&s, e))
		return false;
	*out = found;
	found = (struct planstrict){ 0 };
	return true;
}
