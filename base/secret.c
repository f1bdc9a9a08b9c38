/* SPDX-License-Identifier: ISC */
#include "base/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

static bool unlocked_allowed;
static atomic_size_t live;

bool
secret_init(bool allow_unlocked, struct err *e)
{
	if (sodium_init() < 0)
		return err_set(e, ERR_INTERNAL, "libsodium does not start");
	unlocked_allowed = allow_unlocked;
	return true;
}

static bool
no_lock(struct err *e, size_t len)
{
	err_errno(e, "cannot lock %zu bytes in memory", len);
	e->code = ERR_MEMORY;
	return err_hint(e,
		"raise the limit of lockable memory (ulimit -l), or accept that secrets may reach "
		"the swap with --allow-swap");
}

bool
secret_new(struct secret *s, size_t len, struct err *e)
{
	uint8_t *data = sodium_malloc(len);
	if (!data)
		return err_set(e, ERR_MEMORY, "no memory for a secret of %zu bytes", len);

	/* sodium_malloc locks too, but keeps silent when it could not. */
	if (!unlocked_allowed && mlock(data, len) != 0) {
		no_lock(e, len);
		sodium_free(data);
		return false;
	}
	memset(data, 0, len);
	atomic_fetch_add(&live, 1);
	*s = (struct secret){ .data = data, .len = len };
	return true;
}

bool
secret_copy(struct secret *s, const void *data, size_t len, struct err *e)
{
	if (!secret_new(s, len, e))
		return false;
	if (len > 0)
		memcpy(s->data, data, len);
	return true;
}

void
secret_free(struct secret *s)
{
	if (s->data) {
		sodium_free(s->data);
		atomic_fetch_sub(&live, 1);
	}
	*s = SECRET_NONE;
}

void
secret_move(struct secret *to, struct secret *from)
{
	if (to == from)
		return;
	secret_free(to);
	*to = *from;
	*from = SECRET_NONE;
}

void
secret_shorten(struct secret *s, size_t len)
{
	if (len >= s->len)
		return;
	sodium_memzero(s->data + len, s->len - len);
	s->len = len;
}

size_t
secret_live(void)
{
	return atomic_load(&live);
}
