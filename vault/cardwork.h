/* SPDX-License-Identifier: ISC */
/*
 * cardwork: the card that a `card` command is about, with the media's answers.
 */
#ifndef VAULT_CARDWORK_H
#define VAULT_CARDWORK_H

#include "hsm/onecard.h"
#include "vault/media.h"

struct cardwork {
	const struct opts *o;
	struct media media;
	struct onecard card;
};
#define CARDWORK_AUTO __attribute__((cleanup(cardwork_free))) struct cardwork
void cardwork_free(struct cardwork *w);

/* The one in the reader that the one operand names. Touches no card. */
bool cardwork_open(const struct opts *o, struct cardwork *w, struct err *e) FALLIBLE;

/* Shows the question and wants the serial typed. ERR_REFUSED. */
bool cardwork_confirm_erase(const char *question, const char *serial, struct err *e) FALLIBLE;

/* A share that is to be erased is not on the card or token (`what`): ERR_MISSING, always false. */
bool cardwork_no_such(const char *name, const char *what, struct err *e);

#endif
