/* SPDX-License-Identifier: ISC */
/*
 * cardreplay: for tests: one driver on a card that knows one conversation by heart (replay.h).
 */
#ifndef TESTS_CARDREPLAY_H
#define TESTS_CARDREPLAY_H

#include "hsm/card.h"
#include "tests/replay.h"

struct cardreplay {
	struct replay replay;
	struct apdu_link link;
	struct card card;
};

/* A transaction, and the card selected with `driver` alone. */
bool cardreplay_begin(struct cardreplay *r, const struct card_driver *driver,
	const struct replay_line *lines, struct err *e) FALLIBLE;

/* The transaction ends, and nothing of the transcript is left. */
void cardreplay_finish(const struct cardreplay *r);

/* From begin to end: a card that answers so is not taken (ERR_DEVICE). */
void cardreplay_refused(
	const struct card_driver *driver, const struct replay_line *lines, const char *reason);

/* `s` holds these characters then, and is returned. */
const struct secret *cardreplay_text(struct secret *s, const char *chars);

#endif
