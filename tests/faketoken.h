/* SPDX-License-Identifier: ISC */
/*
 * faketoken: for tests: the token of tests/p11/fake.c as a medium, and shares to put on it.
 */
#ifndef TESTS_FAKETOKEN_H
#define TESTS_FAKETOKEN_H

#include "hsm/medium_pkcs11.h"
#include "tests/p11/fake.h"
#include "tests/shareset.h"

extern const struct medium_kind *const faketoken_kinds[];
extern struct fake *faketoken; /* after the first faketoken_reset */

extern char faketoken_said[1024];   /* to the operator, since the last reset */
extern const char *faketoken_pin;   /* what is answered */
extern unsigned faketoken_patience; /* of the host: none after a reset */
extern int faketoken_tries;         /* that were told when it was asked for; -2: it was not */

/* Tokens 0001 and 0002, the second out of its slot, with the PINs 4711 and 4712; on the first an
 * object of somebody else's. Nothing is wrong with them. */
void faketoken_reset(void);

/* `serial`: "" or "#0001". */
bool faketoken_open(const char *serial, struct medium *out, struct err *e) FALLIBLE;
bool faketoken_write(struct medium *m, const struct share *share, struct err *e) FALLIBLE;
/* The whole way: opens, writes these, syncs, reads back, keeps. */
bool faketoken_put(const struct share *shares, size_t count, struct err *e) FALLIBLE;

/* How many objects of ours there are; somebody else's must be there as well. */
unsigned faketoken_objects(void);
/* How many shares the medium reads; each must be whole, and signed by that vault. */
size_t faketoken_shares(const struct minisign_pub *vault);

/* Shares of two keys of one vault, of the same three custodians. */
struct faketoken_pair {
	struct shareset sets[2];
};
#define FAKETOKEN_PAIR_AUTO __attribute__((cleanup(faketoken_pair_free))) struct faketoken_pair
void faketoken_pair_make(struct faketoken_pair *p);
void faketoken_pair_free(struct faketoken_pair *p);

#endif
