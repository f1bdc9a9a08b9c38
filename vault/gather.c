/* SPDX-License-Identifier: ISC */
#include "vault/gather.h"

#include "base/term.h"
#include "vault/anchor.h"
#include "vault/privkey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
gather_close(struct gather *g)
{
	for (size_t i = 0; i < g->count; i++)
		medium_close(&g->sources[i].medium);
	free(g->sources);
	*g = (struct gather){ 0 };
}

bool
gather_open(const struct medium_host *host, const struct opts *o, struct gather *g, struct err *e)
{
	size_t count = opt_count(o, "from");

	if (count == 0) {
		err_set(e, ERR_USAGE, "--from is missing");
		return err_hint(e, "give each custodian's medium, as --from dir:PATH");
	}
	for (size_t i = 0; i < count; i++)
		if (!medium_check(host->kinds, opt_nth(o, "from", i), e))
			return err_wrap(e, "--from");
	g->sources = calloc(count, sizeof *g->sources);
	if (!g->sources)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (; g->count < count; g->count++) {
		struct gather_source *s = &g->sources[g->count];

		s->spec = opt_nth(o, "from", g->count);
		if (medium_open(host, NULL, s->spec, &s->medium, &s->err))
			s->err.code = ERR_NONE;
	}
	return true;
}

/* A medium that failed as a whole is one bad record: it is reported as the bad shares are. */
static bool
failed_source(const struct gather_source *s, const struct err *why, struct medium_records *out,
	struct err *e)
{
	out->items = calloc(1, sizeof *out->items);
	if (!out->items)
		return err_set(e, ERR_MEMORY, "out of memory");
	out->count = 1;
	out->items[0].err = *why;
	out->items[0].label = strdup(s->spec);
	return out->items[0].label || err_set(e, ERR_MEMORY, "out of memory");
}

bool
gather_add(struct gather_source *s, const struct quorum_want *want, struct quorum *q, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	struct err why = s->err;

	if (why.code == ERR_NONE && medium_read(&s->medium, want->key, &records, &why))
		return quorum_add(q, want, &records, e);
	return failed_source(s, &why, &records, e) && quorum_add(q, want, &records, e);
}

bool
gather_shares(struct gather *g, const struct quorum_want *want, struct quorum *q, struct err *e)
{
	for (size_t i = 0; i < g->count; i++)
		if (!gather_add(&g->sources[i], want, q, e))
			return false;
	return quorum_settle(q, want, e);
}

bool
gather_accept(const void *state, const struct share *s, struct err *why)
{
	const struct state_key *k = state_key_by_id(state, s->key);

	if (!anchor_signed_set(state, s)) {
		err_set(why, ERR_AUTH,
			"set %s is not of those that the vault key it names signed shares for",
			s->set);
		return err_hint(why, "a key that was replaced counts for the sets from its time");
	}
	for (size_t i = 0; k && k->state != STATE_VOID && i < k->set_count; i++) {
		if (k->sets[i].committed || strcmp(k->sets[i].id, s->set) != 0)
			continue;
		err_set(why, ERR_REFUSED, "a share of set %s, which was never committed: void",
			s->set);
		return err_hint(why, "it may be destroyed: `coldspare audit` says where others of "
				     "it may lie");
	}
	return true;
}

void
gather_warn(const struct quorum *q)
{
	char label[512];

	for (size_t i = 0; i < q->reject_count; i++) {
		const struct quorum_reject *r = &q->rejects[i];

		term_safe(label, sizeof label, r->label);
		(void)fprintf(stderr, "coldspare: warning: %s: %s\n", label, r->err.message);
		if (r->err.hint[0])
			(void)fprintf(stderr, "coldspare: hint: %s\n", r->err.hint);
	}
}

static bool
vault_record(const struct quorum *q, const struct store *store, struct sealed *out, struct err *e)
{
	struct state_key *key;

	if (!store) {
		err_set(e, ERR_MISSING, "these shares do not carry the sealed key of %s",
			q->shares[0].key);
		return err_hint(e, "give the vault folder, or a backup of it, with --vault");
	}
	key = state_key_by_id(&store->state, q->shares[0].key);
	if (!key)
		return err_set(e, ERR_MISSING, "the vault has no key %s", q->shares[0].key);
	return store_sealed(store, key, q->shares[0].set, out, e);
}

bool
gather_unseal(const struct quorum *q, const struct store *store, struct secret *kek, EVP_PKEY **out,
	struct err *e)
{
	SEALED_AUTO record = { 0 };
	SECRET_AUTO pem = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;
	const struct sealed *sealed = quorum_sealed(q);
	struct pin pin;
	char text[PIN_TEXT];

	if (!sealed && !vault_record(q, store, &record, e))
		return false;
	if (!quorum_kek(q, kek, e) || !sealed_open(sealed ? sealed : &record, kek, &pem, e) ||
		!privkey_from_pem(&pem, &key, e) || !pin_of_key(key, &pin, e))
		return err_wrap(e, "rebuilding %s", q->shares[0].key);
	pin_encode(&pin, text);
	if (strcmp(text, q->shares[0].pin) != 0)
		return err_set(e, ERR_AUTH, "the rebuilt key has the pin %s, the shares say %s",
			text, q->shares[0].pin);
	*out = key;
	key = NULL;
	return true;
}
