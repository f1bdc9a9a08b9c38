/* SPDX-License-Identifier: ISC */
#include "vault/wipeheap.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static void *
heap_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(size);
}

static void
heap_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

/* realloc itself would leave a copy behind when it moves the block. */
static void *
heap_realloc(void *p, size_t size, const char *file, int line)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *moved = size > 0 ? malloc(size) : NULL;

	if (size > 0 && !moved)
		return NULL;
	if (moved && p)
		memcpy(moved, p, old < size ? old : size);
	heap_free(p, file, line);
	return moved;
}

bool
wipeheap_install(struct err *e)
{
	if (CRYPTO_set_mem_functions(heap_malloc, heap_realloc, heap_free) != 1)
		return err_set(
			e, ERR_INTERNAL, "OpenSSL's heap cannot be wiped: it is in use already");
	return true;
}
