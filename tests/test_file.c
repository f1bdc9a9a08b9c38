/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include "tests/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err e;

static void
put(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void
read_gives_every_byte(void **state)
{
	const char *path = support_path(state, "f");
	BUF_AUTO text = BUF_NONE;
	SECRET_AUTO secret = SECRET_NONE;
	static char big[100000];

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 251);
	put(path, big, sizeof(big));
	assert_ok(file_read(path, FILE_LIMIT, &text, &e), &e);
	assert_int_equal(text.len, sizeof(big));
	assert_memory_equal(text.data, big, sizeof(big));
	assert_int_equal(text.data[text.len], '\0');
	assert_ok(file_read_secret(path, FILE_LIMIT, &secret, &e), &e);
	assert_int_equal(secret.len, sizeof(big));
	assert_memory_equal(secret.data, big, sizeof(big));
	assert_ok(file_reread_secret(path, FILE_LIMIT, &secret, &e), &e);
	assert_memory_equal(secret.data, big, sizeof(big));
}

static void
read_gives_an_empty_file_as_an_empty_string(void **state)
{
	const char *path = support_path(state, "f");
	BUF_AUTO text = BUF_NONE;
	SECRET_AUTO secret = SECRET_NONE;

	put(path, "", 0);
	assert_ok(file_read(path, FILE_LIMIT, &text, &e), &e);
	assert_string_equal(text.data, "");
	assert_ok(file_read_secret(path, FILE_LIMIT, &secret, &e), &e);
	assert_int_equal(secret.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(read_gives_every_byte),
		unit_in_dir(read_gives_an_empty_file_as_an_empty_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
