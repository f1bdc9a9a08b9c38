/* SPDX-License-Identifier: ISC */
/*
 * succession: the statements by which one vault key signs for the next.
 *
 * They stand beside a manifest: `rekeyed-1.pub`, the first successor's public key, with
 * `rekeyed-1.pub.minisig`, its signature by the key before; and so on. The trusted comment, which
 * is signed too, begins with SUCCESSION_COMMENT: that a key signed some other public key's file
 * makes no successor of it.
 */
#ifndef PINS_SUCCESSION_H
#define PINS_SUCCESSION_H

#include "base/buf.h"
#include "base/minisign.h"

#define SUCCESSION_COMMENT "coldspare successor "
#define SUCCESSION_FILE "rekeyed-%u.pub" /* and, behind it, ".minisig" */
#define SUCCESSION_MAX 64

struct succession_item {
	char *path;
	struct err err; /* why it is no statement; ERR_NONE when it has the form of one */
	struct buf bytes;
	struct minisign_pub pub; /* the successor */
	struct minisign_sig sig;
};
struct succession {
	struct succession_item *items;
	size_t count;
};
#define SUCCESSION_AUTO __attribute__((cleanup(succession_free))) struct succession
void succession_free(struct succession *s);

/* Reads what stands in `folder`. A file that is no statement is told of when it is needed. */
bool succession_load(const char *folder, struct succession *out, struct err *e) FALLIBLE;
/* The key that `key` signed for; *there says whether there is one. ERR_AUTH when a statement of
 * this key was altered, when there are two, or when one that might be its own cannot be read. */
bool succession_next(const struct succession *s, const struct minisign_pub *key,
	struct minisign_pub *out, bool *there, struct err *e) FALLIBLE;
/* Whether statements lead from the one key to the other. */
bool succession_leads(const struct succession *s, const struct minisign_pub *from,
	const struct minisign_pub *to, bool *out, struct err *e) FALLIBLE;

#endif
