/* SPDX-License-Identifier: ISC */
/*
 * fuzz: what every fuzzer stands on: libFuzzer's entry, and a claim that ends the run when it
 * fails.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void
require(bool holds)
{
	if (!holds)
		abort();
}

#endif
