/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/json.h"
#include "tests/support.h"

static json_t *
parsed(const char *text)
{
	struct err e = { 0 };
	json_t *j = NULL;

	assert_ok(json_parse(text, strlen(text), &j, &e), &e);
	return j;
}

static void
parse_refuses_what_is_not_strict(void **state)
{
	static const struct {
		const char *text, *why;
	} refused[] = {
		{ "", "line 1" },
		{ "{\"a\":1,\"a\":2}", "duplicate" },
		{ "{\"a\":1} x", "end of file" },
		{ "{\"a\":1}{}", "end of file" },
		{ "{\"a\":1", "line 1" },
		{ "{\n\"a\":\n]}", "line 3" },
		{ "{\"a\":\"\\u0000\"}", "NUL" },
		{ "{\"\\u0000\":1}", "NUL" },
		{ "{\"a\":\"\xff\"}", "byte 0xff" },
		{ "{\"a\":\"\\ud800\"}", "invalid Unicode" },
		{ "{'a':1}", "line 1" },
		{ "{\"a\":01}", "line 1" },
		{ "{\"a\":99999999999999999999}", "too big" },
		{ "{\"a\":1,}", "line 1" },
		{ "\"text\"", "line 1" },
		{ "7", "line 1" },
	};
	struct err e = { 0 };
	json_t *j = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_fails(json_parse(refused[i].text, strlen(refused[i].text), &j, &e), &e,
			ERR_FORMAT, refused[i].why);
	assert_fails(json_parse("{\"a\":\"\0\"}", 9, &j, &e), &e, ERR_FORMAT, "line 1");
	assert_fails(json_parse("{}\0", 3, &j, &e), &e, ERR_FORMAT, "end of file");
	assert_null(j);
}

static void
parse_refuses_absurd_nesting(void **state)
{
	static char deep[200000];
	struct err e = { 0 };
	json_t *j = NULL;

	(void)state;
	memset(deep, '[', sizeof(deep));
	assert_fails(json_parse(deep, sizeof(deep), &j, &e), &e, ERR_FORMAT, "depth");
}

static void
parse_reads_no_further_than_its_length(void **state)
{
	struct err e = { 0 };
	JSON_AUTO j = NULL;

	(void)state;
	assert_ok(json_parse("{\"a\":1}trailing", 7, &j, &e), &e);
	assert_int_equal(json_object_size(j), 1);
}

static void
parse_next_says_how_far_it_read(void **state)
{
	static const char text[] = " {\"a\":\"}\"} ,[1]";
	struct err e = { 0 };
	JSON_AUTO first = NULL;
	JSON_AUTO second = NULL;
	json_t *none = NULL;
	size_t used = 0;

	(void)state;
	assert_ok(json_parse_next(text, strlen(text), &first, &used, &e), &e);
	assert_true(json_is_object(first));
	assert_int_equal(used, 10);
	assert_ok(json_parse_next(text + 12, strlen(text) - 12, &second, &used, &e), &e);
	assert_true(json_is_array(second));
	assert_int_equal(used, 3);
	assert_fails(json_parse_next("]", 1, &none, &used, &e), &e, ERR_FORMAT, "line 1");
}

static void
getters_hand_out_typed_members(void **state)
{
	struct err e = { 0 };
	JSON_AUTO j = parsed("{\"s\":\"text\",\"i\":-5,\"b\":true,\"a\":[1],\"o\":{},\"n\":null}");
	const char *s = NULL;
	int64_t i = 0;
	bool b = false;
	json_t *part = NULL;

	(void)state;
	assert_ok(json_get_str(j, "s", &s, &e), &e);
	assert_string_equal(s, "text");
	assert_ok(json_get_int(j, "i", &i, &e), &e);
	assert_int_equal(i, -5);
	assert_ok(json_get_bool(j, "b", &b, &e), &e);
	assert_true(b);
	assert_ok(json_get_array(j, "a", &part, &e), &e);
	assert_int_equal(json_array_size(part), 1);
	assert_ok(json_get_object(j, "o", &part, &e), &e);
	assert_true(json_is_object(part));
	assert_ok(json_get_str_opt(j, "s", &s, &e), &e);
	assert_string_equal(s, "text");
	assert_ok(json_get_str_opt(j, "n", &s, &e), &e);
	assert_null(s);
	s = "old";
	assert_ok(json_get_str_opt(j, "absent", &s, &e), &e);
	assert_null(s);
}

static void
getters_name_the_member_that_fails(void **state)
{
	struct err e = { 0 };
	JSON_AUTO j = parsed("{\"s\":\"text\",\"i\":5,\"r\":5.0,\"n\":null}");
	JSON_AUTO list = parsed("[]");
	const char *s = NULL;
	int64_t i = 7;
	bool b = true;
	json_t *part = NULL;

	(void)state;
	assert_fails(json_get_str(j, "pin", &s, &e), &e, ERR_FORMAT, "\"pin\" is missing");
	assert_fails(json_get_str(j, "i", &s, &e), &e, ERR_FORMAT, "\"i\" is not a string");
	assert_fails(json_get_str(j, "n", &s, &e), &e, ERR_FORMAT, "\"n\" is not a string");
	assert_fails(json_get_int(j, "s", &i, &e), &e, ERR_FORMAT, "\"s\" is not an integer");
	assert_fails(json_get_int(j, "r", &i, &e), &e, ERR_FORMAT, "\"r\" is not an integer");
	assert_fails(json_get_bool(j, "i", &b, &e), &e, ERR_FORMAT, "\"i\" is not true or false");
	assert_fails(json_get_array(j, "s", &part, &e), &e, ERR_FORMAT, "\"s\" is not an array");
	assert_fails(json_get_object(j, "s", &part, &e), &e, ERR_FORMAT, "\"s\" is not an object");
	assert_fails(json_get_str_opt(j, "i", &s, &e), &e, ERR_FORMAT, "\"i\" is not a string");
	assert_fails(json_get_str(list, "s", &s, &e), &e, ERR_FORMAT, "expected an object");
	assert_fails(json_get_str_opt(list, "s", &s, &e), &e, ERR_FORMAT, "expected an object");
	assert_fails(json_get_str(NULL, "s", &s, &e), &e, ERR_FORMAT, "expected an object");
	assert_null(s);
	assert_null(part);
	assert_int_equal(i, 7);
	assert_true(b);
}

static void
write_keeps_the_order_of_the_members(void **state)
{
	struct err e = { 0 };
	JSON_AUTO j = parsed("{ \"z\": 1, \"a\": [true, null], \"m\": \"\xc3\xbc\\u001B\" }");
	BUF_AUTO b = BUF_NONE;

	(void)state;
	assert_ok(json_write(j, false, &b, &e), &e);
	assert_string_equal(b.data, "{\"z\":1,\"a\":[true,null],\"m\":\"\xc3\xbc\\u001B\"}");
	buf_clear(&b);
	assert_ok(json_write(j, true, &b, &e), &e);
	assert_string_equal(b.data, "{\n  \"z\": 1,\n  \"a\": [\n    true,\n    null\n  ],\n"
				    "  \"m\": \"\xc3\xbc\\u001B\"\n}\n");
}

static void
write_appends(void **state)
{
	struct err e = { 0 };
	JSON_AUTO j = parsed("{\"a\":1}");
	BUF_AUTO b = BUF_NONE;

	(void)state;
	buf_adds(&b, "x ");
	assert_ok(json_write(j, false, &b, &e), &e);
	assert_string_equal(b.data, "x {\"a\":1}");
}

static void
a_failed_write_leaves_the_buffer_alone(void **state)
{
	struct err e = { 0 };
	JSON_AUTO loop = json_array();
	BUF_AUTO b = BUF_NONE;

	(void)state;
	json_array_append_new(loop, json_array());
	json_array_append(json_array_get(loop, 0), loop);
	buf_adds(&b, "x");
	assert_fails(json_write(loop, false, &b, &e), &e, ERR_INTERNAL, "JSON");
	assert_string_equal(b.data, "x");
	json_array_clear(json_array_get(loop, 0));
}

static void
a_time_or_a_duration_that_is_none_is_null(void **state)
{
	BUF_AUTO b = BUF_NONE;
	struct err e = { 0 };
	JSON_AUTO j = json_pack("[o, o, o, o]", json_time(1795341600), json_time(CLOCK_NONE),
		json_seconds(60), json_seconds(CLOCK_NONE));

	(void)state;
	assert_ok(json_write(j, false, &b, &e), &e);
	assert_string_equal(b.data, "[\"2026-11-22T10:00:00Z\",null,60,null]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(parse_refuses_what_is_not_strict),
		unit(parse_refuses_absurd_nesting),
		unit(parse_reads_no_further_than_its_length),
		unit(parse_next_says_how_far_it_read),
		unit(getters_hand_out_typed_members),
		unit(getters_name_the_member_that_fails),
		unit(write_keeps_the_order_of_the_members),
		unit(write_appends),
		unit(a_failed_write_leaves_the_buffer_alone),
		unit(a_time_or_a_duration_that_is_none_is_null),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
