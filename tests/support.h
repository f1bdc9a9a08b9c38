/* SPDX-License-Identifier: ISC */
/*
 * support: what every CMocka unit stands on.
 *
 * `unit(f)` is one test; `unit_in_dir(f)` one with a fresh temporary folder as *state, removed
 * afterwards. Both start libsodium, and fail when a secret outlives the test.
 */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include "base/err.h"

/* The order that cmocka.h asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define unit(f) cmocka_unit_test_setup_teardown(f, support_setup, support_teardown)
#define unit_in_dir(f) cmocka_unit_test_setup_teardown(f, support_dir_setup, support_dir_teardown)

/* `call` returns true; otherwise the message it left in `err` (a pointer) is shown. */
#define assert_ok(call, err)                                                                       \
	do {                                                                                       \
		if (!(call))                                                                       \
			fail_msg("%s: %s", #call, (err)->message);                                 \
	} while (0)

/* `call` returns false with this code, and a message with `part` in it. */
#define assert_fails(call, err, want, part)                                                        \
	do {                                                                                       \
		memset(err, 0, sizeof(*(err)));                                                    \
		if (call)                                                                          \
			fail_msg("%s succeeded", #call);                                           \
		if ((err)->code != (want))                                                         \
			fail_msg("%s: %s, not %s: %s", #call, err_name((err)->code),               \
				err_name(want), (err)->message);                                   \
		if (!strstr((err)->message, part))                                                 \
			fail_msg("%s: no \"%s\" in: %s", #call, part, (err)->message);             \
	} while (0)

int support_setup(void **state);
int support_teardown(void **state);
int support_dir_setup(void **state);
int support_dir_teardown(void **state);

/* Runs `body` in a forked child, for what lasts as long as a process does: its exit status is what
 * `body` returned, or minus the signal that killed it. Tests that the machine does not allow (no
 * namespaces, say) return SUPPORT_SKIP, which support_passes turns into a skipped test. */
#define SUPPORT_SKIP 77
int support_fork(int (*body)(const void *context), const void *context);
void support_passes(int status); /* 0, or the test fails or is skipped */

/* The path of `name` in the test's folder; good until the eighth call after this one. */
const char *support_path(void **state, const char *name);

/* Runs a shell's command line in the test's folder. The test fails unless it exits with 0. */
void support_run(void **state, const char *command);

#endif
