/* SPDX-License-Identifier: ISC */
#include "vault/statedealt.h"

#include "base/encode.h"
#include "vault/statebuild.h"

static bool
take_commitments(struct state_set *set, const json_t *item, int64_t time, struct err *e)
{
	json_t *list, *text;
	size_t i;

	if (!json_get_array(item, "commitments", &list, e))
		return false;
	if (json_array_size(list) != set->share_count)
		return err_set(e, ERR_FORMAT, "%zu commitments for %zu shares",
			json_array_size(list), set->share_count);
	json_array_foreach(list, i, text)
	{
		struct state_share *share = &set->shares[i];
		uint8_t hash[ENCODE_HASH_LEN];

		if (!json_is_string(text) ||
			!encode_unhex(hash, sizeof(hash), json_string_value(text),
				json_string_length(text), e))
			return err_set(e, ERR_FORMAT, "commitment %zu is none", i + 1);
		encode_hex(share->commitment, hash, sizeof(hash));
		share->seen = time;
	}
	return true;
}

/* Where the shares of a custodian went who was asked for a medium in between. */
static bool
take_media(struct state_set *set, const json_t *media, struct err *e)
{
	for (size_t i = 0; media && i < set->share_count; i++) {
		const char *spec;

		if (!json_get_str_opt(media, set->shares[i].custodian, &spec, e))
			return false;
		if (spec && !statebuild_copy(&set->shares[i].medium, spec, e))
			return false;
	}
	return true;
}

/* "detached" says it for the whole batch; of a key it lists the shares for whose sealed key the
 * medium was too small. */
static bool
take_detached(struct state_set *set, const json_t *batch, const json_t *item, struct err *e)
{
	json_t *list = NULL, *number;
	bool all;
	size_t i;

	if (!json_get_bool(batch, "detached", &all, e) ||
		(json_object_get(item, "detached") && !json_get_array(item, "detached", &list, e)))
		return false;
	for (i = 0; i < set->share_count; i++)
		set->shares[i].detached = all;
	json_array_foreach(list, i, number)
	{
		json_int_t n = json_integer_value(number);

		if (n < 1 || (size_t)n > set->share_count)
			return err_set(e, ERR_FORMAT, "set %s has no such share", set->id);
		set->shares[n - 1].detached = true;
	}
	return true;
}

bool
statedealt_take(
	struct state_set *set, const struct journal_line *line, const json_t *item, struct err *e)
{
	return take_commitments(set, item, line->time, e) &&
	       take_media(set, json_object_get(line->body, "media"), e) &&
	       take_detached(set, line->body, item, e);
}
