/* SPDX-License-Identifier: ISC */
/*
 * secret: bytes that must not leave this process: guarded, locked in memory, wiped when freed.
 *
 * The only place where secret bytes of ours may live. Each secret is a mapping of its own
 * (libsodium's sodium_malloc: guard pages on both sides, excluded from core dumps), so hold many
 * small ones in one arena. Compare with sodium_memcmp, never print.
 * Fails with ERR_MEMORY when the pages cannot be locked, unless secret_init allowed that.
 * Locks do not survive fork(): use threads.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct secret {
	uint8_t *data; /* NULL when empty */
	size_t len;    /* bytes */
};

#define SECRET_NONE ((struct secret){ 0 })
#define SECRET_AUTO __attribute__((cleanup(secret_free))) struct secret

/* Starts libsodium; once, before anything else of this header and before threads. With
 * `allow_unlocked` a failed lock is accepted (--allow-swap). */
bool secret_init(bool allow_unlocked, struct err *e) FALLIBLE;

/* Fills *s with `len` zero bytes, locked; len may be 0. *s must be empty (SECRET_NONE). */
bool secret_new(struct secret *s, size_t len, struct err *e) FALLIBLE;
bool secret_copy(struct secret *s, const void *data, size_t len, struct err *e) FALLIBLE;

void secret_free(struct secret *s);                       /* wipes; empties *s; idempotent */
void secret_move(struct secret *to, struct secret *from); /* frees what `to` held; empties `from` */
void secret_shorten(struct secret *s, size_t len);        /* len <= s->len; wipes the rest */

/* Secrets alive now: zero at the end of every test. LeakSanitizer does not see sodium_malloc. */
size_t secret_live(void);

#endif
