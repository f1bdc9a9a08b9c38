/* SPDX-License-Identifier: ISC */
#include "tests/sources.h"

#include "tests/support.h"

#include <errno.h>
#include <sodium.h>
#include <sys/types.h>

ssize_t __wrap_getrandom(void *out, size_t len, unsigned flags);
ssize_t __real_getrandom(void *out, size_t len, unsigned flags);
int __wrap_RAND_priv_bytes(unsigned char *out, int len);
int __real_RAND_priv_bytes(unsigned char *out, int len);

struct source sources_kernel, sources_openssl;

static void
stream_read(struct source *s, void *out, size_t len)
{
	assert_true(len <= sizeof(s->stream) - s->at);
	memcpy(out, s->stream + s->at, len);
	s->at += len;
}

ssize_t
__wrap_getrandom(void *out, size_t len, unsigned flags)
{
	struct source *s = &sources_kernel;

	s->calls++;
	switch (s->behaviour) {
	case SOURCES_HALTING:
		errno = EINTR;
		if (s->calls % 2 == 1)
			return -1;
		len = len > 1 ? len - 1 : len;
		stream_read(s, out, len);
		return (ssize_t)len;
	case SOURCES_FIXED:
		stream_read(s, out, len);
		return (ssize_t)len;
	case SOURCES_STUCK:
		memset(out, 0, len);
		return (ssize_t)len;
	case SOURCES_REFUSING:
		errno = ENOSYS;
		return -1;
	case SOURCES_REAL:
		break;
	}
	return __real_getrandom(out, len, flags);
}

int
__wrap_RAND_priv_bytes(unsigned char *out, int len)
{
	struct source *s = &sources_openssl;

	s->calls++;
	if (s->behaviour == SOURCES_REAL)
		return __real_RAND_priv_bytes(out, len);
	if (s->behaviour == SOURCES_FIXED)
		stream_read(s, out, (size_t)len);
	return s->behaviour == SOURCES_FIXED;
}

void
sources_start(struct source *s, enum sources_behaviour b, uint8_t seed)
{
	const uint8_t seeds[randombytes_SEEDBYTES] = { seed };

	*s = (struct source){ .behaviour = b };
	randombytes_buf_deterministic(s->stream, sizeof(s->stream), seeds);
}
