/* SPDX-License-Identifier: ISC */
/*
 * name: host names as they may stand in certificates and manifests.
 *
 * DNS: RFC 1035 section 2.3.1 with RFC 1123 section 2.1 (leading digits), lower case, labels of
 * 1 to 63, 253 in all, no trailing dot, at least two labels unless it is "localhost"; one leading
 * "*." is a wildcard (RFC 6125 section 6.4.3). What looks like an IPv4 address is no DNS name.
 * Names that are not ASCII are refused with the advice to use the A-label.
 */
#ifndef PINS_NAME_H
#define PINS_NAME_H

#include "base/err.h"

#include <stddef.h>

#define NAME_MAX_DNS 253
#define NAME_ID_MAX 200 /* a domain in a key id: file names end at 255 */

enum name_kind { NAME_DNS, NAME_WILDCARD, NAME_IP };

/* What a name is, or why it is none: ERR_USAGE. IP addresses are recognised (v4 and v6), so that
 * the caller can say where they may stand. */
bool name_check(const char *name, enum name_kind *kind, struct err *e) FALLIBLE;

/* As name_check, and upper case is folded first; IP addresses and names over NAME_ID_MAX are
 * refused: for --domain. */
bool name_domain(const char *given, char out[static NAME_MAX_DNS + 1], struct err *e) FALLIBLE;

/* A --san value: a DNS name or wildcard, or "IP:" and an address; the canonical text goes to out
 * ("IP:192.0.2.1", "IP:2001:db8::1"). */
bool name_san(const char *given, char out[static NAME_MAX_DNS + 4], struct err *e) FALLIBLE;

#endif
