/* SPDX-License-Identifier: ISC */
/*
 * plainmemory: for tests that make millions of secrets, with
 * --wrap=sodium_malloc,--wrap=sodium_free: memory that is neither locked nor guarded, and ten times
 * as fast.
 */
#include <stdlib.h>

void *__wrap_sodium_malloc(size_t size);
void __wrap_sodium_free(void *memory);

void *
__wrap_sodium_malloc(size_t size)
{
	return malloc(size > 0 ? size : 1);
}

void
__wrap_sodium_free(void *memory)
{
	free(memory);
}
