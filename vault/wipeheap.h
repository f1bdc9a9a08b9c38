/* SPDX-License-Identifier: ISC */
/*
 * wipeheap: OpenSSL's ordinary heap, wiped block by block as it is freed.
 *
 * Keys live on the secure heap, but reading one passes its DER and its PEM through ordinary
 * blocks that OpenSSL 3.0 frees as they are (pem2der and der2key in its decoders): the private key
 * would stay there until something else happens to use the memory.
 */
#ifndef VAULT_WIPEHEAP_H
#define VAULT_WIPEHEAP_H

#include "base/err.h"

/* Before anything else of OpenSSL: ERR_INTERNAL when it has allocated already. */
bool wipeheap_install(struct err *e) FALLIBLE;

#endif
