/* SPDX-License-Identifier: ISC */
#include "vault/deal.h"

#include "base/file.h"
#include "shares/quorum.h"
#include "vault/privkey.h"
#include "vault/voidshares.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that the shares of one spare have in common. */
static bool
common_share(const struct deal *d, const struct spare *s, struct share *out, struct err *e)
{
	SHARE_AUTO c = { 0 };

	strcpy(c.vault, d->state->name);
	c.vault_key = d->signer->pub;
	strcpy(c.key, s->id);
	pin_encode(&s->pin, c.pin);
	strcpy(c.set, s->sealed.set);
	c.threshold = d->threshold;
	c.shares = (unsigned)d->holders->count;
	(void)snprintf(c.origin, sizeof c.origin, "%s", manifest_origin_name(s->origin));
	c.created = d->created;
	c.rehearsal = d->state->rehearsal;
	c.carries_sealed = !d->detached;
	if (!sealed_hash(&s->sealed, c.sealed_hash, e) ||
		(c.carries_sealed && !sealed_copy(&s->sealed, &c.sealed, e)) ||
		!secret_new(&c.data, SHARE_DATA_LEN, e))
		return false;
	share_move(out, &c);
	return true;
}

bool
deal_put(const struct deal *d, struct share *share, struct holders_item *to, struct err *e)
{
	SECRET_AUTO text = SECRET_NONE;
	BUF_AUTO signed_text = BUF_NONE;
	AUTO_STR name = NULL;

	strcpy(share->custodian, to->name);
	share_commitment(share->data.data, share->commitment);
	share_signed_text(share, &signed_text);
	if (!buf_ok(&signed_text, e))
		return false;
	signer_sign(d->signer, signed_text.data, signed_text.len, share->signature);
	return share_file_name(share, &name, e) && share_encode(share, d->detached, &text, e) &&
	       medium_write(&to->medium, name, &text, e);
}

static bool
write_share(const struct deal *d, size_t i, const struct spare *s, struct err *e)
{
	SHARE_AUTO share = { 0 };

	if (!common_share(d, s, &share, e))
		return false;
	share.number = (unsigned)(i + 1);
	memcpy(share.data.data, s->payloads + i * SHARE_DATA_LEN, SHARE_DATA_LEN);
	return deal_put(d, &share, &d->holders->items[i], e);
}

bool
deal_write(const struct deal *d, size_t i, const struct spare *spares, size_t count, struct err *e)
{
	for (size_t s = 0; s < count; s++)
		if (!write_share(d, i, &spares[s], e))
			return err_wrap(e, "share %zu of %s for %s", i + 1, spares[s].id,
				d->holders->items[i].name);
	return true;
}

/* Media that are not there yet have their turn when they are inserted. */
bool
deal_sweep(const struct deal *d, struct err *e)
{
	for (size_t i = 0; i < d->holders->count; i++) {
		struct medium *m = &d->holders->items[i].medium;

		if (!medium_is_inserted(m) && !voidshares_remove(d->state, m, e))
			return false;
	}
	return true;
}

bool
deal_sync(const struct deal *d, struct err *e)
{
	for (size_t i = 0; i < d->holders->count; i++) {
		struct holders_item *to = &d->holders->items[i];

		if (!holders_insert(d->holders, i, false, e))
			return false;
		if ((medium_is_inserted(&to->medium) &&
			    !voidshares_remove(d->state, &to->medium, e)) ||
			!medium_sync(&to->medium, e))
			return err_wrap(e, "medium of %s", to->name);
	}
	return true;
}

bool
deal_insert_again(const struct deal *d, struct err *e)
{
	for (size_t i = 0; i < d->holders->count; i++)
		if (!holders_insert(d->holders, i, true, e))
			return false;
	return true;
}

/* One record from each medium, past any cache. */
static bool
read_back(const struct deal *d, const struct spare *s, struct medium_records *out, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	size_t n = d->holders->count;

	records.items = calloc(n, sizeof *records.items);
	if (!records.items)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < n; i++) {
		struct medium_record *record = &records.items[records.count++];
		struct holders_item *from = &d->holders->items[i];
		AUTO_STR name = NULL;
		struct share named = { .number = (unsigned)(i + 1) };

		strcpy(named.key, s->id);
		strcpy(named.set, s->sealed.set);
		if (!share_file_name(&named, &name, e) ||
			!file_path(&record->label, e, "%s of %s", name, from->name) ||
			!medium_reread(&from->medium, name, &record->text, e))
			return err_wrap(e, "reading back the share of %s", from->name);
	}
	*out = records;
	records = (struct medium_records){ 0 };
	return true;
}

/* The private key that the record holds under `kek` must be the one that the pin names. */
static bool
opens_to_pin(
	const struct sealed *record, const struct secret *kek, const struct pin *pin, struct err *e)
{
	SECRET_AUTO pem = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;
	struct pin rebuilt;

	if (!sealed_open(record, kek, &pem, e) || !privkey_from_pem(&pem, &key, e) ||
		!pin_of_key(key, &rebuilt, e))
		return false;
	return pin_equal(&rebuilt, pin) ||
	       err_set(e, ERR_INTERNAL, "the rebuilt key has another pin than the one made");
}

static bool
settle(const struct deal *d, const struct spare *s, struct quorum *q, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	char pin[PIN_TEXT];
	struct quorum_want want = {
		.key = s->id,
		.anchor = d->signer ? &d->signer->pub : &d->state->key,
		.vault_pin = pin,
		.set = s->sealed.set,
	};

	pin_encode(&s->pin, pin);
	if (!read_back(d, s, &records, e) || !quorum_add(q, &want, &records, e))
		return false;
	if (q->reject_count > 0) {
		*e = q->rejects[0].err;
		return err_wrap(e, "read back %s", q->rejects[0].label);
	}
	return quorum_settle(q, &want, e);
}

/* A medium that is too small leaves the sealed key out. */
static void
note_bare(const struct quorum *q, struct spare *s)
{
	for (size_t i = 0; i < q->count; i++)
		s->bare[q->shares[i].number - 1] = !q->shares[i].carries_sealed;
}

bool
deal_prove(const struct deal *d, struct spare *s, const struct sealed *record, uint64_t *subsets,
	struct err *e)
{
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	char hash[SHARE_HASH_TEXT];

	if (!settle(d, s, &q, e) || !quorum_kek(&q, &kek, e) || !sealed_hash(record, hash, e))
		return err_wrap(e, "proving %s", s->id);
	/* A record that a share carries was checked against the same signed hash: it is this one.
	 */
	if (strcmp(hash, q.shares[0].sealed_hash) != 0)
		return err_set(
			e, ERR_INTERNAL, "proving %s: the vault's sealed record is another", s->id);
	if (!opens_to_pin(record, &kek, &s->pin, e) ||
		!quorum_prove(&q, &kek, DEAL_SUBSETS, subsets, e))
		return err_wrap(e, "proving %s", s->id);
	note_bare(&q, s);
	return true;
}
