/* SPDX-License-Identifier: ISC */
#include "vault/anchor.h"

#include "base/term.h"
#include "base/words.h"
#include "vault/cmd.h"

#include <string.h>

bool
anchor_resolve(const struct opts *o, const struct store *store, bool *known,
	struct minisign_pub *out, struct err *e)
{
	const char *given = opt_get(o, "key");
	struct minisign_pub key;

	if (given && !minisign_pub_load(given, &key, e))
		return err_wrap(e, "--key");
	if (given && store && !state_is_vault_key(&store->state, &key)) {
		err_set(e, ERR_AUTH, "--key is not the key of the vault in %s", store->dir);
		return err_hint(e, "leave one of --key and --vault out");
	}
	if (store)
		key = store->state.key;
	*known = given || store;
	if (*known)
		*out = key;
	return true;
}

static const struct state_set *
find_set(const struct state *s, const struct share *share)
{
	const struct state_key *k = state_key_by_id(s, share->key);

	for (size_t i = 0; k && i < k->set_count; i++)
		if (strcmp(k->sets[i].id, share->set) == 0)
			return &k->sets[i];
	return NULL;
}

bool
anchor_signed_set(const struct state *s, const struct share *share)
{
	const struct state_set *set = find_set(s, share);

	if (minisign_pub_equal(&share->vault_key, &s->key))
		return true;
	return set && set->committed && minisign_pub_equal(&set->signer, &share->vault_key);
}

void
anchor_free(struct anchor *a)
{
	json_decref(a->sets);
	*a = (struct anchor){ 0 };
}

static bool
keep_old_sets(const struct state *s, json_t *sets, struct err *e)
{
	for (size_t i = 0; i < s->key_count; i++)
		for (size_t j = 0; j < s->keys[i]->set_count; j++) {
			const struct state_set *set = &s->keys[i]->sets[j];
			char key[MINISIGN_PUB_TEXT];

			if (!set->committed || minisign_pub_equal(&set->signer, &s->key))
				continue;
			minisign_pub_encode(&set->signer, key);
			if (json_object_set_new(sets, set->id, json_string(key)) != 0)
				return err_set(e, ERR_MEMORY, "out of memory");
		}
	return true;
}

bool
anchor_open(const struct opts *o, struct anchor *out, struct err *e)
{
	STORE_AUTO store = { 0 };
	ANCHOR_AUTO a = { .sets = json_object() };
	bool have_store = cmd_vault_path_opt(o) != NULL;

	if (have_store && !cmd_store_open(o, STORE_READ, &store, e))
		return false;
	if (!anchor_resolve(o, have_store ? &store : NULL, &a.known, &a.key, e) ||
		(have_store && !keep_old_sets(&store.state, a.sets, e)))
		return false;
	*out = a;
	a = (struct anchor){ 0 };
	return true;
}

const struct minisign_pub *
anchor_for(const struct anchor *a, const struct share *s)
{
	const char *old = json_string_value(json_object_get(a->sets, s->set));
	char named[MINISIGN_PUB_TEXT];

	minisign_pub_encode(&s->vault_key, named);
	return !a->known || (old && strcmp(old, named) == 0) ? &s->vault_key : &a->key;
}

void
anchor_digest(const struct minisign_pub *key, char out[static ENCODE_HASH_HEX])
{
	char text[MINISIGN_PUB_TEXT];

	minisign_pub_encode(key, text);
	encode_hash_hex(out, text, sizeof text - 1);
}

void
anchor_describe(const struct minisign_pub *key, struct buf *out)
{
	char text[MINISIGN_PUB_TEXT];
	uint8_t fingerprint[ENCODE_HASH_LEN];

	minisign_pub_encode(key, text);
	encode_hash(fingerprint, text, sizeof text - 1);
	buf_addf(out, "%s\n  (", text);
	words_encode(fingerprint, ANCHOR_WORDS, out);
	buf_adds(out, ")");
}

bool
anchor_confirm(const struct minisign_pub *key, struct err *e)
{
	return anchor_confirm_named("The shares name", "Forged shares", key, e);
}

bool
anchor_confirm_named(
	const char *who, const char *forged, const struct minisign_pub *key, struct err *e)
{
	BUF_AUTO question = BUF_NONE;

	buf_addf(&question, "%s this vault key, and it was checked against nothing:\n  ", who);
	anchor_describe(key, &question);
	buf_addf(&question,
		"\n%s would name a key of the forger. Compare it with the vault's paper\n"
		"log. Is it the vault's key?",
		forged);
	if (!buf_ok(&question, e))
		return false;
	if (!term_confirm(question.data, "yes", e))
		return err_hint(
			e, "give the vault's key with --key vault.pub, or the folder with --vault");
	return true;
}
