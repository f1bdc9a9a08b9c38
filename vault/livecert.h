/* SPDX-License-Identifier: ISC */
/*
 * livecert: which names a certificate that is live today serves. Public data.
 */
#ifndef VAULT_LIVECERT_H
#define VAULT_LIVECERT_H

#include "pins/pubfile.h"

/* Whether its subjectAltName has the name (a name_san form); a common name counts for nothing. */
bool livecert_covers(const struct pubfile_item *certificate, const char *name);

#endif
