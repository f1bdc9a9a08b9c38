/* SPDX-License-Identifier: ISC */
/*
 * store: what a simulated card remembers without power: numbered values, in one file.
 * A line for each value, `id hex`, ids ascending. store_save replaces the file as a whole, so that
 * a simulator that dies leaves what it last saved. Values live in memory that a card would protect
 * and a test need not: nothing here is a secret.
 */
#ifndef TESTS_CARDS_STORE_H
#define TESTS_CARDS_STORE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct store_value {
	uint32_t id;
	uint8_t *data;
	size_t len;
};

struct store {
	const char *path; /* the caller's */
	struct store_value *values;
	size_t count;
	bool changed;
};

#define STORE_AUTO __attribute__((cleanup(store_close))) struct store

bool store_open(struct store *s, const char *path, struct err *e) FALLIBLE; /* none yet: empty */
void store_close(struct store *s);
bool store_save(struct store *s, struct err *e) FALLIBLE; /* does nothing when nothing changed */

const struct store_value *store_get(const struct store *s, uint32_t id); /* NULL: there is none */
bool store_put(struct store *s, uint32_t id, const void *data, size_t len); /* false: no memory */
void store_drop(struct store *s, uint32_t id);

#endif
