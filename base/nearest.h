/* SPDX-License-Identifier: ISC */
/*
 * nearest: which known name a mistyped one most likely meant.
 *
 *	struct nearest n = { .word = "generte" };
 *	for each known name: nearest_offer(&n, name);
 *	n.name: "generate", or NULL when nothing offered comes near
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
	const char *word; /* as typed */
	const char *name; /* the best so far; among equals the first offered */
	size_t distance;
};

/* Letters inserted, left out, replaced, or swapped with their neighbour count one each; a word
 * that is the beginning of the name counts one. Near is up to a third of the word's length. */
void nearest_offer(struct nearest *n, const char *name);

#endif
