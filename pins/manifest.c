/* SPDX-License-Identifier: ISC */
#include "pins/manifest.h"

#include "base/encode.h"
#include "base/file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define WORD(code, word) [code] = (word),
static const char *const roles[] = { MANIFEST_ROLES(WORD) };
static const char *const states[] = { MANIFEST_STATES(WORD) };
static const char *const origins[] = { MANIFEST_ORIGINS(WORD) };
static const char *const cas[] = { MANIFEST_CAS(WORD) };
#undef WORD

#define COUNT(table) (sizeof(table) / sizeof *(table))

const char *
manifest_role_name(enum manifest_role r)
{
	return roles[r];
}

const char *
manifest_state_name(enum manifest_state s)
{
	return states[s];
}

const char *
manifest_origin_name(enum manifest_origin o)
{
	return origins[o];
}

const char *
manifest_ca_name(enum manifest_ca c)
{
	return cas[c];
}

FALLIBLE static bool
find_word(const char *const *table, size_t count, const char *what, const char *word, size_t *out,
	struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		bool same = word && table[i] ? strcmp(word, table[i]) == 0 : word == table[i];
		if (same) {
			*out = i;
			return true;
		}
	}
	if (!word)
		return err_set(e, ERR_FORMAT, "%s: may not be null", what);
	return err_set(e, ERR_FORMAT, "%s: unknown word \"%.40s\"", what, word);
}

#define PARSE(name, table, what)                                                                   \
	bool manifest_##name##_parse(const char *word, enum manifest_##name *out, struct err *e)   \
	{                                                                                          \
		size_t i = 0;                                                                      \
		if (!find_word(table, COUNT(table), what, word, &i, e))                            \
			return false;                                                              \
		*out = (enum manifest_##name)i;                                                    \
		return true;                                                                       \
	}
PARSE(role, roles, "role")
PARSE(state, states, "state")
PARSE(origin, origins, "origin")
PARSE(ca, cas, "ca")
#undef PARSE

static void
free_domain(struct manifest_domain *d)
{
	free(d->domain);
	for (size_t i = 0; i < d->name_count; i++)
		free(d->names[i]);
	free(d->names);
	free(d->report_uri);
	for (size_t i = 0; i < d->pin_count; i++) {
		free(d->pins[i].algorithm);
		free(d->pins[i].key);
	}
	free(d->pins);
}

void
manifest_free(struct manifest *m)
{
	if (!m)
		return;
	free(m->vault_name);
	free(m->previous);
	free(m->journal_head);
	for (size_t i = 0; i < m->domain_count; i++)
		free_domain(&m->domains[i]);
	free(m->domains);
	*m = (struct manifest){ 0 };
}

bool
manifest_is_backup(const struct manifest_pin *p)
{
	return p->role == ROLE_BACKUP && p->state != STATE_RETIRED;
}

const struct manifest_domain *
manifest_find(const struct manifest *m, const char *domain)
{
	for (size_t i = 0; i < m->domain_count; i++) {
		if (strcmp(m->domains[i].domain, domain) == 0)
			return &m->domains[i];
	}
	return NULL;
}

void
manifest_hash(const void *data, size_t len, char out[static PIN_HEX])
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, data, len);
	encode_hex(out, hash, sizeof hash);
}

FALLIBLE static bool
check_signature(
	const char *path, const struct minisign_pub *pub, const struct buf *bytes, struct err *e)
{
	AUTO_STR sig_path = NULL;
	BUF_AUTO text = BUF_NONE;
	struct minisign_sig sig;
	if (!file_path(&sig_path, e, "%s.minisig", path) ||
		!file_read(sig_path, FILE_LIMIT, &text, e))
		return false;
	if (!minisign_sig_parse(text.data ? text.data : "", text.len, &sig, e))
		return err_wrap(e, "%s", sig_path);
	if (!minisign_verify(pub, &sig, bytes->data ? bytes->data : "", bytes->len, e))
		return err_wrap(e, "%s", path);
	return true;
}

FALLIBLE static bool
parse_file(const char *path, const struct buf *bytes, struct manifest *out, struct err *e)
{
	return manifest_parse(bytes->data ? bytes->data : "", bytes->len, out, e) ||
	       err_wrap(e, "%s", path);
}

bool
manifest_read(const char *path, struct manifest *out, struct buf *bytes, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	if (!file_read(path, FILE_LIMIT_LARGE, &text, e) || !parse_file(path, &text, out, e))
		return false;
	if (bytes)
		buf_move(bytes, &text);
	return true;
}

bool
manifest_load(const char *path, const struct minisign_pub *pub, struct manifest *out,
	struct buf *bytes, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	MANIFEST_AUTO m = { 0 };
	if (!file_read(path, FILE_LIMIT_LARGE, &text, e) || !check_signature(path, pub, &text, e) ||
		!parse_file(path, &text, &m, e))
		return false;
	if (!minisign_pub_equal(&m.vault_key, pub))
		return err_set(
			e, ERR_AUTH, "%s: signed by this key, but names another vault key", path);
	*out = m;
	m = (struct manifest){ 0 };
	if (bytes)
		buf_move(bytes, &text);
	return true;
}
