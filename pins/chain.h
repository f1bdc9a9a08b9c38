/* SPDX-License-Identifier: ISC */
/*
 * chain: every path of certificates from a leaf upwards.
 *
 * Where a root is cross-signed, clients with other trust stores take other paths, and a pin has to
 * match on each. A path goes from the leaf, by name and signature, to a self-signed certificate or
 * to where no issuer was given. Whether the certificates are valid or trusted is not looked at.
 */
#ifndef PINS_CHAIN_H
#define PINS_CHAIN_H

#include "pins/pubfile.h"

#define CHAIN_DEPTH_MAX 10
#define CHAIN_PATHS_MAX 64

struct chain_path {
	const struct pubfile_item *certificates[CHAIN_DEPTH_MAX]; /* the leaf first; borrowed */
	size_t count;
	bool complete; /* ends at a self-signed certificate */
};

struct chain {
	struct chain_path *paths; /* at least one */
	size_t count;
};
#define CHAIN_AUTO __attribute__((cleanup(chain_free))) struct chain
void chain_free(struct chain *c);

/* The leaf is the first certificate of `served`; issuers are looked for there and in `known` (or
 * NULL). ERR_FORMAT: no certificate, or more than CHAIN_PATHS_MAX paths. */
bool chain_find(const struct pubfile *served, const struct pubfile *known, struct chain *out,
	struct err *e) FALLIBLE;

#endif
