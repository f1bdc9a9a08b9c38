/* SPDX-License-Identifier: ISC */
/*
 * media: the kinds of media that `coldspare` knows, and who answers when one of them asks.
 *
 * A PIN comes from --pin-fd, where a line has the custodian's name, the medium's spec or the card's
 * serial, or from the terminal. So does another secret of a card, from lines ADMIN-NAME=KEY. The
 * tries left are shown before one is spent, and the last one is spent only after a typed yes.
 */
#ifndef VAULT_MEDIA_H
#define VAULT_MEDIA_H

#include "base/opt.h"
#include "shares/medium.h"

extern const struct medium_kind *const media_kinds[]; /* NULL ends */

/* What a card said no to: it is not tried a second time. */
struct media_refused {
	char *serial, *line; /* of which card, and which of its secrets (struct medium_ask) */
	struct secret answer;
};

struct media {
	struct medium_host host; /* what media are opened with: keep *this* in its place */
	struct secret *lines;    /* of --pin-fd */
	size_t count;
	struct media_refused *refused;
	size_t refused_count;
};
#define MEDIA_AUTO __attribute__((cleanup(media_free))) struct media
/* Reads --pin-fd, where it is given, to its end. */
bool media_init(const struct opts *o, struct media *out, struct err *e) FALLIBLE;
void media_free(struct media *m);

/* One try's PIN, as `ask` says. `fresh`: a new one, asked twice, from lines NEW-NAME=PIN
 * (NEW-ADMIN-NAME=KEY). */
bool media_pin(struct media *m, const struct medium_ask *ask, bool fresh, struct secret *out,
	struct err *e) FALLIBLE;

#endif
