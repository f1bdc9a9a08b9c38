/* SPDX-License-Identifier: ISC */
#include "tests/scan.h"

#include "tests/support.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 20)
#define RESERVED ((size_t)1 << 36) /* the sanitizers' shadow: terabytes that are hardly there */

/* `window` is skipped: it is what we look through. */
static size_t
scan_range(int mem, char *window, size_t start, size_t end, const void *needle, size_t len)
{
	size_t copies = 0;

	for (size_t at = start; at < end; at += CHUNK) {
		/* Overlapping by one less than the needle, so that none is missed or seen twice. */
		size_t want = end - at < CHUNK + len - 1 ? end - at : CHUNK + len - 1;
		ssize_t got = pread(mem, window, want, (off_t)at);
		if (got <= 0)
			continue;
		const char *p = window, *stop = window + got;
		while ((p = memmem(p, (size_t)(stop - p), needle, len)) != NULL) {
			if (at + (size_t)(p - window) != (uintptr_t)needle)
				copies++;
			p++;
		}
	}
	return copies;
}

size_t
scan_copies(const void *needle, size_t len)
{
	size_t size = CHUNK + len, copies = 0;
	char *window = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	assert_true(window != MAP_FAILED && mem >= 0 && maps != NULL);
	while (fgets(line, sizeof(line), maps)) {
		unsigned long start, end;
		char readable;
		assert_int_equal(sscanf(line, "%lx-%lx %c", &start, &end, &readable), 3);
		bool own = (uintptr_t)window >= start && (uintptr_t)window < end;
		if (readable != 'r' || end - start > RESERVED)
			continue;
		if (!own) {
			copies += scan_range(mem, window, start, end, needle, len);
			continue;
		}
		/* The kernel may have merged the window with its neighbours. */
		copies += scan_range(mem, window, start, (uintptr_t)window, needle, len);
		copies += scan_range(mem, window, (uintptr_t)window + size, end, needle, len);
	}
	fclose(maps);
	close(mem);
	munmap(window, size);
	return copies;
}
