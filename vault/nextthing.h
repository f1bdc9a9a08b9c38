/* SPDX-License-Identifier: ISC */
/*
 * nextthing: the next thing to do for a domain, in one sentence: the most urgent one only.
 */
#ifndef VAULT_NEXTTHING_H
#define VAULT_NEXTTHING_H

#include "base/buf.h"
#include "vault/outlook.h"

#define NEXTTHING_EXPIRY ((int64_t)30 * 86400) /* a certificate is about to expire */

struct nextthing_rule {
	const char *id; /* "generate"; NULL ends the table */
	/* Writes one sentence, or nothing when there is nothing of that kind to do. */
	void (*look)(const struct outlook *o, int64_t now, struct buf *out);
};
/* The most urgent first; the last one always has something to say. */
extern const struct nextthing_rule nextthing_rules[];

/* The id of the first rule that has something to say, and what that is. */
const char *nextthing_find(const struct outlook *o, int64_t now, struct buf *out);

#endif
