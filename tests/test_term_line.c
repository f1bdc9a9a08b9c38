/* SPDX-License-Identifier: ISC */
/* What of term.h needs no terminal: lines from a descriptor, and text made safe for one. */
#include "base/term.h"

#include "tests/fault.h"
#include "tests/support.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct err e;

static int
pipe_with(const char *data, size_t len)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], data, len), len);
	close(ends[1]);
	return ends[0];
}

static void
lines_from_a_descriptor_end_at_the_newline_and_leave_the_rest(void **state)
{
	int fd = pipe_with("first\nsecond\nthird", 18);
	SECRET_AUTO s = SECRET_NONE;

	(void)state;
	assert_ok(term_read_line(fd, &s, &e), &e);
	assert_int_equal(s.len, 5);
	assert_memory_equal(s.data, "first", 5);
	assert_ok(term_secret(fd, "Passphrase", true, "--passphrase-fd", &s, &e), &e);
	assert_int_equal(s.len, 6);
	assert_memory_equal(s.data, "second", 6);
	assert_ok(term_read_line(fd, &s, &e), &e); /* no LF at the end */
	assert_int_equal(s.len, 5);
	assert_memory_equal(s.data, "third", 5);
	assert_fails(term_read_line(fd, &s, &e), &e, ERR_AUTH, "nothing was given");
	assert_int_equal(s.len, 5);
	close(fd);
}

static void
lines_from_a_descriptor_may_not_be_empty_or_too_long_or_missing(void **state)
{
	char line[TERM_SECRET_MAX + 2];
	SECRET_AUTO s = SECRET_NONE;

	(void)state;
	int fd = pipe_with("\nmore\n", 6);
	assert_fails(term_secret(fd, "Passphrase", false, "--passphrase-fd", &s, &e), &e, ERR_AUTH,
		"Passphrase: descriptor");
	close(fd);
	memset(line, 'x', sizeof(line));
	line[TERM_SECRET_MAX] = '\n';
	fd = pipe_with(line, sizeof(line) - 1);
	assert_ok(term_read_line(fd, &s, &e), &e);
	assert_int_equal(s.len, TERM_SECRET_MAX);
	close(fd);
	line[TERM_SECRET_MAX] = 'x';
	fd = pipe_with(line, sizeof(line));
	assert_fails(term_read_line(fd, &s, &e), &e, ERR_FORMAT, "longer than 1024 bytes");
	close(fd);
	/* minisign, openssl and PKCS#12 would take what stands before it for the whole. */
	fd = pipe_with("pass\0word\n", 10);
	assert_fails(term_read_line(fd, &s, &e), &e, ERR_FORMAT, "NUL");
	close(fd);
	assert_fails(term_read_line(fd, &s, &e), &e, ERR_IO, "Bad file descriptor");
}

static bool
read_the_line(void *fd)
{
	SECRET_AUTO s = SECRET_NONE;
	struct err why;

	return term_read_line(*(int *)fd, &s, &why) && s.len == 4;
}

static void
interrupted_reads_are_taken_up_again(void **state)
{
	static const struct fault faults[] = { { SYS_read, EINTR, 2, 0, 0 },
		{ SYS_read, EAGAIN, 3, 0, 0 }, { SYS_poll, EINTR, 1, 0, 0 } };
	struct fault_report r;
	int fd = pipe_with("line\n", 5);

	(void)state;
	fault_run(faults, 3, read_the_line, &fd, &r);
	close(fd);
	assert_int_equal(r.fired, 3);
	assert_int_equal(r.status, 0);
}

static void
safe_text_cannot_drive_the_terminal(void **state)
{
	char out[32];

	(void)state;
	assert_string_equal(term_safe(out, sizeof(out), "plain p\xc3\xa4th"), "plain p\xc3\xa4th");
	assert_string_equal(term_safe(out, sizeof(out), "\x1b[2J\r\n\x7f\xc2\x9b"), "?[2J?????");
	assert_string_equal(term_safe(out, 5, "longer"), "long");
	assert_ptr_equal(term_safe(out, sizeof(out), ""), out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(lines_from_a_descriptor_end_at_the_newline_and_leave_the_rest),
		unit(lines_from_a_descriptor_may_not_be_empty_or_too_long_or_missing),
		unit(interrupted_reads_are_taken_up_again),
		unit(safe_text_cannot_drive_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
