/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "hsm/tlv.h"

static bool
first(const char *bytes, size_t len, struct tlv *out, struct err *e)
{
	struct tlv_rest rest = { (const uint8_t *)bytes, len };

	return tlv_next(&rest, out, e);
}

#define FIRST(bytes, out, e) first(bytes, sizeof(bytes) - 1, out, e)

static void
tags_and_lengths_of_every_size_are_read(void **state)
{
	struct tlv t;
	struct err e;

	(void)state;
	assert_ok(FIRST("\x53\x02hi", &t, &e), &e);
	assert_int_equal(t.tag, 0x53);
	assert_memory_equal(t.value, "hi", t.len);
	assert_ok(FIRST("\x5f\x52\x81\x01x", &t, &e), &e);
	assert_int_equal(t.tag, 0x5f52);
	assert_int_equal(t.len, 1);
	assert_ok(FIRST("\x5f\xc1\x03\x82\x00\x01x", &t, &e), &e);
	assert_int_equal(t.tag, 0x5fc103);
	assert_ok(FIRST("\x53\x83\x00\x00\x00", &t, &e), &e);
	assert_int_equal(t.len, 0);
}

static void
what_is_malformed_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *message;
	} rows[] = {
		{ "\x00\x01x", 3, "tag of zero" },
		{ "\x53", 1, "cut off" },
		{ "\x5f", 1, "cut off" },
		{ "\x53\x03hi", 4, "over the end" },
		{ "\x53\x80\x00\x00", 4, "length of 0 bytes" },
		{ "\x53\x84\x00\x00\x00\x01x", 7, "length of 4 bytes" },
		{ "\x53\x82\x01", 3, "cut off" },
		{ "\x53\x83\xff\xff\xff", 5, "over the end" },
		{ "\x43\xff\x53\x31", 4, "length of 127 bytes" },
		{ "\x5f\x81\x81\x01\x00", 5, "tag of over 3 bytes" },
	};
	struct tlv t;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(
			first(rows[i].bytes, rows[i].len, &t, &e), &e, ERR_FORMAT, rows[i].message);
}

static void
one_is_found_among_others_but_not_inside_of_them(void **state)
{
	static const uint8_t data[] = { 0x4f, 2, 0xc4, 0, 0x73, 3, 0xc0, 1, 7, 0xc4, 1, 9, 0xc4, 1,
		8 };
	struct tlv t;
	struct err e;

	(void)state;
	assert_ok(tlv_find(data, sizeof(data), 0xc4, &t, &e), &e);
	assert_int_equal(*t.value, 9);
	assert_fails(tlv_find(data, sizeof(data), 0xc0, &t, &e), &e, ERR_MISSING, "no tag c0");
	assert_fails(tlv_find(data, sizeof(data) - 1, 0x4f, &t, &e), &e, ERR_FORMAT, "over");
	assert_fails(tlv_find(data, 0, 0x4f, &t, &e), &e, ERR_MISSING, "no tag 4f");
}

static void
heads_are_written_as_short_as_they_can_be(void **state)
{
	static const struct {
		uint32_t tag;
		size_t len;
		const char *bytes;
	} rows[] = {
		{ 0x53, 0, "\x53\x00" },
		{ 0x53, 127, "\x53\x7f" },
		{ 0x53, 128, "\x53\x81\x80" },
		{ 0x5f52, 256, "\x5f\x52\x82\x01\x00" },
		{ 0x5fc103, 65536, "\x5f\xc1\x03\x83\x01\x00\x00" },
	};
	static const size_t sizes[] = { 2, 2, 3, 5, 7 };
	uint8_t out[TLV_HEAD_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(tlv_head(out, rows[i].tag, rows[i].len), sizes[i]);
		assert_memory_equal(out, rows[i].bytes, sizes[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(tags_and_lengths_of_every_size_are_read),
		unit(what_is_malformed_is_refused),
		unit(one_is_found_among_others_but_not_inside_of_them),
		unit(heads_are_written_as_short_as_they_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
