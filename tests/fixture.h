/* SPDX-License-Identifier: ISC */
/*
 * fixture: a small vault on disk, made through the store alone: no media, no shares.
 *
 * Its keys are P-256 with CSR, public key and sealed record, as docs/FORMAT.md has them; what their
 * shares would hold is zeros. Failures end the test.
 */
#ifndef TESTS_FIXTURE_H
#define TESTS_FIXTURE_H

#include "vault/store.h"

#define FIXTURE_PASSPHRASE "correct horse"
#define FIXTURE_CUSTODIANS 3

struct fixture {
	char dir[512];
	struct store store; /* open for writing */
	struct signer signer;
};
#define FIXTURE_AUTO __attribute__((cleanup(fixture_free))) struct fixture
void fixture_free(struct fixture *f);

/* A vault whose init came as far as its first line. */
void fixture_create(struct fixture *f, const char *dir);
/* And to its end: the signing key is in custodians' hands. */
void fixture_init(struct fixture *f, const char *dir);
/* Closes the vault and opens it again. */
void fixture_reopen(struct fixture *f, enum store_mode mode);

/* `count` keys of one domain in one batch; committed unless `is_void`, and then their files stay as
 * a killed process leaves them. The line's time is now. */
void fixture_keys(struct fixture *f, const char *domain, size_t count, bool is_void);
/* Signs and journals the next manifest, of all committed keys. */
void fixture_export(struct fixture *f);

/* Appends a line of any content to the journal file behind the vault's back, well chained. */
void fixture_forge(struct fixture *f, const char *time, const char *event, const char *members);

void fixture_passphrase(struct secret *out);
/* Overwrites a file of the vault, open or not. */
void fixture_put(const struct fixture *f, const char *relative, const void *data, size_t len);

#endif
