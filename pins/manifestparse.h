/* SPDX-License-Identifier: ISC */
/*
 * manifestparse: a manifest's members, checked and copied from JSON values to the model.
 *
 * For manifestread.c only. What is taken over belongs to the model even when the call fails.
 */
#ifndef PINS_MANIFESTPARSE_H
#define PINS_MANIFESTPARSE_H

#include "base/json.h"
#include "pins/manifest.h"

/* Everything but `domains`. */
bool manifestparse_head(const json_t *o, struct manifest *m, struct err *e) FALLIBLE;
/* One element of `domains`. */
bool manifestparse_domain(const json_t *o, struct manifest_domain *d, struct err *e) FALLIBLE;

#endif
