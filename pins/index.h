/* SPDX-License-Identifier: ISC */
/*
 * index: a domain's pins by hash and a manifest's domains by name, for quick look-ups.
 *
 * Sorted arrays of borrowed pointers: 100,000 pins are compared with those of another manifest in
 * n log n. Equal entries stand beside each other, in the manifest's order.
 */
#ifndef PINS_INDEX_H
#define PINS_INDEX_H

#include "pins/manifest.h"

struct index_pins {
	const struct manifest_pin **pins;
	size_t count;
};
#define INDEX_PINS_AUTO __attribute__((cleanup(index_pins_free))) struct index_pins
bool index_pins_new(
	const struct manifest_domain *d, struct index_pins *out, struct err *e) FALLIBLE;
void index_pins_free(struct index_pins *i);
/* The first pin with this hash, or NULL. */
const struct manifest_pin *index_pins_find(const struct index_pins *i, const struct pin *pin);

struct index_domains {
	const struct manifest_domain **domains;
	size_t count;
};
#define INDEX_DOMAINS_AUTO __attribute__((cleanup(index_domains_free))) struct index_domains
bool index_domains_new(const struct manifest *m, struct index_domains *out, struct err *e) FALLIBLE;
void index_domains_free(struct index_domains *i);
/* The first domain of this name, or NULL. */
const struct manifest_domain *index_domains_find(const struct index_domains *i, const char *name);

#endif
