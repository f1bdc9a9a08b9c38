/* SPDX-License-Identifier: ISC */
#include "base/json.h"

#include "base/clock.h"

#include <stdio.h>

void
json_free_auto(json_t **j)
{
	json_decref(*j);
	*j = NULL;
}

FALLIBLE static bool
load(const char *text, size_t len, size_t flags, json_t **out, size_t *used, struct err *e)
{
	json_error_t error;
	json_t *j = json_loadb(text, len, flags, &error);

	if (!j && json_error_code(&error) == json_error_out_of_memory)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!j)
		return err_set(e, ERR_FORMAT, "malformed JSON at line %d, column %d: %s",
			error.line, error.column, error.text);
	*out = j;
	*used = (size_t)error.position;
	return true;
}

bool
json_parse(const char *text, size_t len, json_t **out, struct err *e)
{
	size_t used;
	return load(text, len, JSON_REJECT_DUPLICATES, out, &used, e);
}

bool
json_parse_next(const char *text, size_t len, json_t **out, size_t *used, struct err *e)
{
	return load(text, len, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, out, used, e);
}

/* The member `name`; NULL with the err set when there is none. */
static json_t *
member(const json_t *o, const char *name, struct err *e)
{
	if (!json_is_object(o)) {
		err_set(e, ERR_FORMAT, "expected an object with a member \"%s\"", name);
		return NULL;
	}
	json_t *m = json_object_get(o, name);
	if (!m)
		err_set(e, ERR_FORMAT, "member \"%s\" is missing", name);
	return m;
}

static bool
ill_typed(const char *name, const char *type, struct err *e)
{
	return err_set(e, ERR_FORMAT, "member \"%s\" is not %s", name, type);
}

bool
json_get_str(const json_t *o, const char *name, const char **out, struct err *e)
{
	json_t *m = member(o, name, e);
	if (!m)
		return false;
	if (!json_is_string(m))
		return ill_typed(name, "a string", e);
	*out = json_string_value(m);
	return true;
}

bool
json_get_str_opt(const json_t *o, const char *name, const char **out, struct err *e)
{
	const json_t *m = json_object_get(o, name);

	if (json_is_object(o) && (!m || json_is_null(m))) {
		*out = NULL;
		return true;
	}
	return json_get_str(o, name, out, e);
}

bool
json_get_int(const json_t *o, const char *name, int64_t *out, struct err *e)
{
	json_t *m = member(o, name, e);
	if (!m)
		return false;
	if (!json_is_integer(m))
		return ill_typed(name, "an integer", e);
	*out = json_integer_value(m);
	return true;
}

bool
json_get_bool(const json_t *o, const char *name, bool *out, struct err *e)
{
	json_t *m = member(o, name, e);
	if (!m)
		return false;
	if (!json_is_boolean(m))
		return ill_typed(name, "true or false", e);
	*out = json_is_true(m);
	return true;
}

bool
json_get_array(const json_t *o, const char *name, json_t **out, struct err *e)
{
	json_t *m = member(o, name, e);
	if (!m)
		return false;
	if (!json_is_array(m))
		return ill_typed(name, "an array", e);
	*out = m;
	return true;
}

bool
json_get_object(const json_t *o, const char *name, json_t **out, struct err *e)
{
	json_t *m = member(o, name, e);
	if (!m)
		return false;
	if (!json_is_object(m))
		return ill_typed(name, "an object", e);
	*out = m;
	return true;
}

json_t *
json_time(int64_t t)
{
	char text[CLOCK_TEXT];

	if (t == CLOCK_NONE)
		return json_null();
	clock_format(t, text);
	return json_string(text);
}

json_t *
json_seconds(int64_t t)
{
	return t == CLOCK_NONE ? json_null() : json_integer(t);
}

static int
add_piece(const char *piece, size_t len, void *out)
{
	struct buf *b = out;

	buf_add(b, piece, len);
	return b->failed ? -1 : 0;
}

bool
json_write(const json_t *j, bool pretty, struct buf *out, struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	if (json_dump_callback(j, add_piece, &text, pretty ? JSON_INDENT(2) : JSON_COMPACT) != 0 &&
		!text.failed)
		return err_set(e, ERR_INTERNAL, "a value that JSON cannot hold");
	if (pretty)
		buf_adds(&text, "\n");
	if (!buf_ok(&text, e))
		return false;
	if (out->len == 0 && !out->failed) {
		buf_move(out, &text);
		return true;
	}
	buf_add(out, text.data, text.len);
	return buf_ok(out, e);
}

bool
json_print(const json_t *j, struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	if (!json_write(j, true, &text, e))
		return false;
	if (fwrite(text.data, 1, text.len, stdout) != text.len)
		return err_errno(e, "writing standard output");
	return true;
}
