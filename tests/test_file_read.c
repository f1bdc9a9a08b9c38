/* SPDX-License-Identifier: ISC */
/* file_read, file_read_secret and file_reread_secret; the rest of file.h is in test_file.c. */
#include "base/file.h"

#include "tests/fault.h"
#include "tests/scan.h"
#include "tests/support.h"
#include "tests/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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

static void
read_takes_exactly_the_limit_and_no_byte_more(void **state)
{
	const char *path = support_path(state, "f");
	BUF_AUTO text = BUF_NONE;
	SECRET_AUTO secret = SECRET_NONE;

	put(path, "12345678", 8);
	assert_ok(file_read(path, 8, &text, &e), &e);
	assert_ok(file_read_secret(path, 8, &secret, &e), &e);
	assert_int_equal(secret.len, 8);
	assert_fails(file_read(path, 7, &text, &e), &e, ERR_FORMAT, path);
	assert_fails(file_read_secret(path, 7, &secret, &e), &e, ERR_FORMAT, path);
	assert_fails(file_reread_secret(path, 7, &secret, &e), &e, ERR_FORMAT, path);
	assert_string_equal(text.data, "12345678"); /* what was there stays */
	assert_int_equal(secret.len, 8);
	assert_int_equal(truncate(path, (off_t)1 << 40), 0); /* no memory is asked for that */
	assert_fails(file_read_secret(path, FILE_LIMIT, &secret, &e), &e, ERR_FORMAT, path);
}

/* Files of /proc say that they are empty: what a file that grows looks like. */
static void
read_counts_the_bytes_it_gets_not_the_size_it_was_told(void **state)
{
	const char *path = "/proc/self/maps";
	BUF_AUTO text = BUF_NONE;
	SECRET_AUTO secret = SECRET_NONE;

	(void)state;
	assert_ok(file_read(path, FILE_LIMIT, &text, &e), &e);
	assert_ok(file_read_secret(path, FILE_LIMIT, &secret, &e), &e);
	assert_true(text.len > 100 && secret.len > 100);
	assert_memory_equal(secret.data, text.data, 12); /* an address, the same one twice */
	assert_fails(file_read(path, 100, &text, &e), &e, ERR_FORMAT, "larger than 100 bytes");
	assert_fails(file_read_secret(path, 100, &secret, &e), &e, ERR_FORMAT, "larger than");
}

static void
make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void
read_refuses_at_once_what_is_no_file(void **state)
{
	const char *odd[] = { *state, support_path(state, "fifo"), support_path(state, "socket"),
		"/dev/null", "/dev/zero" };
	BUF_AUTO text = BUF_NONE;
	SECRET_AUTO secret = SECRET_NONE;

	assert_int_equal(mkfifo(odd[1], 0600), 0);
	make_socket(odd[2]);
	alarm(20); /* should it wait for a writer after all */
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_fails(file_read(odd[i], FILE_LIMIT, &text, &e), &e, ERR_MISSING, odd[i]);
		assert_fails(
			file_read_secret(odd[i], FILE_LIMIT, &secret, &e), &e, ERR_MISSING, odd[i]);
	}
	alarm(0);
}

static void
read_follows_links_and_names_what_is_missing(void **state)
{
	const char *file = support_path(state, "file"), *link = support_path(state, "link"),
		   *dangling = support_path(state, "dangling");
	BUF_AUTO text = BUF_NONE;
	SECRET_AUTO secret = SECRET_NONE;

	put(file, "abc", 3);
	assert_int_equal(symlink("file", link), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_ok(file_read(link, FILE_LIMIT, &text, &e), &e);
	assert_string_equal(text.data, "abc");
	assert_fails(file_read(dangling, FILE_LIMIT, &text, &e), &e, ERR_MISSING, dangling);
	assert_fails(file_read_secret(support_path(state, "none"), FILE_LIMIT, &secret, &e), &e,
		ERR_MISSING, "none");
}

struct job {
	const char *path;
	bool (*read)(const char *path, size_t limit, struct secret *out, struct err *e);
	uint8_t bytes[8];
	size_t len;
};

static bool
read_again(void *arg)
{
	const struct job *job = arg;
	SECRET_AUTO secret = SECRET_NONE;
	struct err why;

	return job->read(job->path, FILE_LIMIT, &secret, &why) && secret.len == job->len &&
	       memcmp(secret.data, job->bytes, job->len) == 0;
}

static void
interrupted_reads_are_taken_up_again(void **state)
{
	static const struct fault faults[] = { { SYS_read, EINTR, 1, 0, 0 } };
	struct job job = { support_path(state, "f"), file_read_secret, "secret", 6 };
	struct fault_report r;

	put(job.path, "secret", 6);
	fault_run(faults, 1, read_again, &job, &r);
	assert_int_equal(r.fired, 1);
	assert_int_equal(r.status, 0);
}

/* From a child, so that this process never saw them. */
static void
put_random(const char *path, size_t len)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		uint8_t data[32];
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		randombytes_buf(data, sizeof(data));
		for (size_t done = 0; done < len; done += sizeof(data))
			if (write(fd, data, sizeof(data)) != sizeof(data))
				_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
secrets_are_read_into_locked_memory_and_nowhere_else(void **state)
{
	SECRET_AUTO secret = SECRET_NONE;
	const char *path = support_path(state, "f");

	put_random(path, 32);
	assert_ok(file_read_secret(path, FILE_LIMIT, &secret, &e), &e);
	assert_int_equal(secret.len, 32);
	assert_int_equal(scan_copies(secret.data, secret.len), 0);
	assert_ok(file_reread_secret(path, FILE_LIMIT, &secret, &e), &e);
	assert_int_equal(scan_copies(secret.data, secret.len), 0);

	BUF_AUTO planted = BUF_NONE; /* the same scan finds what is there */
	assert_ok(file_read(path, FILE_LIMIT, &planted, &e), &e);
	assert_true(scan_copies(secret.data, secret.len) > 0);
}

/* Bytes that this thread had the kernel fetch from storage. */
static long long
fetched(void)
{
	FILE *io = fopen("/proc/thread-self/io", "re");
	char line[128];
	long long bytes = -1;

	while (io && fgets(line, sizeof(line), io))
		sscanf(line, "read_bytes: %lld", &bytes);
	if (io)
		fclose(io);
	return bytes;
}

static void
reread_comes_from_the_medium_and_not_from_the_cache(void **state)
{
	const char *path = support_path(state, "f");
	SECRET_AUTO secret = SECRET_NONE;
	const size_t len = 65536;

	put_random(path, len);
	/* Written a moment ago: all of it is in the cache, and still dirty. */
	long long before = fetched();
	assert_ok(file_read_secret(path, FILE_LIMIT, &secret, &e), &e);
	assert_int_equal(fetched(), before);
	assert_ok(file_reread_secret(path, FILE_LIMIT, &secret, &e), &e);
	assert_int_equal(secret.len, len);
	long long reread = fetched();
	if (before >= 0 && reread >= before + (long long)len)
		return;
	/* Perhaps this file system shows no reading at all (tmpfs). */
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char byte;
	assert_int_equal(fsync(fd), 0);
	assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	assert_int_equal(pread(fd, &byte, 1, 0), 1);
	close(fd);
	if (fetched() > reread)
		fail_msg("the bytes came from the cache");
	secret_free(&secret); /* skip() jumps over what ends with its scope */
	skip();
}

static void
reread_takes_media_that_cannot_be_written(void **state)
{
	const char *dir = support_path(state, "dir");
	SECRET_AUTO secret = SECRET_NONE;

	assert_int_equal(mkdir(dir, 0700), 0);
	put(support_path(state, "dir/f"), "abc", 3);
	if (!volume_read_only(dir))
		skip();
	bool done = file_reread_secret(support_path(state, "dir/f"), FILE_LIMIT, &secret, &e);
	struct err why = { 0 };
	bool wrote = file_write_new(support_path(state, "dir/g"), 0600, "x", 1, &why);
	volume_unmount(dir);
	assert_ok(done, &e);
	assert_int_equal(secret.len, 3);
	assert_false(wrote);
	assert_non_null(strstr(why.message, "Read-only"));
}

static void
reread_stands_file_systems_without_fsync_but_no_failing_one(void **state)
{
	/* What mincore cannot tell counts as cached, and so as in need of the fsync. */
	static const struct fault none[] = { { SYS_mincore, ENOMEM, 0, 0, 0 },
		{ SYS_fsync, EINVAL, 0, 0, 0 } };
	static const struct fault failing[] = { { SYS_mincore, ENOMEM, 0, 0, 0 },
		{ SYS_fsync, EIO, 0, 0, 0 } };
	struct job job = { support_path(state, "f"), file_reread_secret, "secret", 6 };
	struct fault_report r;

	put(job.path, "secret", 6);
	fault_run(none, 2, read_again, &job, &r);
	assert_int_equal(r.fired, 2);
	assert_int_equal(r.status, 0);
	fault_run(failing, 2, read_again, &job, &r);
	assert_int_equal(r.fired, 2);
	assert_int_equal(WEXITSTATUS(r.status), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(read_gives_every_byte),
		unit_in_dir(read_gives_an_empty_file_as_an_empty_string),
		unit_in_dir(read_takes_exactly_the_limit_and_no_byte_more),
		unit_in_dir(read_counts_the_bytes_it_gets_not_the_size_it_was_told),
		unit_in_dir(read_refuses_at_once_what_is_no_file),
		unit_in_dir(read_follows_links_and_names_what_is_missing),
		unit_in_dir(interrupted_reads_are_taken_up_again),
		unit_in_dir(secrets_are_read_into_locked_memory_and_nowhere_else),
		unit_in_dir(reread_comes_from_the_medium_and_not_from_the_cache),
		unit_in_dir(reread_takes_media_that_cannot_be_written),
		unit_in_dir(reread_stands_file_systems_without_fsync_but_no_failing_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
