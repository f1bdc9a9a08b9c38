/* SPDX-License-Identifier: ISC */
/*
 * deal: for tests: a vault key, one sealed private key, and its signed shares.
 */
#ifndef TESTS_DEAL_H
#define TESTS_DEAL_H

#include "shares/share.h"

#define DEAL_SIGNING_LEN 64
#define DEAL_PLAIN "-----BEGIN PRIVATE KEY-----\nfor tests\n-----END PRIVATE KEY-----\n"

struct deal {
	const char *vault; /* its name */
	struct minisign_pub pub;
	uint8_t signing[DEAL_SIGNING_LEN];
	struct secret kek;
	struct sealed sealed;
	struct share *shares; /* all carry the sealed key */
	unsigned count;
};
#define DEAL_AUTO __attribute__((cleanup(deal_free))) struct deal
void deal_free(struct deal *d);

/* A vault of this name, whose key comes from it, splits a key of `domain` k of n. The key's id and
 * pin come from the domain, the set is the one given, the numbers are 1..n. */
void deal_make(struct deal *d, const char *vault, const char *domain, const char *set,
	unsigned threshold, unsigned shares);

/* Signs again after a change. */
void deal_sign(const struct deal *d, struct share *s);

#endif
