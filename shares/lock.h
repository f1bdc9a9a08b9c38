/* SPDX-License-Identifier: ISC */
/*
 * lock: a share's payload under a key that its holder has (docs/FORMAT.md, "Locked").
 *
 * ChaCha20-Poly1305 (IETF, RFC 8439); the associated data is all that the vault signed of the
 * share, then what stands after "locked: " before the base64. Where the key comes from is the
 * affair of the lock's kind (locker.h). Payload and key are secret memory, all else is public.
 */
#ifndef SHARES_LOCK_H
#define SHARES_LOCK_H

#include "shares/share.h"

#define LOCK_KEY_LEN 32

/* Locks *s, which must not be: its payload is wiped, s->locked takes its place. `head`: the lock's
 * kind and what stands before the nonce, "card 0006:12345678". `nonce` must be fresh random bytes.
 */
bool lock_close(struct share *s, const char *head, const uint8_t nonce[static SEALED_NONCE_LEN],
	const struct secret *key, struct err *e) FALLIBLE;

/* Gives a locked share its payload back. ERR_AUTH when the key is another, or any byte that was
 * signed, the lock's parameters or the ciphertext was altered; then *s is as it was. */
bool lock_open(struct share *s, const struct secret *key, struct err *e) FALLIBLE;

#endif
