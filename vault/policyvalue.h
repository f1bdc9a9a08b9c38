/* SPDX-License-Identifier: ISC */
/*
 * policyvalue: which texts a policy may hold, wherever they come from. ERR_USAGE.
 */
#ifndef VAULT_POLICYVALUE_H
#define VAULT_POLICYVALUE_H

#include "base/err.h"

#define POLICYVALUE_NOTE_MAX 200 /* bytes of a contact or location */
#define POLICYVALUE_URI_MAX 1024

bool policyvalue_note(const char *text, struct err *e) FALLIBLE;

/* An https:// or http:// address in the characters of RFC 3986 (but for the quote, which ends
 * strings in servers' configurations). */
bool policyvalue_uri(const char *uri, struct err *e) FALLIBLE;

#endif
