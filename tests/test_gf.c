/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/secret.h"
#include "shares/gf.h"
#include "tests/scan.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

static bool
from_memory(void *bytes, uint8_t *out, size_t len, struct err *e)
{
	(void)e;
	memcpy(out, bytes, len);
	return true;
}

static bool
from_kernel(void *context, uint8_t *out, size_t len, struct err *e)
{
	(void)context;
	(void)e;
	randombytes_buf(out, len);
	return true;
}

static bool
from_nowhere(void *context, uint8_t *out, size_t len, struct err *e)
{
	(void)context;
	(void)out;
	(void)len;
	return err_set(e, ERR_INTERNAL, "the source is stuck");
}

static const uint8_t numbers[] = { 1, 2, 3, 200, 255 };
#define COUNT 5

static void
random_secret(uint8_t out[static GF_SECRET_LEN])
{
	randombytes_buf(out, GF_SECRET_LEN);
}

static void
any_threshold_of_shares_gives_the_secret_back(void **state)
{
	uint8_t secret[GF_SECRET_LEN], shares[COUNT][GF_SECRET_LEN], back[GF_SECRET_LEN];
	struct err e;

	(void)state;
	random_secret(secret);
	assert_ok(gf_split(secret, 3, COUNT, numbers, from_kernel, NULL, shares[0], &e), &e);
	for (unsigned a = 0; a < COUNT; a++)
		for (unsigned b = 0; b < COUNT; b++)
			for (unsigned c = 0; c < COUNT; c++) {
				if (a == b || b == c || a == c)
					continue;
				const uint8_t x[] = { numbers[a], numbers[b], numbers[c] };
				const uint8_t *y[] = { shares[a], shares[b], shares[c] };
				assert_ok(gf_combine(3, x, y, back, &e), &e);
				assert_memory_equal(back, secret, sizeof(secret));
			}
}

static void
too_few_shares_give_something_else(void **state)
{
	uint8_t secret[GF_SECRET_LEN], shares[COUNT][GF_SECRET_LEN], back[GF_SECRET_LEN];
	const uint8_t *two[] = { shares[0], shares[1] };
	struct err e;

	(void)state;
	random_secret(secret);
	assert_ok(gf_split(secret, 3, COUNT, numbers, from_kernel, NULL, shares[0], &e), &e);
	assert_ok(gf_combine(2, numbers, two, back, &e), &e);
	assert_memory_not_equal(back, secret, sizeof(secret));
}

static void
the_largest_split_works(void **state)
{
	uint8_t secret[GF_SECRET_LEN], back[GF_SECRET_LEN], all[255];
	static uint8_t shares[255][GF_SECRET_LEN];
	const uint8_t *pointers[255];
	struct err e;

	(void)state;
	random_secret(secret);
	for (unsigned i = 0; i < 255; i++) {
		all[i] = (uint8_t)(i + 1);
		pointers[i] = shares[i];
	}
	assert_ok(gf_split(secret, 255, 255, all, from_kernel, NULL, shares[0], &e), &e);
	assert_ok(gf_combine(255, all, pointers, back, &e), &e);
	assert_memory_equal(back, secret, sizeof(secret));
}

static void
split_refuses_counts_that_the_library_narrows_or_ignores(void **state)
{
	static const struct {
		unsigned threshold, count;
	} rows[] = { { 0, 5 }, { 1, 5 }, { 6, 5 }, { 257, 5 }, { 258, 300 }, { 2, 256 }, { 2, 1 } };
	uint8_t secret[GF_SECRET_LEN], out[COUNT * GF_SECRET_LEN];
	struct err e;

	(void)state;
	random_secret(secret);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(gf_split(secret, rows[i].threshold, rows[i].count, numbers,
				     from_kernel, NULL, out, &e),
			&e, ERR_USAGE, "cannot split");
}

static void
numbers_that_are_zero_or_there_twice_are_refused(void **state)
{
	uint8_t secret[GF_SECRET_LEN], shares[2][GF_SECRET_LEN], back[GF_SECRET_LEN];
	const uint8_t zero[] = { 7, 0 }, twice[] = { 7, 7 };
	const uint8_t *y[] = { shares[0], shares[1] };
	struct err e;

	(void)state;
	random_secret(secret);
	random_secret(shares[0]);
	random_secret(shares[1]);
	assert_fails(gf_split(secret, 2, 2, zero, from_kernel, NULL, shares[0], &e), &e, ERR_USAGE,
		"number 0");
	assert_fails(gf_split(secret, 2, 2, twice, from_kernel, NULL, shares[0], &e), &e, ERR_USAGE,
		"number 7 is there twice");
	assert_fails(gf_combine(2, zero, y, back, &e), &e, ERR_USAGE, "number 0");
	assert_fails(gf_combine(2, twice, y, back, &e), &e, ERR_USAGE, "number 7 is there twice");
}

/* For each threshold, each number that is left, and each choice of shares that begins
 * somewhere else: what is interpolated is what was split. */
static void
a_share_made_anew_is_the_one_that_was_split(void **state)
{
	uint8_t secret[GF_SECRET_LEN], shares[COUNT][GF_SECRET_LEN], made[GF_SECRET_LEN];
	struct err e;

	(void)state;
	for (unsigned k = 2; k < COUNT; k++) {
		random_secret(secret);
		assert_ok(
			gf_split(secret, k, COUNT, numbers, from_kernel, NULL, shares[0], &e), &e);
		for (unsigned lost = 0; lost < COUNT; lost++) {
			uint8_t x[COUNT];
			const uint8_t *y[COUNT];
			for (unsigned i = 0; i < k; i++) {
				unsigned at = (lost + 1 + i) % COUNT;
				x[i] = numbers[at];
				y[i] = shares[at];
			}
			assert_ok(gf_interpolate(k, x, y, numbers[lost], made, &e), &e);
			assert_memory_equal(made, shares[lost], sizeof(made));
		}
	}
}

static void
a_share_at_any_new_number_gives_the_secret_back_with_the_others(void **state)
{
	uint8_t secret[GF_SECRET_LEN], shares[COUNT][GF_SECRET_LEN], back[GF_SECRET_LEN];
	uint8_t made[GF_SECRET_LEN];
	const uint8_t *three[] = { shares[1], shares[3], shares[4] };
	const uint8_t from[] = { numbers[1], numbers[3], numbers[4] };
	struct err e;

	(void)state;
	random_secret(secret);
	assert_ok(gf_split(secret, 3, COUNT, numbers, from_kernel, NULL, shares[0], &e), &e);
	for (unsigned x = 4; x < 255; x += x == 199 ? 2u : 1u) {
		const uint8_t at[] = { numbers[0], (uint8_t)x, numbers[2] };
		const uint8_t *with[] = { shares[0], made, shares[2] };
		assert_ok(gf_interpolate(3, from, three, x, made, &e), &e);
		assert_ok(gf_combine(3, at, with, back, &e), &e);
		assert_memory_equal(back, secret, sizeof(secret));
	}
	/* Fewer than the threshold give a share of nothing, and no error. */
	assert_ok(gf_interpolate(2, from, three, 255, made, &e), &e);
	assert_memory_not_equal(made, shares[4], sizeof(made));
}

static void
no_share_is_made_at_zero_or_where_one_is(void **state)
{
	uint8_t out[GF_SECRET_LEN];
	const uint8_t *y[] = { out, out, out, out, out };
	struct err e;

	(void)state;
	memset(out, 0, sizeof(out));
	assert_fails(gf_interpolate(3, numbers, y, 0, out, &e), &e, ERR_USAGE, "number 0");
	assert_fails(gf_interpolate(3, numbers, y, 256, out, &e), &e, ERR_USAGE, "number 256");
	assert_fails(gf_interpolate(5, numbers, y, 200, out, &e), &e, ERR_USAGE, "200 is there");
	assert_fails(gf_interpolate(1, numbers, y, 9, out, &e), &e, ERR_USAGE, "cannot combine 1");
	assert_fails(gf_interpolate(256, numbers, y, 9, out, &e), &e, ERR_USAGE, "combine 256");
}

static void
combine_refuses_one_share_and_more_than_255(void **state)
{
	uint8_t back[GF_SECRET_LEN];
	const uint8_t *y[] = { back };
	struct err e;

	(void)state;
	assert_fails(gf_combine(1, numbers, y, back, &e), &e, ERR_USAGE, "cannot combine 1");
	assert_fails(gf_combine(256, numbers, y, back, &e), &e, ERR_USAGE, "cannot combine 256");
}

static void
a_source_that_fails_stops_the_split_and_writes_no_share(void **state)
{
	uint8_t secret[GF_SECRET_LEN], out[COUNT * GF_SECRET_LEN] = { 0 };
	struct err e;

	(void)state;
	random_secret(secret);
	assert_fails(gf_split(secret, 3, COUNT, numbers, from_nowhere, NULL, out, &e), &e,
		ERR_INTERNAL, "the source is stuck");
	assert_true(sodium_is_zero(out, sizeof(out)));

	/* And the failure does not stick to the thread. */
	assert_ok(gf_split(secret, 3, COUNT, numbers, from_kernel, NULL, out, &e), &e);
	assert_false(sodium_is_zero(out, sizeof(out)));
}

static void *
combine_two(void *ok)
{
	uint8_t x[] = { 1, 2 }, y[2][GF_SECRET_LEN] = { { 0 } }, back[GF_SECRET_LEN];
	const uint8_t *pointers[] = { y[0], y[1] };
	struct err e;

	*(bool *)ok = gf_combine(2, x, pointers, back, &e);
	return NULL;
}

/* While this thread draws, another one combines from start to end, wipes and frees. */
static bool
combine_meanwhile(void *calls, uint8_t *out, size_t len, struct err *e)
{
	pthread_t other;
	bool ok = false;

	if (++*(unsigned *)calls > 1)
		return err_set(e, ERR_INTERNAL, "asked again");
	assert_int_equal(pthread_create(&other, NULL, combine_two, &ok), 0);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_true(ok);
	return from_kernel(NULL, out, len, e);
}

static void
a_thread_that_wipes_does_not_draw_from_another_ones_source(void **state)
{
	uint8_t secret[GF_SECRET_LEN], out[COUNT * GF_SECRET_LEN];
	unsigned calls = 0;
	struct err e;

	(void)state;
	random_secret(secret);
	assert_ok(gf_split(secret, 3, COUNT, numbers, combine_meanwhile, &calls, out, &e), &e);
	assert_int_equal(calls, 1);
}

/* Copies of the second half only: a freed chunk's first half holds the heap's own links. */
static size_t
copies(const uint8_t *bytes)
{
	return scan_copies(bytes + GF_SECRET_LEN / 2, GF_SECRET_LEN / 2);
}

static void
nothing_stays_on_the_heap(void **state)
{
	SECRET_AUTO secret = SECRET_NONE;
	SECRET_AUTO coefficients = SECRET_NONE;
	SECRET_AUTO shares = SECRET_NONE;
	struct err e;

	(void)state;
	assert_ok(secret_new(&secret, GF_SECRET_LEN, &e), &e);
	assert_ok(secret_new(&coefficients, GF_SECRET_LEN, &e), &e);
	assert_ok(secret_new(&shares, 2 * GF_SECRET_LEN, &e), &e);
	random_secret(secret.data);
	random_secret(coefficients.data);

	/* What is planted is found: the scan works here. */
	uint8_t *planted = malloc(GF_SECRET_LEN);
	assert_non_null(planted);
	memcpy(planted, secret.data, GF_SECRET_LEN);
	assert_true(copies(secret.data) > 0);
	sodium_memzero(planted, GF_SECRET_LEN);
	free(planted);

	assert_ok(gf_split(secret.data, 2, 2, numbers, from_memory, coefficients.data, shares.data,
			  &e),
		&e);
	assert_int_equal(copies(secret.data), 0);
	assert_int_equal(copies(coefficients.data), 0);

	const uint8_t *y[] = { shares.data, shares.data + GF_SECRET_LEN };
	assert_ok(gf_combine(2, numbers, y, secret.data, &e), &e);
	assert_int_equal(copies(y[0]), 0);
	assert_int_equal(copies(y[1]), 0);
	assert_int_equal(copies(secret.data), 0);
}

__attribute__((format(printf, 2, 3))) static void
run(void **state, const char *fmt, ...)
{
	BUF_AUTO command = BUF_NONE;
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	buf_addf(&command, "cd %s && umask 077 && %s", (const char *)*state, line);
	assert_int_equal(system(command.data), 0);
}

static void
gfcombine_reads_our_shares(void **state)
{
	uint8_t secret[GF_SECRET_LEN], shares[COUNT][GF_SECRET_LEN];
	SECRET_AUTO back = SECRET_NONE;
	struct err e;

	random_secret(secret);
	assert_ok(gf_split(secret, 3, COUNT, numbers, from_kernel, NULL, shares[0], &e), &e);
	for (unsigned i = 0; i < COUNT; i++) {
		char name[16];
		snprintf(name, sizeof(name), "s.%03u", numbers[i]);
		assert_ok(file_write_new(
				  support_path(state, name), 0600, shares[i], GF_SECRET_LEN, &e),
			&e);
	}
	run(state, "gfcombine -o back s.200 s.002 s.255");
	assert_ok(file_read_secret(support_path(state, "back"), 64, &back, &e), &e);
	assert_int_equal(back.len, GF_SECRET_LEN);
	assert_memory_equal(back.data, secret, GF_SECRET_LEN);
}

static void
shares_of_gfsplit_combine_here(void **state)
{
	uint8_t secret[GF_SECRET_LEN], back[GF_SECRET_LEN], x[COUNT], shares[COUNT][GF_SECRET_LEN];
	const uint8_t *y[COUNT];
	struct file_list files;
	unsigned count = 0, number;
	struct err e;

	random_secret(secret);
	assert_ok(file_write_new(support_path(state, "in"), 0600, secret, sizeof(secret), &e), &e);
	run(state, "gfsplit -n 4 -m %d in out", COUNT);
	assert_ok(file_list(*state, &files, &e), &e);
	for (size_t i = 0; i < files.count; i++) {
		SECRET_AUTO share = SECRET_NONE;
		if (sscanf(files.names[i], "out.%u", &number) != 1)
			continue;
		assert_ok(
			file_read_secret(support_path(state, files.names[i]), 64, &share, &e), &e);
		assert_in_range(count, 0, COUNT - 1);
		memcpy(shares[count], share.data, GF_SECRET_LEN);
		x[count] = (uint8_t)number;
		y[count] = shares[count];
		count++;
	}
	file_list_free(&files);
	assert_int_equal(count, COUNT);
	assert_ok(gf_combine(4, x + 1, y + 1, back, &e), &e);
	assert_memory_equal(back, secret, sizeof(secret));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(any_threshold_of_shares_gives_the_secret_back),
		unit(too_few_shares_give_something_else),
		unit(the_largest_split_works),
		unit(split_refuses_counts_that_the_library_narrows_or_ignores),
		unit(numbers_that_are_zero_or_there_twice_are_refused),
		unit(a_share_made_anew_is_the_one_that_was_split),
		unit(a_share_at_any_new_number_gives_the_secret_back_with_the_others),
		unit(no_share_is_made_at_zero_or_where_one_is),
		unit(combine_refuses_one_share_and_more_than_255),
		unit(a_source_that_fails_stops_the_split_and_writes_no_share),
		unit(a_thread_that_wipes_does_not_draw_from_another_ones_source),
		unit(nothing_stays_on_the_heap),
		unit_in_dir(gfcombine_reads_our_shares),
		unit_in_dir(shares_of_gfsplit_combine_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
