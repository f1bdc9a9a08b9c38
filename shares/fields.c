/* SPDX-License-Identifier: ISC */
#include "shares/fields.h"

#include "base/encode.h"
#include "shares/sealed.h"

#include <string.h>

#define HEX "0123456789abcdef"
#define KEY_ID HEX "ghijklmnopqrstuvwxyz._-"

struct lines {
	const char *at, *end;
	unsigned number; /* of the line that begins at `at` */
};

struct line {
	const char *text;
	size_t len;
	size_t skip; /* with its line end */
};

/* The line at hand, not yet consumed; false when no line end follows. */
static bool
line_peek(const struct lines *l, struct line *out)
{
	const char *lf = memchr(l->at, '\n', (size_t)(l->end - l->at));

	if (!lf)
		return false;
	*out = (struct line){ l->at, (size_t)(lf - l->at), (size_t)(lf - l->at) + 1 };
	if (out->len > 0 && out->text[out->len - 1] == '\r')
		out->len--;
	return true;
}

static void
line_consume(struct lines *l, const struct line *line)
{
	l->at += line->skip;
	l->number++;
}

static void
skip_blank(struct lines *l)
{
	struct line line;

	while (line_peek(l, &line) && line.len == 0)
		line_consume(l, &line);
}

static bool
no_line(const struct lines *l, struct err *e)
{
	if (l->at == l->end)
		return err_set(e, ERR_FORMAT, "line %u: the text ends too early", l->number);
	return err_set(e, ERR_FORMAT, "line %u: cut off: no line end follows", l->number);
}

static bool
read_title(struct lines *l, const char *title, struct err *e)
{
	struct line line;

	if (!line_peek(l, &line))
		return no_line(l, e);
	if (line.len != strlen(title) || memcmp(line.text, title, line.len) != 0)
		return err_set(e, ERR_FORMAT, "line %u: \"%s\" expected", l->number, title);
	line_consume(l, &line);
	return true;
}

/* The value on this line when it is the named field's. */
static const char *
value_of(const struct line *line, const char *name, size_t *len)
{
	size_t prefix = strlen(name) + 2;

	if (line->len < prefix || memcmp(line->text, name, prefix - 2) != 0 ||
		memcmp(line->text + prefix - 2, ": ", 2) != 0)
		return NULL;
	*len = line->len - prefix;
	return line->text + prefix;
}

static bool
read_value(const struct field *f, const char *value, size_t len, void *record, struct err *e)
{
	BUF_AUTO again = BUF_NONE;
	char *to = (char *)record + f->offset;

	if (!f->type->read(to, value, len, e))
		return false;
	if (!f->type->write)
		return true;
	f->type->write(to, &again);
	if (!buf_ok(&again, e))
		return false;
	if (again.len != len || memcmp(again.data, value, len) != 0)
		return err_set(e, ERR_FORMAT, "not in the one form that it may have");
	return true;
}

static bool
expected(const struct lines *l, const struct field *f, struct err *e)
{
	if (f->presence == FIELD_ELSE)
		return err_set(e, ERR_FORMAT, "line %u: \"%s: ...\" or \"%s: ...\" expected",
			l->number, f[-1].name, f->name);
	return err_set(e, ERR_FORMAT, "line %u: \"%s: ...\" expected", l->number, f->name);
}

static bool
may_stand(enum field_presence presence, bool previous)
{
	return presence == FIELD_ELSE ? !previous : presence == FIELD_WITH ? previous : true;
}

bool
fields_read(const char *title, const struct field *table, size_t count, const char *text,
	size_t len, void *record, struct err *e)
{
	bool present = false; /* the field before */
	struct line line;

	if (len == 0)
		return err_set(e, ERR_FORMAT, "empty");
	struct lines l = { text, text + len, 1 };
	skip_blank(&l);
	if (!read_title(&l, title, e))
		return false;
	for (const struct field *f = table; f < table + count; f++) {
		const char *value = NULL;
		size_t value_len = 0;

		if (!may_stand(f->presence, present))
			continue;
		if (line_peek(&l, &line))
			value = value_of(&line, f->name, &value_len);
		else if (f->presence != FIELD_MAY)
			return no_line(&l, e);
		present = value != NULL;
		if (!present && f->presence == FIELD_MAY)
			continue;
		if (!present)
			return expected(&l, f, e);
		if (!read_value(f, value, value_len, record, e))
			return err_wrap(e, "line %u: %s", l.number, f->name);
		line_consume(&l, &line);
	}
	skip_blank(&l);
	if (l.at == l.end)
		return true;
	if (!line_peek(&l, &line))
		return no_line(&l, e);
	return err_set(e, ERR_FORMAT, "line %u: nothing may follow here", l.number);
}

void
fields_write(const struct field *table, size_t count, const void *record, struct buf *out)
{
	BUF_AUTO value = BUF_NONE;

	for (const struct field *f = table; f < table + count; f++) {
		buf_clear(&value);
		f->type->write((const char *)record + f->offset, &value);
		if (value.failed)
			out->failed = true;
		if (value.len > 0)
			buf_addf(out, "%s: %s\n", f->name, value.data);
	}
}

void
fields_copy(char *to, const char *value, size_t len)
{
	memcpy(to, value, len);
	to[len] = '\0';
}

/* Whether all of `value` is of these characters: strspn for what is not NUL-terminated. */
static bool
is_all_of(const char *value, size_t len, const char *characters)
{
	for (size_t i = 0; i < len; i++)
		if (value[i] == '\0' || !strchr(characters, value[i]))
			return false;
	return true;
}

bool
fields_is_key_id(const char *value, size_t len)
{
	return len > 0 && len <= SEALED_KEY_ID_MAX && value[0] != '.' && value[0] != '-' &&
	       is_all_of(value, len, KEY_ID);
}

bool
fields_is_hex(const char *value, size_t len, size_t digits)
{
	return len == digits && is_all_of(value, len, HEX);
}

static void
write_text(const void *from, struct buf *out)
{
	buf_adds(out, from);
}

static bool
read_key_id(void *to, const char *value, size_t len, struct err *e)
{
	if (!fields_is_key_id(value, len))
		return err_set(e, ERR_FORMAT, "not a key id");
	fields_copy(to, value, len);
	return true;
}

const struct field_type fields_key_id = { read_key_id, write_text };

static bool
read_pin(void *to, const char *value, size_t len, struct err *e)
{
	uint8_t hash[32];

	if (!encode_unbase64(hash, sizeof(hash), value, len, e))
		return false;
	fields_copy(to, value, len);
	return true;
}

const struct field_type fields_pin = { read_pin, write_text };

static bool
read_set(void *to, const char *value, size_t len, struct err *e)
{
	if (!fields_is_hex(value, len, SEALED_SET_TEXT - 1))
		return err_set(e, ERR_FORMAT, "not 16 lower-case hex digits");
	fields_copy(to, value, len);
	return true;
}

const struct field_type fields_set = { read_set, write_text };

static bool
read_nonce(void *to, const char *value, size_t len, struct err *e)
{
	return encode_unhex(to, SEALED_NONCE_LEN, value, len, e);
}

static void
write_nonce(const void *from, struct buf *out)
{
	char hex[ENCODE_HEX_SIZE(SEALED_NONCE_LEN)];

	encode_hex(hex, from, SEALED_NONCE_LEN);
	buf_adds(out, hex);
}

const struct field_type fields_nonce = { read_nonce, write_nonce };

static bool
read_ciphertext(void *to, const char *value, size_t len, struct err *e)
{
	uint8_t data[SEALED_PLAIN_MAX + SEALED_TAG_LEN];
	struct buf *out = to;
	size_t data_len = encode_base64_len(value, len);

	if (data_len <= SEALED_TAG_LEN || data_len > sizeof(data))
		return err_set(e, ERR_FORMAT, "not base64 of %d to %zu bytes", SEALED_TAG_LEN + 1,
			sizeof(data));
	if (!encode_unbase64(data, data_len, value, len, e))
		return false;
	buf_clear(out);
	buf_add(out, data, data_len);
	return buf_ok(out, e);
}

static void
write_ciphertext(const void *from, struct buf *out)
{
	const struct buf *data = from;

	encode_base64_buf(out, (const uint8_t *)data->data, data->len);
}

const struct field_type fields_ciphertext = { read_ciphertext, write_ciphertext };
