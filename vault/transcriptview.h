/* SPDX-License-Identifier: ISC */
/*
 * transcriptview: a transcript's sections, as tables of texts, for every form that it is shown in.
 * Private to transcript*.c.
 */
#ifndef VAULT_TRANSCRIPTVIEW_H
#define VAULT_TRANSCRIPTVIEW_H

#include "base/json.h"

struct transcriptview {
	char title[160];
	json_t *sections; /* [{title, columns [..], rows [[..]]}]; a first column "" is a label */
	json_t *names;    /* who signs */
};
void transcriptview_free(struct transcriptview *v);
bool transcriptview_make(
	const json_t *transcript, struct transcriptview *out, struct err *e) FALLIBLE;

#endif
