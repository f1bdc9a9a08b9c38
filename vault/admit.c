/* SPDX-License-Identifier: ISC */
#include "vault/admit.h"

#include "base/file.h"
#include "base/workers.h"
#include "vault/guard.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static bool
check_known(const struct state *s, const struct spare *spare, struct err *e)
{
	const struct state_key *k = state_key_by_pin(s, &spare->pin);

	return (k && strcmp(k->id, spare->id) == 0) ||
	       err_set(e, ERR_INTERNAL, "the vault has no key %s with this pin", spare->id);
}

/* Checks that no pin is in the vault yet (that of a known key is), nor twice among the spares. */
static bool
check_pins(const struct admit *a, struct err *e)
{
	JSON_AUTO seen = json_object();

	for (size_t i = 0; i < a->count; i++) {
		const struct spare *s = &a->spares[i];
		char pin[PIN_TEXT];

		pin_encode(&s->pin, pin);
		if (!s->known && state_was_compromised(&a->store->state, &s->pin)) {
			err_set(e, ERR_REFUSED, "the key of the pin %s was compromised", pin);
			return err_hint(e, "it is of no use any more: `generate` makes another");
		}
		if (s->known && !check_known(&a->store->state, s, e))
			return false;
		if ((!s->known && state_key_by_pin(&a->store->state, &s->pin)) ||
			json_object_get(seen, pin)) {
			err_set(e, ERR_REFUSED, "the vault has a key with the pin %s already", pin);
			return err_hint(e, "a key belongs into one vault once; `status` shows it");
		}
		if (json_object_set_new(seen, pin, json_true()) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	return true;
}

/* An array that lost an element for want of memory must not pass for a whole one. */
static json_t *
whole(json_t *array, size_t count)
{
	if (json_array_size(array) == count)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *
begin_keys(const struct admit *a)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < a->count; i++) {
		const struct spare *s = &a->spares[i];
		char pin[PIN_TEXT];

		pin_encode(&s->pin, pin);
		json_array_append_new(
			keys, json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s}", "key", s->id, "pin", pin,
				      "algorithm", s->alg->name, "domain", s->domain, "set",
				      s->sealed.set, "origin", manifest_origin_name(s->origin)));
	}
	return whole(keys, a->count);
}

static json_t *
begin_holders(const struct admit *a)
{
	json_t *holders = json_array();

	for (size_t i = 0; i < a->deal.holders->count; i++) {
		const struct holders_item *h = &a->deal.holders->items[i];

		json_array_append_new(holders,
			json_pack("{s:s, s:s}", "name", h->name, "medium", h->medium.spec));
	}
	return whole(holders, a->deal.holders->count);
}

static bool
begin(const struct admit *a, const char *batch, struct err *e)
{
	json_t *body =
		json_pack("{s:s, s:s, s:i, s:o, s:o}", "batch", batch, "kind", a->kind, "threshold",
			(int)a->deal.threshold, "holders", begin_holders(a), "keys", begin_keys(a));

	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(a->store, "begin", body, e);
}

static bool
sealed_path(const struct spare *s, char **out, struct err *e)
{
	return file_path(out, e, "keys/%s/sealed-%s.txt", s->id, s->sealed.set);
}

static bool
add_files(const struct admit *a, const struct spare *s, struct filebatch *files, json_t *hashes,
	struct err *e)
{
	BUF_AUTO record = BUF_NONE;
	AUTO_STR csr = NULL;
	AUTO_STR public_key = NULL;
	AUTO_STR sealed = NULL;

	sealed_encode(&s->sealed, &record);
	return buf_ok(&record, e) && file_path(&csr, e, "keys/%s/request.csr", s->id) &&
	       file_path(&public_key, e, "keys/%s/public.pem", s->id) &&
	       sealed_path(s, &sealed, e) &&
	       store_add_file(a->store, files, hashes, sealed, 0600, record.data, record.len, e) &&
	       (s->known || store_add_file(a->store, files, hashes, public_key, 0644,
				    s->public_pem.data, s->public_pem.len, e)) &&
	       (s->csr.len == 0 || store_add_file(a->store, files, hashes, csr, 0644, s->csr.data,
					   s->csr.len, e));
}

/* What goes to one place: to a holder's medium or, as the last job, to the vault. */
struct writing {
	const struct admit *admit;
	struct filebatch *files;
	json_t *hashes;
};

static bool
write_place(void *context, size_t i, struct err *e)
{
	const struct writing *w = context;
	const struct admit *a = w->admit;

	if (i < a->deal.holders->count)
		return deal_write(&a->deal, i, a->spares, a->count, e);
	for (size_t s = 0; s < a->count; s++)
		if (!add_files(a, &a->spares[s], w->files, w->hashes, e))
			return false;
	return true;
}

/* All shares to their media and all files to the vault, then one sync for each place. */
static bool
write_all(const struct admit *a, struct filebatch *files, json_t *hashes, struct err *e)
{
	struct writing w = { .admit = a, .files = files, .hashes = hashes };
	size_t places = a->deal.holders->count + 1;
	struct progress *progress = progress_start("writing shares", places);
	bool ok = workers_run(places, write_place, &w, progress, e);

	progress_end(&progress); /* to sync, media may be asked for */
	return ok && deal_sync(&a->deal, e) && filebatch_sync(files, e);
}

static bool
prove_one(void *context, size_t i, struct err *e)
{
	struct admit *a = context;
	struct spare *s = &a->spares[i];
	AUTO_STR relative = NULL;
	AUTO_STR path = NULL;
	SECRET_AUTO text = SECRET_NONE;
	SEALED_AUTO record = { 0 };
	uint64_t subsets = 0;

	if (!sealed_path(s, &relative, e) ||
		!file_path(&path, e, "%s/%s", a->store->dir, relative) ||
		!file_reread_secret(path, FILE_LIMIT, &text, e) ||
		!sealed_parse((const char *)text.data, text.len, &record, e) ||
		!deal_prove(&a->deal, s, &record, &subsets, e))
		return false;
	if (i == 0)
		a->subsets = subsets; /* the same for every spare */
	return true;
}

static bool
prove_all(struct admit *a, struct err *e)
{
	if (!deal_insert_again(&a->deal, e))
		return false;

	PROGRESS_AUTO progress = progress_start("reading back and proving", a->count);
	return workers_run(a->count, prove_one, a, progress, e);
}

/* The numbers of the shares whose sealed key their medium left out. */
static json_t *
bare_shares(const struct admit *a, const struct spare *s)
{
	json_t *numbers = json_array();
	size_t count = 0;

	for (size_t n = 0; n < a->deal.holders->count; n++) {
		if (a->deal.detached || !s->bare[n])
			continue;
		count++;
		json_array_append_new(numbers, json_integer((json_int_t)n + 1));
	}
	return whole(numbers, count);
}

static json_t *
commit_key(const struct admit *a, const struct spare *s)
{
	json_t *commitments = json_array();
	json_t *bare = bare_shares(a, s);

	for (size_t n = 0; n < a->deal.holders->count; n++) {
		char hash[SHARE_HASH_TEXT];

		share_commitment(s->payloads + n * SHARE_DATA_LEN, hash);
		json_array_append_new(commitments, json_string(hash));
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "key", s->id, "set", s->sealed.set, "commitments",
		commitments, "detached", bare);
}

static json_t *
commit_keys(const struct admit *a)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < a->count; i++)
		json_array_append_new(keys, commit_key(a, &a->spares[i]));
	return whole(keys, a->count);
}

static json_t *
commit_domain(const struct state_domain *d)
{
	json_t *names = json_array();

	for (size_t i = 0; i < d->name_count; i++)
		json_array_append_new(names, json_string(d->names[i]));
	return json_pack("{s:s, s:o}", "domain", d->name, "names", names);
}

/* One as it is, several as a list. */
static json_t *
commit_domains(const struct admit *a)
{
	json_t *list;

	if (a->domain_count == 0)
		return json_null();
	if (a->domain_count == 1)
		return commit_domain(a->domains);
	list = json_array();
	for (size_t i = 0; i < a->domain_count; i++)
		json_array_append_new(list, commit_domain(&a->domains[i]));
	return whole(list, a->domain_count);
}

/* The media that were asked for: `begin` could not name them. */
static bool
add_media(const struct admit *a, json_t *body)
{
	json_t *media = json_object();

	for (size_t i = 0; i < a->deal.holders->count; i++) {
		const struct holders_item *h = &a->deal.holders->items[i];

		if (medium_is_inserted(&h->medium) &&
			json_object_set_new(media, h->name, json_string(h->medium.spec)) != 0) {
			json_decref(media);
			return false;
		}
	}
	if (json_object_size(media) > 0)
		return json_object_set_new(body, "media", media) == 0;
	json_decref(media);
	return true;
}

static bool
commit(const struct admit *a, const char *batch, json_t *hashes, struct err *e)
{
	json_t *body = json_pack("{s:s, s:I, s:b, s:s, s:o, s:o, s:O}", "batch", batch, "subsets",
		(json_int_t)a->subsets, "detached", a->deal.detached, "entropy",
		entropy_sources(a->entropy), "domain", commit_domains(a), "keys", commit_keys(a),
		"files", hashes);

	if (!body || !add_media(a, body) ||
		(a->more && json_object_update_missing(body, a->more) != 0)) {
		json_decref(body);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return store_append(a->store, "commit", body, e);
}

/* The `begin` line stands: from here on a failure leaves void spares. */
static bool
finish(struct admit *a, const char *batch, struct err *e)
{
	FILEBATCH_AUTO files = NULL;
	JSON_AUTO hashes = json_object();

	if (!filebatch_new(&files, e) || (a->add && !a->add(a->context, files, hashes, e)) ||
		!write_all(a, files, hashes, e) || !prove_all(a, e) ||
		(a->consent && !a->consent(a->context, a, e)) ||
		!guard_offline(a->allow_online, e)) {
		err_wrap(e, "nothing was added to the vault, batch %s is void", batch);
		return false;
	}
	/* A commit that fails half-way may yet be on disk: then these files must be there too. */
	filebatch_keep(files);
	for (size_t i = 0; i < a->deal.holders->count; i++)
		medium_keep(&a->deal.holders->items[i].medium);
	if (!commit(a, batch, hashes, e)) {
		err_wrap(e, "batch %s", batch);
		return err_hint(e, "run `coldspare audit`: it says whether the batch counts");
	}
	return true;
}

bool
admit_run(struct admit *a, struct err *e)
{
	uint8_t id[8];
	char batch[ENCODE_HEX_SIZE(sizeof id)];

	/* A batch's name is no secret, only unique. */
	randombytes_buf(id, sizeof id);
	encode_hex(batch, id, sizeof id);
	return check_pins(a, e) && deal_sweep(&a->deal, e) && begin(a, batch, e) &&
	       finish(a, batch, e);
}

static bool
is_bare(const struct admit *a, size_t holder)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->spares[i].bare[holder])
			return true;
	return false;
}

void
admit_print_shares(const struct admit *a)
{
	const struct holders *h = a->deal.holders;
	size_t bare = 0;

	for (size_t i = 0; i < h->count; i++) {
		bool is = is_bare(a, i);

		printf("  share %zu: %s, %s%s\n", i + 1, h->items[i].name, h->items[i].medium.spec,
			is ? ", without the sealed key" : "");
		bare += is;
	}
	if (bare >= a->deal.threshold)
		printf("%zu of %zu shares carry the sealed key: a quorum without it needs the "
		       "vault folder, so back it up\n",
			h->count - bare, h->count);
}
