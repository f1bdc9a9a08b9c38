/* SPDX-License-Identifier: ISC */
#include "vault/statebuild.h"

#include "base/clock.h"
#include "base/encode.h"

#include <stdlib.h>
#include <string.h>

#define PATH_MAX_LEN 512
#define HEX_MAX 64
#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

void *
statebuild_room(void *items, size_t count, size_t size, struct err *e)
{
	if (count > 0 && (count & (count - 1)) != 0)
		return items;
	void *more = reallocarray(items, count == 0 ? 1 : 2 * count, size);
	if (!more)
		err_set(e, ERR_MEMORY, "out of memory");
	return more;
}

bool
statebuild_copy(char **out, const char *text, struct err *e)
{
	char *copy;

	if (text && !err_is_clean(text))
		return err_set(e, ERR_FORMAT, "a text in it cannot be shown: %s", text);
	copy = text ? strdup(text) : NULL;
	if (text && !copy)
		return err_set(e, ERR_MEMORY, "out of memory");
	free(*out);
	*out = copy;
	return true;
}

static bool
is_hex(const char *text, size_t digits)
{
	uint8_t bytes[HEX_MAX / 2];
	struct err ignored;

	return encode_unhex(bytes, digits / 2, text, strlen(text), &ignored);
}

bool
statebuild_hex(const json_t *o, const char *name, size_t digits, const char **out, struct err *e)
{
	const char *text;

	if (!json_get_str(o, name, &text, e))
		return false;
	if (!is_hex(text, digits))
		return err_set(e, ERR_FORMAT, "member \"%s\" is not %zu hex digits", name, digits);
	*out = text;
	return true;
}

/* Key ids become folder names. */
bool
statebuild_key_id(const json_t *o, const char *name, const char **out, struct err *e)
{
	const char *text;

	if (!json_get_str(o, name, &text, e))
		return false;
	size_t len = strlen(text);
	if (len == 0 || len > SEALED_KEY_ID_MAX || text[0] == '.' ||
		strspn(text, ID_CHARACTERS) != len)
		return err_set(e, ERR_FORMAT, "member \"%s\" is no key id", name);
	*out = text;
	return true;
}

bool
statebuild_pin(const json_t *o, const char *name, struct pin *out, struct err *e)
{
	const char *text;

	return json_get_str(o, name, &text, e) && pin_parse(text, out, e);
}

bool
statebuild_name(
	const json_t *o, const char *name, char out[static SHARE_NAME_MAX + 1], struct err *e)
{
	const char *text;

	if (!json_get_str(o, name, &text, e) || !share_name_check(name, text, e))
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

bool
statebuild_time(const json_t *o, const char *name, int64_t *out, struct err *e)
{
	const char *text;

	return json_get_str(o, name, &text, e) && clock_parse(text, out, e);
}

/* Below the vault and nowhere else: no empty part, none that starts with a dot. */
static bool
is_path(const char *path)
{
	size_t len = strlen(path);
	const char *part = path;

	if (len > PATH_MAX_LEN || strspn(path, ID_CHARACTERS "/") != len)
		return false;
	for (;;) {
		if (*part == '\0' || *part == '/' || *part == '.')
			return false;
		const char *slash = strchr(part, '/');
		if (!slash)
			return true;
		part = slash + 1;
	}
}

bool
statebuild_files(struct state *s, const json_t *body, struct err *e)
{
	json_t *files, *hash;
	const char *path;

	if (!json_get_object(body, "files", &files, e))
		return false;
	json_object_foreach(files, path, hash)
	{
		if (!is_path(path))
			return err_set(e, ERR_FORMAT, "\"%s\" is no path below the vault", path);
		if (!json_is_string(hash) || !is_hex(json_string_value(hash), HEX_MAX))
			return err_set(e, ERR_FORMAT, "the hash of %s is none", path);
		if (json_object_get(s->files, path) || json_object_get(s->destroyed, path))
			return err_set(e, ERR_FORMAT, "%s is named by an earlier line", path);
		if (json_object_set(s->files, path, hash) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	return true;
}

bool
statebuild_destroyed(struct state *s, const char *path, struct err *e)
{
	json_t *hash = json_object_get(s->files, path);

	if (!hash)
		return err_set(e, ERR_FORMAT, "there is no %s to destroy", path);
	if (json_object_set(s->destroyed, path, hash) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	json_object_del(s->files, path);
	return true;
}

bool
statebuild_index(json_t *index, const char *text, json_int_t number, struct err *e)
{
	if (json_object_set_new(index, text, json_integer(number)) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

bool
statebuild_domain(struct state *s, const char *name, struct state_domain **out, struct err *e)
{
	struct state_domain *domains, *d = state_find_domain(s, name);

	if (d) {
		*out = d;
		return true;
	}
	domains = statebuild_room(s->domains, s->domain_count, sizeof(*domains), e);
	if (!domains)
		return false;
	s->domains = domains;
	d = &domains[s->domain_count];
	*d = (struct state_domain){ .policy = STATE_POLICY_UNSET };
	if (!statebuild_copy(&d->name, name, e))
		return false;
	s->domain_count++;
	*out = d;
	return statebuild_index(s->domain_index, name, (json_int_t)s->domain_count - 1, e);
}

struct state_set *
statebuild_find_set(const struct state_key *k, const char *id)
{
	for (size_t i = k->set_count; i-- > 0;)
		if (strcmp(k->sets[i].id, id) == 0)
			return &k->sets[i];
	return NULL;
}

bool
statebuild_get_set(const struct state *s, const json_t *o, struct state_key **key,
	struct state_set **set, struct err *e)
{
	const char *id, *set_id;

	if (!statebuild_key_id(o, "key", &id, e) ||
		!statebuild_hex(o, "set", SEALED_SET_TEXT - 1, &set_id, e))
		return false;
	*key = state_key_by_id(s, id);
	*set = *key ? statebuild_find_set(*key, set_id) : NULL;
	if (!*set)
		return err_set(e, ERR_FORMAT, "the vault has no set %s of a key %s", set_id, id);
	return true;
}

void
statebuild_handled(struct state *s, struct state_key *k, const struct journal_line *line)
{
	if (!line->online)
		return;
	if (k->origin == ORIGIN_OFFLINE)
		k->origin = ORIGIN_ONLINE;
	if (share_is_signing_key(k->id))
		s->offline = false;
}

/* By its number a share is found whose holder nobody knew: that of a rebuilt vault. */
static bool
see_number(struct state_set *set, const json_t *number, const json_t *name, int64_t time,
	struct err *e)
{
	const char *custodian = json_string_value(name);

	if (!json_is_integer(number) || !custodian)
		return err_set(e, ERR_FORMAT, "shares that were read have no numbers or no names");
	for (size_t j = 0; j < set->share_count; j++) {
		struct state_share *share = &set->shares[j];

		if (share->number != json_integer_value(number))
			continue;
		if (share->seen == CLOCK_NONE) {
			if (!share_name_check("custodian", custodian, e))
				return false;
			strcpy(share->custodian, custodian);
		}
		share->seen = time;
	}
	return true;
}

static bool
see_numbers(struct state_set *set, const json_t *o, const json_t *custodians, int64_t time,
	struct err *e)
{
	json_t *numbers, *number;
	size_t i;

	if (!json_object_get(o, "numbers"))
		return true;
	if (!json_get_array(o, "numbers", &numbers, e))
		return false;
	json_array_foreach(numbers, i, number)
	{
		if (!see_number(set, number, json_array_get(custodians, i), time, e))
			return false;
	}
	return true;
}

FALLIBLE static bool
mark_seen(struct state_set *set, const json_t *o, int64_t time, struct err *e)
{
	json_t *custodians, *name;
	size_t i;

	if (!json_get_array(o, "custodians", &custodians, e))
		return false;
	json_array_foreach(custodians, i, name)
	{
		if (!json_is_string(name))
			return err_set(e, ERR_FORMAT, "custodian %zu has no name", i + 1);
		for (size_t j = 0; j < set->share_count; j++)
			if (!set->shares[j].replaced &&
				strcmp(set->shares[j].custodian, json_string_value(name)) == 0)
				set->shares[j].seen = time;
	}
	return see_numbers(set, o, custodians, time, e);
}

bool
statebuild_brought_back(struct state *s, const json_t *o, const struct journal_line *line,
	struct state_key **key, struct state_set **set, struct err *e)
{
	if (!statebuild_get_set(s, o, key, set, e) || !mark_seen(*set, o, line->time, e))
		return false;
	statebuild_handled(s, *key, line);
	return true;
}
