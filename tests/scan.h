/* SPDX-License-Identifier: ISC */
/*
 * scan: how often some bytes stand in this process's memory.
 */
#ifndef TESTS_SCAN_H
#define TESTS_SCAN_H

#include <stddef.h>

/* Copies of the `len` bytes at `needle` anywhere in readable memory, those at `needle` itself not
 * counted. */
size_t scan_copies(const void *needle, size_t len);

#endif
