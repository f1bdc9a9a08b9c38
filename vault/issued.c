/* SPDX-License-Identifier: ISC */
#include "vault/issued.h"

#include "base/clock.h"
#include "pins/chain.h"
#include "vault/livecert.h"
#include "vault/ossl.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

void
issued_free(struct issued *i)
{
	free(i->chain);
	buf_free(&i->warnings);
	pubfile_free(&i->file);
	*i = (struct issued){ 0 };
}

/* Which is the leaf ------------------------------------------------------------------------ */

static bool
check_items(const struct pubfile *f, struct err *e)
{
	if (f->private_keys > 0) {
		err_set(e, ERR_REFUSED, "it holds a private key");
		return err_hint(e, "give the certificates alone; a key that lay beside them in a "
				   "file is no longer cold: `coldspare released KEY`");
	}
	for (size_t i = 0; i < f->count; i++)
		if (f->items[i].kind != PUBFILE_CERTIFICATE)
			return err_set(e, ERR_FORMAT, "item %zu is a %s, not a certificate", i + 1,
				pubfile_kind_name(f->items[i].kind));
	return true;
}

static bool
no_leaf(const struct pubfile *f, const struct state_key *k, const struct state_domain *d,
	struct err *e)
{
	char pin[PIN_TEXT];

	pin_encode(&f->items[0].pin, pin);
	err_set(e, ERR_REFUSED,
		"no certificate in it is of the key %s: the first one, %s, is of %s", k->id,
		f->items[0].subject, pin);
	for (size_t i = 0; i < d->key_count; i++)
		if (pin_equal(&d->keys[i]->pin, &f->items[0].pin))
			return err_hint(e, "it is the certificate of %s, which is %s",
				d->keys[i]->id, manifest_state_name(d->keys[i]->state));
	return err_hint(e, "`coldspare pin FILE` shows the pins in it, `coldspare status --json` "
			   "those of the keys");
}

/* The one certificate of the key; the same one twice is one. It becomes the file's first. */
static bool
find_leaf(struct pubfile *f, const struct state_key *k, const struct state_domain *d, struct err *e)
{
	struct pubfile_item *leaf = NULL;

	for (size_t i = 0; i < f->count; i++) {
		if (!pin_equal(&f->items[i].pin, &k->pin))
			continue;
		if (leaf && X509_cmp(leaf->certificate, f->items[i].certificate) != 0)
			return err_set(
				e, ERR_FORMAT, "it holds two certificates of the key %s", k->id);
		leaf = leaf ? leaf : &f->items[i];
	}
	if (!leaf)
		return no_leaf(f, k, d, e);
	struct pubfile_item first = *leaf;
	*leaf = f->items[0];
	f->items[0] = first;
	return true;
}

/* What the leaf says ----------------------------------------------------------------------- */

static bool
read_serial(struct issued *i, struct err *e)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(i->chain[0]->certificate);
	AUTO_OSSL(BIGNUM) n = ASN1_INTEGER_to_BN(serial, NULL);
	char *text = n ? BN_bn2hex(n) : NULL;
	bool fits = text && strlen(text) < sizeof(i->serial);

	for (size_t j = 0; fits && (j == 0 || text[j - 1] != '\0'); j++)
		i->serial[j] =
			(char)(text[j] >= 'A' && text[j] <= 'F' ? text[j] + 'a' - 'A' : text[j]);
	OPENSSL_free(text);
	return fits || err_openssl(e, ERR_FORMAT, "its serial number is no number of 20 bytes");
}

static bool
check_ca(const struct issued *i, struct err *e)
{
	if (X509_check_ca(i->chain[0]->certificate) == 0)
		return true;
	err_set(e, ERR_REFUSED, "%s is the certificate of a CA", i->chain[0]->subject);
	return err_hint(e, "ask for a server's certificate, without the right to sign others");
}

static bool
check_times(struct issued *i, int64_t now, struct err *e)
{
	X509 *leaf = i->chain[0]->certificate;
	char text[CLOCK_TEXT];

	if (!pubfile_time(X509_get0_notBefore(leaf), &i->not_before) ||
		!pubfile_time(X509_get0_notAfter(leaf), &i->not_after))
		return err_openssl(e, ERR_FORMAT, "its validity cannot be read");
	if (i->not_after < now) {
		clock_format(i->not_after, text);
		err_set(e, ERR_REFUSED, "it expired at %s", text);
		return err_hint(
			e, "ask the CA for another one: `coldspare csr` writes the request");
	}
	clock_format(i->not_before, text);
	if (i->not_before > now)
		buf_addf(&i->warnings, "coldspare: warning: valid only from %s on\n", text);
	for (size_t j = 1; j < i->count; j++) {
		int64_t end = now;
		if (pubfile_time(X509_get0_notAfter(i->chain[j]->certificate), &end) && end < now)
			buf_addf(&i->warnings, "coldspare: warning: %s, above it, has expired\n",
				i->chain[j]->subject);
	}
	return true;
}

static bool
check_names(const struct issued *i, const struct state_domain *d, struct err *e)
{
	for (size_t j = 0; j < d->name_count; j++) {
		if (livecert_covers(i->chain[0], d->names[j]))
			continue;
		err_set(e, ERR_REFUSED, "it does not cover the name %s", d->names[j]);
		return err_hint(e,
			"the subjectAltName has to have every name that `policy --domain %s` "
			"shows; a common name alone counts for nothing",
			d->name);
	}
	return true;
}

/* The way up ------------------------------------------------------------------------------- */

static bool
has(const struct issued *i, const struct pubfile_item *item)
{
	for (size_t j = 0; j < i->count; j++)
		if (X509_cmp(i->chain[j]->certificate, item->certificate) == 0)
			return true;
	return false;
}

static void
take_path(struct issued *i, const struct chain_path *path)
{
	for (size_t j = 0; j < path->count; j++)
		if (!has(i, path->certificates[j]))
			i->chain[i->count++] = path->certificates[j];
}

/* The longest path first, then what other paths have besides; nothing may be on none. */
static bool
order(struct issued *i, struct err *e)
{
	CHAIN_AUTO found = { 0 };
	size_t longest = 0;

	if (!chain_find(&i->file, NULL, &found, e))
		return false;
	i->chain = calloc(i->file.count, sizeof(*i->chain));
	if (!i->chain)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t p = 1; p < found.count; p++)
		if (found.paths[p].count > found.paths[longest].count)
			longest = p;
	take_path(i, &found.paths[longest]);
	for (size_t p = 0; p < found.count; p++)
		take_path(i, &found.paths[p]);
	for (size_t j = 0; j < i->file.count; j++)
		if (!has(i, &i->file.items[j])) {
			err_set(e, ERR_REFUSED, "%s is not above the certificate of the key",
				i->file.items[j].subject);
			return err_hint(e, "names and signatures have to link up, from the "
					   "certificate to its issuer and so on");
		}
	if (i->count == 1 && !found.paths[0].complete)
		buf_addf(&i->warnings,
			"coldspare: warning: no certificate of %s came with it: servers have to "
			"send it, unless it is a root\n",
			i->chain[0]->issuer);
	return true;
}

static bool
check(const struct state_key *key, const struct state_domain *domain, int64_t now, struct issued *i,
	struct err *e)
{
	return check_items(&i->file, e) && find_leaf(&i->file, key, domain, e) && order(i, e) &&
	       check_ca(i, e) && check_times(i, now, e) && check_names(i, domain, e) &&
	       read_serial(i, e) && buf_ok(&i->warnings, e);
}

bool
issued_load(const char *path, const struct state_key *key, const struct state_domain *domain,
	int64_t now, struct issued *out, struct err *e)
{
	ISSUED_AUTO i = { 0 };

	if (!pubfile_load(path, &i.file, e))
		return false;
	if (!check(key, domain, now, &i, e))
		return err_wrap(e, "%s", path);
	*out = i;
	i = (struct issued){ 0 };
	return true;
}

bool
issued_encode(const struct issued *i, struct buf *out, struct err *e)
{
	AUTO_OSSL(BIO) bio = BIO_new(BIO_s_mem());
	char *text;

	for (size_t j = 0; j < i->count; j++)
		if (!bio || PEM_write_bio_X509(bio, i->chain[j]->certificate) != 1)
			return err_openssl(e, ERR_MEMORY, "writing certificates");
	long len = BIO_get_mem_data(bio, &text);
	buf_add(out, text, (size_t)len);
	return buf_ok(out, e);
}
