/* SPDX-License-Identifier: ISC */
#include "tests/cards/store.h"

#include "base/encode.h"
#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where `id` is, or where it belongs. */
static size_t
place_of(const struct store *s, uint32_t id)
{
	size_t i = 0;

	while (i < s->count && s->values[i].id < id)
		i++;
	return i;
}

const struct store_value *
store_get(const struct store *s, uint32_t id)
{
	size_t i = place_of(s, id);

	return i < s->count && s->values[i].id == id ? &s->values[i] : NULL;
}

void
store_drop(struct store *s, uint32_t id)
{
	size_t i = place_of(s, id);

	if (i == s->count || s->values[i].id != id)
		return;
	free(s->values[i].data);
	memmove(&s->values[i], &s->values[i + 1], (s->count - i - 1) * sizeof(*s->values));
	s->count--;
	s->changed = true;
}

bool
store_put(struct store *s, uint32_t id, const void *data, size_t len)
{
	struct store_value *values = realloc(s->values, (s->count + 1) * sizeof(*values));
	uint8_t *copy = malloc(len + 1);
	size_t i;

	if (values)
		s->values = values;
	if (!values || !copy) {
		free(copy);
		return false;
	}
	if (len > 0)
		memcpy(copy, data, len);
	store_drop(s, id);
	i = place_of(s, id);
	memmove(&s->values[i + 1], &s->values[i], (s->count - i) * sizeof(*values));
	s->values[i] = (struct store_value){ .id = id, .data = copy, .len = len };
	s->count++;
	s->changed = true;
	return true;
}

static bool
read_line(struct store *s, const char *line, size_t len, struct err *e)
{
	BUF_AUTO value = BUF_NONE;
	uint32_t id;
	int used;

	/* An empty value ends right behind the blank. */
	if (sscanf(line, "%" SCNx32 "%n", &id, &used) != 1 || line[used++] != ' ' ||
		(len - (size_t)used) % 2 != 0)
		return err_set(e, ERR_FORMAT, "no state of a card: %s", s->path);
	len -= (size_t)used;
	buf_add(&value, line + used, len); /* room for half as many bytes */
	if (!buf_ok(&value, e) ||
		!encode_unhex((uint8_t *)value.data, len / 2, line + used, len, e))
		return err_wrap(e, "%s", s->path);
	if (!store_put(s, id, value.data, len / 2))
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

bool
store_open(struct store *s, const char *path, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	const char *line, *end;

	*s = (struct store){ .path = path };
	if (!file_exists(path))
		return true;
	if (!file_read(path, FILE_LIMIT_LARGE, &text, e))
		return false;
	for (line = text.data; line && (end = strchr(line, '\n')); line = end + 1) {
		if (!read_line(s, line, (size_t)(end - line), e))
			return false;
	}
	s->changed = false;
	return true;
}

static void
write_value(struct buf *out, const struct store_value *v)
{
	size_t i;

	buf_addf(out, "%" PRIx32 " ", v->id);
	for (i = 0; i < v->len; i++)
		buf_addf(out, "%02x", v->data[i]);
	buf_adds(out, "\n");
}

bool
store_save(struct store *s, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	AUTO_STR temp = NULL;
	size_t i;

	if (!s->changed)
		return true;
	for (i = 0; i < s->count; i++)
		write_value(&text, &s->values[i]);
	if (!buf_ok(&text, e) || !file_path(&temp, e, "%s.new", s->path))
		return false;
	unlink(temp); /* of one that was killed half-way */
	if (!file_write_new(temp, 0600, text.data, text.len, e))
		return false;
	if (rename(temp, s->path) != 0)
		return err_errno(e, "replacing %s", s->path);
	s->changed = false;
	return true;
}

void
store_close(struct store *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		free(s->values[i].data);
	free(s->values);
	*s = (struct store){ 0 };
}
