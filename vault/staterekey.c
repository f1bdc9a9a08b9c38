/* SPDX-License-Identifier: ISC */
#include "vault/staterekey.h"

#include "pins/succession.h"
#include "vault/statebuild.h"

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 64

static bool
names_file(const json_t *body, const char *path, struct err *e)
{
	return json_object_get(json_object_get(body, "files"), path) ||
	       err_set(e, ERR_FORMAT, "it names no file %s", path);
}

/* The key that is split is the one that will sign. */
static bool
check_key(const struct state *s, const json_t *body, struct err *e)
{
	const json_t *keys = json_object_get(body, "keys");
	char id[SEALED_KEY_ID_MAX + 1];
	const char *given;

	state_signing_id(s->keys_before_count + 1, id);
	if (json_array_size(keys) != 1 ||
		!json_get_str(json_array_get(keys, 0), "key", &given, e) || strcmp(given, id) != 0)
		return err_set(e, ERR_FORMAT, "it does not split %s", id);
	return true;
}

static bool
check_files(const struct state *s, const json_t *body, int64_t number, struct err *e)
{
	char path[PATH_SIZE], signature[PATH_SIZE + 16];

	if (number != (int64_t)s->sec_number + 1)
		return err_set(e, ERR_FORMAT, "vault-%lld.sec after vault-%u.sec",
			(long long)number, s->sec_number);
	(void)snprintf(path, sizeof(path), "vault-%u.sec", s->sec_number + 1);
	if (!names_file(body, path, e))
		return false;
	(void)snprintf(path, sizeof(path), SUCCESSION_FILE, (unsigned)s->keys_before_count + 1);
	(void)snprintf(signature, sizeof(signature), "%s.minisig", path);
	return names_file(body, path, e) && names_file(body, signature, e);
}

static bool
succeed(struct state *s, const struct minisign_pub *key, struct err *e)
{
	struct state_key *old = state_signing_key(s);
	struct minisign_pub *before =
		statebuild_room(s->keys_before, s->keys_before_count, sizeof(*before), e);

	if (!before)
		return false;
	if (old)
		old->state = STATE_RETIRED;
	s->keys_before = before;
	before[s->keys_before_count++] = s->key;
	s->key = *key;
	return true;
}

bool
staterekey_take(struct state *s, const struct journal_line *line, bool wanted, struct err *e)
{
	json_t *rekey;
	const char *text, *removes;
	struct minisign_pub key;
	int64_t number;
	char old[PATH_SIZE];

	if (!wanted && !json_object_get(line->body, "rekey"))
		return true;
	if (!wanted)
		return err_set(e, ERR_FORMAT, "a batch of another kind changes the vault's key");
	if (!json_get_object(line->body, "rekey", &rekey, e) ||
		!json_get_str(rekey, "key", &text, e) || !minisign_pub_parse(text, &key, e) ||
		!json_get_int(rekey, "number", &number, e) ||
		!json_get_str(rekey, "removes", &removes, e) || !check_key(s, line->body, e) ||
		!check_files(s, line->body, number, e))
		return false;
	(void)snprintf(old, sizeof(old), "vault-%u.sec", s->sec_number);
	if (strcmp(removes, old) != 0)
		return err_set(
			e, ERR_FORMAT, "it removes %s, which is not the file that counts", removes);
	if (state_is_vault_key(s, &key))
		return err_set(e, ERR_FORMAT, "the vault has had that key");
	if (s->keys_before_count == SUCCESSION_MAX)
		return err_set(e, ERR_FORMAT, "more than %d successors", SUCCESSION_MAX);
	s->sec_number = (unsigned)number;
	return statebuild_destroyed(s, removes, e) && succeed(s, &key, e);
}
