/* SPDX-License-Identifier: ISC */
#include "pins/trust.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

struct signer {
	struct minisign_pub pub;
	struct minisign_pub by; /* which key signed: itself, or a successor */
	bool signed_it;
	bool counted; /* another one given led to the same key */
};

struct signers {
	struct signer *list;
	size_t count;
};
#define SIGNERS_AUTO __attribute__((cleanup(free_signers))) struct signers

static void
free_signers(struct signers *s)
{
	free(s->list);
}

void
trust_free(struct trust *t)
{
	manifest_free(&t->manifest);
	buf_free(&t->bytes);
	succession_free(&t->succession);
	*t = (struct trust){ 0 };
}

/* The id is not part of what a signature proves: two keys are two if the keys differ. */
FALLIBLE static bool
add_signer(struct signers *s, const char *given, struct err *e)
{
	struct signer *next = &s->list[s->count];
	if (!minisign_pub_load(given, &next->pub, e))
		return false;
	for (size_t i = 0; i < s->count; i++) {
		if (memcmp(s->list[i].pub.key, next->pub.key, MINISIGN_KEY_LEN) == 0)
			return err_set(e, ERR_USAGE, "--key %s: the same key twice", given);
	}
	s->count++;
	return true;
}

FALLIBLE static bool
load_signers(const struct opts *o, struct signers *s, struct err *e)
{
	size_t count = opt_count(o, "key");
	if (count == 0) {
		err_set(e, ERR_USAGE, "whose signature counts? --key is missing");
		return err_hint(e, "give the vault's public key, as vault.pub or its base64 line, "
				   "from a source that you trust");
	}
	s->list = calloc(count, sizeof *s->list);
	if (!s->list)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (!add_signer(s, opt_nth(o, "key", i), e))
			return false;
	}
	return true;
}

/* No such file is no signature; anything else that is wrong with it is an error. */
FALLIBLE static bool
load_signature(const char *path, struct minisign_sig *sig, bool *there, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	*there = file_exists(path);
	if (!*there)
		return true;
	if (!file_read(path, FILE_LIMIT, &text, e))
		return false;
	return minisign_sig_parse(text.data ? text.data : "", text.len, sig, e) ||
	       err_wrap(e, "%s", path);
}

/* A signature that claims to be of this key must be: one that fails is not "unsigned". */
FALLIBLE static bool
signed_by(const struct minisign_pub *pub, const char *path, const struct buf *bytes, bool *out,
	struct err *e)
{
	AUTO_STR main_path = NULL;
	AUTO_STR co_path = NULL;
	char id[MINISIGN_ID_TEXT];
	minisign_pub_id(pub, id);
	*out = false;
	if (!file_path(&main_path, e, "%s.minisig", path) ||
		!file_path(&co_path, e, "%s.%s.minisig", path, id))
		return false;

	const char *const paths[] = { main_path, co_path };
	for (size_t i = 0; i < 2 && !*out; i++) {
		struct minisign_sig sig;
		bool there;
		if (!load_signature(paths[i], &sig, &there, e))
			return false;
		if (!there || memcmp(sig.id, pub->id, MINISIGN_ID_LEN) != 0)
			continue;
		if (!minisign_verify(pub, &sig, bytes->data ? bytes->data : "", bytes->len, e)) {
			err_wrap(e, "%s", path);
			return err_hint(e, "fetch the manifest and its signature again, together");
		}
		*out = true;
	}
	return true;
}

/* The key itself or, where it did not sign, the first of its successors that did. */
FALLIBLE static bool
check_signer(struct signer *s, const char *path, const struct trust *t, struct err *e)
{
	bool there = true;
	s->by = s->pub;
	for (size_t steps = 0; there && steps <= t->succession.count; steps++) {
		if (!signed_by(&s->by, path, &t->bytes, &s->signed_it, e))
			return false;
		if (s->signed_it)
			return true;
		if (!succession_next(&t->succession, &s->by, &s->by, &there, e))
			return false;
	}
	return true;
}

/* A key and its successors are one signer, whichever of them signed. */
FALLIBLE static bool
is_counted(const struct signers *s, size_t i, const struct trust *t, bool *out, struct err *e)
{
	const struct minisign_pub *by = &s->list[i].by;

	*out = false;
	for (size_t j = 0; j < i && !*out; j++) {
		const struct minisign_pub *other = &s->list[j].by;

		if (!s->list[j].signed_it)
			continue;
		*out = memcmp(other->key, by->key, MINISIGN_KEY_LEN) == 0;
		if (!*out &&
			(!succession_leads(&t->succession, other, by, out, e) ||
				(!*out && !succession_leads(&t->succession, by, other, out, e))))
			return false;
	}
	return true;
}

FALLIBLE static bool
check_signers(struct signers *s, const char *path, const struct trust *t, long need, struct err *e)
{
	size_t have = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (!check_signer(&s->list[i], path, t, e))
			return false;
		if (s->list[i].signed_it && !is_counted(s, i, t, &s->list[i].counted, e))
			return false;
		have += s->list[i].signed_it && !s->list[i].counted;
	}
	if (have >= (size_t)need)
		return true;
	err_set(e, ERR_AUTH, "%s: signed by %zu of the %zu given keys, and %ld must have", path,
		have, s->count, need);
	return err_hint(
		e, "a signature is looked for in %s.minisig and %s.<key id>.minisig", path, path);
}

FALLIBLE static bool
check_vault_key(const struct signers *s, const char *path, struct trust *t, struct err *e)
{
	const struct manifest *m = &t->manifest;
	for (size_t i = 0; i < s->count; i++) {
		if (!s->list[i].signed_it || !minisign_pub_equal(&s->list[i].by, &m->vault_key))
			continue;
		t->succeeded = !minisign_pub_equal(&s->list[i].pub, &s->list[i].by);
		t->given = s->list[i].pub;
		return true;
	}
	char text[MINISIGN_PUB_TEXT];
	minisign_pub_encode(&m->vault_key, text);
	err_set(e, ERR_AUTH, "%s: not signed by the key of the vault that it names", path);
	return err_hint(e, "that is %s: give it by --key if you trust it", text);
}

FALLIBLE static bool
load(struct signers *signers, long need, bool rehearsal, const char *path, struct trust *t,
	struct err *e)
{
	AUTO_STR folder = NULL;
	if (!file_read(path, FILE_LIMIT_LARGE, &t->bytes, e) || !file_parent(path, &folder, e) ||
		!succession_load(folder, &t->succession, e) ||
		!check_signers(signers, path, t, need, e))
		return false;
	if (!manifest_parse(t->bytes.data ? t->bytes.data : "", t->bytes.len, &t->manifest, e))
		return err_wrap(e, "%s", path);
	if (!check_vault_key(signers, path, t, e))
		return false;
	if (t->manifest.rehearsal && !rehearsal) {
		err_set(e, ERR_REFUSED, "%s: the manifest of a rehearsal", path);
		return err_hint(e, "--rehearsal takes it; never put it into production");
	}
	t->keys = signers->count;
	for (size_t i = 0; i < signers->count; i++)
		t->signatures += signers->list[i].signed_it && !signers->list[i].counted;
	return true;
}

FALLIBLE static bool
load_whole(struct signers *signers, long need, bool rehearsal, const char *path, struct trust *out,
	struct err *e)
{
	TRUST_AUTO t = { 0 };
	if (!load(signers, need, rehearsal, path, &t, e))
		return false;
	*out = t;
	t = (struct trust){ 0 };
	return true;
}

bool
trust_load(const struct opts *o, const char *path, struct trust *out, struct err *e)
{
	SIGNERS_AUTO signers = { 0 };
	if (!load_signers(o, &signers, e))
		return false;
	long need = (long)signers.count;
	return opt_int(o, "need", 1, (long)signers.count, &need, e) &&
	       load_whole(&signers, need, opt_flag(o, "rehearsal"), path, out, e);
}

bool
trust_load_by(const struct minisign_pub *key, bool rehearsal, const char *path, struct trust *out,
	struct err *e)
{
	struct signer one = { .pub = *key };
	struct signers signers = { .list = &one, .count = 1 };

	return load_whole(&signers, 1, rehearsal, path, out, e);
}

bool
trust_follows(const struct trust *t, const struct manifest *old, const struct buf *old_bytes,
	const char *old_path, struct err *e)
{
	const struct manifest *m = &t->manifest;
	char hash[PIN_HEX];
	bool same;

	if (!succession_leads(&t->succession, &old->vault_key, &m->vault_key, &same, e))
		return false;
	if (!same)
		return err_set(
			e, ERR_REFUSED, "%s is of another vault, %s", old_path, old->vault_name);
	if (m->serial <= old->serial) {
		err_set(e, ERR_REFUSED, "serial %lld is not above %lld, that of %s",
			(long long)m->serial, (long long)old->serial, old_path);
		return err_hint(e, "an old manifest brings back old pins: find out who served it");
	}
	manifest_hash(old_bytes->data, old_bytes->len, hash);
	if (m->serial == old->serial + 1 && (!m->previous || strcmp(m->previous, hash) != 0)) {
		err_set(e, ERR_AUTH,
			"serial %lld does not follow on %s: its `previous` is not the hash of that "
			"file",
			(long long)m->serial, old_path);
		return err_hint(e, "one of the two is not from the vault's own line of exports");
	}
	return true;
}

bool
trust_current(const struct manifest *m, int64_t now, struct err *e)
{
	char text[CLOCK_TEXT];
	if (m->valid_until == CLOCK_NONE || now < m->valid_until)
		return true;
	clock_format(m->valid_until, text);
	err_set(e, ERR_REFUSED, "manifest %lld was valid until %s", (long long)m->serial, text);
	return err_hint(e, "have the vault export a new one");
}
