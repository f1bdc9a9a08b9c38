/* SPDX-License-Identifier: ISC */
#include "tests/fixture.h"

#include "base/file.h"
#include "tests/support.h"

#include <inttypes.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ZERO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

void
fixture_free(struct fixture *f)
{
	store_close(&f->store);
	signer_free(&f->signer);
}

void
fixture_passphrase(struct secret *out)
{
	struct err e = { 0 };

	assert_ok(secret_copy(out, FIXTURE_PASSPHRASE, strlen(FIXTURE_PASSPHRASE), &e), &e);
}

void
fixture_put(const struct fixture *f, const char *relative, const void *data, size_t len)
{
	AUTO_STR path = NULL;
	struct err e = { 0 };

	assert_ok(file_path(&path, &e, "%s/%s", f->dir, relative), &e);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void
add_file(struct fixture *f, struct filebatch *b, json_t *hashes, const char *relative, mode_t mode,
	const struct buf *data)
{
	struct err e = { 0 };

	assert_ok(store_add_file(&f->store, b, hashes, relative, mode, data->data, data->len, &e),
		&e);
}

static void
append(struct fixture *f, const char *event, json_t *body)
{
	struct err e = { 0 };

	assert_non_null(body);
	assert_ok(store_append(&f->store, event, body, &e), &e);
}

static json_t *
custodians(void)
{
	return json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "name", "ada", "medium", "dir:/a",
		"name", "bob", "medium", "dir:/b", "name", "eve", "medium", "dir:/e");
}

/* Making a vault --------------------------------------------------------------------------- */

static void
make_signer(struct signer *out, struct buf *sec)
{
	ENTROPY_AUTO *x = NULL;
	SECRET_AUTO passphrase = SECRET_NONE;
	SECRET_AUTO file = SECRET_NONE;
	const struct signer_kdf *kdf;
	struct err e = { 0 };

	assert_ok(entropy_new(&x, &e), &e);
	assert_ok(signer_kdf_find("interactive", &kdf, &e), &e);
	assert_ok(signer_new(x, out, &e), &e);
	fixture_passphrase(&passphrase);
	assert_ok(signer_encode(out, &passphrase, kdf, &file, &e), &e);
	buf_add(sec, file.data, file.len); /* encrypted by now */
}

void
fixture_create(struct fixture *f, const char *dir)
{
	FILEBATCH_AUTO batch = NULL;
	JSON_AUTO hashes = json_object();
	BUF_AUTO sec = BUF_NONE;
	BUF_AUTO pub = BUF_NONE;
	BUF_AUTO identity = BUF_NONE;
	char key[MINISIGN_PUB_TEXT];
	struct err e = { 0 };

	*f = (struct fixture){ 0 };
	snprintf(f->dir, sizeof(f->dir), "%s", dir);
	make_signer(&f->signer, &sec);
	minisign_pub_file(&f->signer.pub, &pub);
	minisign_pub_encode(&f->signer.pub, key);
	buf_addf(&identity,
		"{\"format\":\"" STORE_FORMAT "\",\"name\":\"Example Ops\",\"key\":\"%s\","
		"\"created\":\"2026-11-22T10:00:00Z\"}\n",
		key);
	assert_ok(store_create(dir, false, &f->store, &e), &e);
	assert_ok(filebatch_new(&batch, &e), &e);
	add_file(f, batch, hashes, "vault.json", 0644, &identity);
	add_file(f, batch, hashes, "vault.pub", 0644, &pub);
	add_file(f, batch, hashes, "vault-1.sec", 0600, &sec);
	assert_ok(filebatch_sync(batch, &e), &e);
	filebatch_keep(batch);
	append(f, "create",
		json_pack("{s:s, s:s, s:i, s:o, s:i, s:s, s:O}", "name", "Example Ops", "key", key,
			"threshold", 2, "custodians", custodians(), "max_age", 5184000, "kdf",
			"interactive", "files", hashes));
}

void
fixture_reopen(struct fixture *f, enum store_mode mode)
{
	struct err e = { 0 };

	store_close(&f->store);
	assert_ok(store_open(f->dir, mode, false, &f->store, &e), &e);
}

/* Keys ------------------------------------------------------------------------------------- */

struct fixture_key {
	char id[64];
	struct pin pin;
	struct sealed sealed;
	struct buf csr, public_pem, record;
};

static void
take_bio(BIO *bio, struct buf *out)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	assert_true(len > 0);
	buf_add(out, data, (size_t)len);
	BIO_free(bio);
}

static void
write_public(EVP_PKEY *key, struct fixture_key *out)
{
	X509_REQ *request = X509_REQ_new();
	BIO *csr = BIO_new(BIO_s_mem());
	BIO *pem = BIO_new(BIO_s_mem());

	assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
	assert_true(X509_REQ_sign(request, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_X509_REQ(csr, request), 1);
	assert_int_equal(PEM_write_bio_PUBKEY(pem, key), 1);
	X509_REQ_free(request);
	take_bio(csr, &out->csr);
	take_bio(pem, &out->public_pem);
}

static void
seal(struct fixture_key *k)
{
	SECRET_AUTO kek = SECRET_NONE;
	SECRET_AUTO plain = SECRET_NONE;
	uint8_t nonce[SEALED_NONCE_LEN], set[8];
	struct err e = { 0 };

	randombytes_buf(set, sizeof(set));
	randombytes_buf(nonce, sizeof(nonce));
	assert_ok(secret_new(&kek, SEALED_KEK_LEN, &e), &e);
	assert_ok(secret_copy(&plain, "the private key", 15, &e), &e);
	memcpy(k->sealed.key, k->id, sizeof(k->id));
	pin_encode(&k->pin, k->sealed.pin);
	encode_hex(k->sealed.set, set, sizeof(set));
	assert_ok(sealed_seal(&k->sealed, nonce, &kek, &plain, &e), &e);
	sealed_encode(&k->sealed, &k->record);
}

static void
make_key(const char *domain, struct fixture_key *out)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	char hex[PIN_HEX];
	struct err e = { 0 };

	*out = (struct fixture_key){ 0 };
	assert_ok(pin_of_key(key, &out->pin, &e), &e);
	pin_encode_hex(&out->pin, hex);
	if (domain)
		snprintf(out->id, sizeof(out->id), "%s-ec-p256-%.8s", domain, hex);
	else
		snprintf(out->id, sizeof(out->id), SHARE_SIGNING_KEY);
	write_public(key, out);
	seal(out);
	EVP_PKEY_free(key);
}

static void
free_key(struct fixture_key *k)
{
	sealed_free(&k->sealed);
	buf_free(&k->csr);
	buf_free(&k->public_pem);
	buf_free(&k->record);
}

static void
add_key_files(struct fixture *f, struct filebatch *batch, json_t *hashes, const char *domain,
	const struct fixture_key *k)
{
	char path[256];

	snprintf(path, sizeof(path), "keys/%s/public.pem", k->id);
	add_file(f, batch, hashes, path, 0644, &k->public_pem);
	snprintf(path, sizeof(path), "keys/%s/sealed-%s.txt", k->id, k->sealed.set);
	add_file(f, batch, hashes, path, 0600, &k->record);
	snprintf(path, sizeof(path), "keys/%s/request.csr", k->id);
	if (domain)
		add_file(f, batch, hashes, path, 0644, &k->csr);
}

static void
admit(struct fixture *f, const char *kind, const char *domain, struct fixture_key *keys,
	size_t count, bool is_void)
{
	FILEBATCH_AUTO batch = NULL;
	JSON_AUTO hashes = json_object();
	json_t *begun = json_array(), *done = json_array();
	char id[ENCODE_HEX_SIZE(8)];
	uint8_t random[8];
	struct err e = { 0 };

	randombytes_buf(random, sizeof(random));
	encode_hex(id, random, sizeof(random));
	for (size_t i = 0; i < count; i++) {
		struct fixture_key *k = &keys[i];
		json_array_append_new(
			begun, json_pack("{s:s, s:s, s:s, s:s?, s:s, s:s}", "key", k->id, "pin",
				       k->sealed.pin, "algorithm", "ec:p256", "domain", domain,
				       "set", k->sealed.set, "origin", "offline"));
		json_array_append_new(
			done, json_pack("{s:s, s:s, s:[sss]}", "key", k->id, "set", k->sealed.set,
				      "commitments", ZERO_HASH, ZERO_HASH, ZERO_HASH));
	}
	append(f, "begin",
		json_pack("{s:s, s:s, s:i, s:o, s:o}", "batch", id, "kind", kind, "threshold", 2,
			"holders", custodians(), "keys", begun));
	assert_ok(filebatch_new(&batch, &e), &e);
	for (size_t i = 0; i < count; i++)
		add_key_files(f, batch, hashes, domain, &keys[i]);
	assert_ok(filebatch_sync(batch, &e), &e);
	filebatch_keep(batch);
	json_t *body = json_pack("{s:s, s:i, s:b, s:s, s:o, s:o, s:O}", "batch", id, "subsets", 3,
		"detached", 0, "entropy", "kernel, openssl", "domain",
		domain ? json_pack("{s:s, s:[s]}", "domain", domain, "names", domain) : json_null(),
		"keys", done, "files", hashes);
	if (is_void)
		json_decref(body);
	else
		append(f, "commit", body);
}

void
fixture_keys(struct fixture *f, const char *domain, size_t count, bool is_void)
{
	struct fixture_key *keys = calloc(count, sizeof(*keys));

	assert_non_null(keys);
	for (size_t i = 0; i < count; i++)
		make_key(domain, &keys[i]);
	admit(f, domain ? "generate" : "init", domain, keys, count, is_void);
	for (size_t i = 0; i < count; i++)
		free_key(&keys[i]);
	free(keys);
}

void
fixture_init(struct fixture *f, const char *dir)
{
	fixture_create(f, dir);
	fixture_keys(f, NULL, 1, false);
}

/* Manifests -------------------------------------------------------------------------------- */

static void
fill_domain(const struct state_domain *d, struct manifest_domain *out)
{
	*out = (struct manifest_domain){
		.domain = d->name,
		.names = d->names,
		.name_count = d->name_count,
		.max_age = 5184000,
		.pins = calloc(d->key_count, sizeof(*out->pins)),
		.pin_count = d->key_count,
	};
	assert_non_null(out->pins);
	for (size_t i = 0; i < d->key_count; i++)
		out->pins[i] = (struct manifest_pin){
			.pin = d->keys[i]->pin,
			.role = ROLE_BACKUP,
			.state = STATE_STANDBY,
			.algorithm = d->keys[i]->algorithm,
			.key = d->keys[i]->id,
			.deployed = CLOCK_NONE,
			.ready = CLOCK_NONE,
		};
}

static void
write_manifest(struct fixture *f, struct buf *out)
{
	struct state *s = &f->store.state;
	struct manifest_domain *domains = calloc(s->domain_count + 1, sizeof(*domains));
	struct manifest m = {
		.vault_name = s->name,
		.vault_key = s->key,
		.serial = (int64_t)s->manifest_count + 1,
		.created = clock_now(),
		.valid_until = CLOCK_NONE,
		.offline = true,
		.previous = s->manifest_count > 0 ? s->manifests[s->manifest_count - 1].hash : NULL,
		.journal_entries = f->store.journal.entries,
		.journal_head = f->store.journal.head,
		.domains = domains,
		.domain_count = s->domain_count,
	};
	struct err e = { 0 };

	assert_non_null(domains);
	for (size_t i = 0; i < s->domain_count; i++)
		fill_domain(&s->domains[i], &domains[i]);
	assert_ok(manifest_encode(&m, out, &e), &e);
	for (size_t i = 0; i < s->domain_count; i++)
		free(domains[i].pins);
	free(domains);
}

void
fixture_export(struct fixture *f)
{
	FILEBATCH_AUTO batch = NULL;
	JSON_AUTO hashes = json_object();
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO sig = BUF_NONE;
	char path[64], hash[PIN_HEX];
	size_t serial = f->store.state.manifest_count + 1;
	struct err e = { 0 };

	write_manifest(f, &text);
	assert_ok(signer_minisig(&f->signer, text.data, text.len, "test", &sig, &e), &e);
	manifest_hash(text.data, text.len, hash);
	assert_ok(filebatch_new(&batch, &e), &e);
	snprintf(path, sizeof(path), "manifests/%06zu.json", serial);
	add_file(f, batch, hashes, path, 0644, &text);
	snprintf(path, sizeof(path), "manifests/%06zu.json.minisig", serial);
	add_file(f, batch, hashes, path, 0644, &sig);
	assert_ok(filebatch_sync(batch, &e), &e);
	filebatch_keep(batch);
	append(f, "export",
		json_pack("{s:i, s:s, s:s, s:s, s:O}", "serial", (int)serial, "hash", hash,
			"created", "2026-11-22T10:00:00Z", "to", "/out", "files", hashes));
}

/* Damage ----------------------------------------------------------------------------------- */

void
fixture_forge(struct fixture *f, const char *time, const char *event, const char *members)
{
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO line = BUF_NONE;
	AUTO_STR path = NULL;
	char check[ENCODE_HASH_HEX];
	struct err e = { 0 };

	buf_addf(&line, "{\"n\":%" PRId64 ",\"time\":\"%s\",\"prev\":\"%s\",\"event\":\"%s\",%s",
		f->store.journal.entries + 1, time, f->store.journal.head, event, members);
	encode_hash_hex(check, line.data, line.len);
	buf_addf(&line, ",\"check\":\"%s\"}\n", check);
	assert_ok(file_path(&path, &e, "%s/" JOURNAL_FILE, f->dir), &e);
	assert_ok(file_read(path, FILE_LIMIT_LARGE, &text, &e), &e);
	buf_add(&text, line.data, line.len);
	fixture_put(f, JOURNAL_FILE, text.data, text.len);
}
