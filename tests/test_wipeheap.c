/* SPDX-License-Identifier: ISC */
#include "tests/scan.h"
#include "tests/support.h"

#include "vault/wipeheap.h"

#include <openssl/crypto.h>

/* Not in one piece before it is in OpenSSL's block. */
static char needle[] = "?eedle in OpenSSL's heap";

#define NEEDLE_LEN (sizeof(needle) - 1)
#define COPIES scan_copies(needle, NEEDLE_LEN)

static char *
block_with_needle(size_t size)
{
	char *block = OPENSSL_malloc(size);

	assert_non_null(block);
	memcpy(block, needle, NEEDLE_LEN);
	return block;
}

static void
a_freed_block_is_wiped(void **state)
{
	(void)state;
	needle[0] = 'n';
	char *block = block_with_needle(64);
	assert_int_equal(COPIES, 1);
	OPENSSL_free(block);
	assert_int_equal(COPIES, 0);
	OPENSSL_free(NULL);
}

static void
a_block_that_moves_takes_its_bytes_along(void **state)
{
	(void)state;
	needle[0] = 'm';
	char *block = block_with_needle(64);
	for (size_t size = 128; size <= 1 << 20; size *= 2) {
		block = OPENSSL_realloc(block, size);
		assert_non_null(block);
		assert_memory_equal(block, needle, NEEDLE_LEN);
		assert_int_equal(COPIES, 1);
	}
	block = OPENSSL_realloc(block, NEEDLE_LEN);
	assert_memory_equal(block, needle, NEEDLE_LEN);
	assert_int_equal(COPIES, 1);
	assert_null(OPENSSL_realloc(block, 0));
	assert_int_equal(COPIES, 0);
}

/* In a child of its own: what it did cannot be undone. */
static int
install_late(const void *context)
{
	struct err e = { 0 };

	(void)context;
	OPENSSL_free(OPENSSL_malloc(1));
	return !wipeheap_install(&e) && e.code == ERR_INTERNAL ? 0 : 1;
}

static void
it_cannot_be_installed_once_openssl_has_allocated(void **state)
{
	(void)state;
	support_passes(support_fork(install_late, NULL));
}

static int
installed_setup(void **state)
{
	struct err e;

	assert_ok(wipeheap_install(&e), &e);
	return support_setup(state);
}

#define unit_installed(f) cmocka_unit_test_setup_teardown(f, installed_setup, support_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* The first one: from then on OpenSSL has allocated. */
		unit(it_cannot_be_installed_once_openssl_has_allocated),
		unit_installed(a_freed_block_is_wiped),
		unit_installed(a_block_that_moves_takes_its_bytes_along),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
