/* SPDX-License-Identifier: ISC */
/*
 * sharebin: a share in as few bytes as it takes, for cards and QR codes (docs/FORMAT.md).
 *
 * Lossless: it decodes to the same text, byte for byte. A hash is left out where what it is a
 * hash of stands in the share, and a key id's last eight digits where its pin has them. A share
 * that is not locked and carries no sealed key takes SHAREBIN_FIXED bytes and its three names.
 * Holds the payload: secret memory throughout.
 */
#ifndef SHARES_SHAREBIN_H
#define SHARES_SHAREBIN_H

#include "shares/share.h"

#define SHAREBIN_FIXED 221

/* With `detached` the sealed key is left out. */
bool sharebin_encode(
	const struct share *s, bool detached, struct secret *out, struct err *e) FALLIBLE;

/* Form only, like share_parse: there is one encoding of each share, and nothing else is taken.
 * ERR_FORMAT. */
bool sharebin_decode(const uint8_t *data, size_t len, struct share *out, struct err *e) FALLIBLE;

#endif
