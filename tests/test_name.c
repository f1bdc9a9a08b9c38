/* SPDX-License-Identifier: ISC */
#include "pins/name.h"
#include "tests/support.h"

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10
#define L63 L60 "abc"
/* 4 labels of 63, 63, 63 and 61: 253 characters. */
#define N253 L63 "." L63 "." L63 "." L60 "a"
/* 63, 63, 63, 8: 200 characters. */
#define N200 L63 "." L63 "." L63 ".abcdefgh"

static void
host_names_are_told_by_kind(void **state)
{
	static const struct {
		const char *name;
		enum name_kind kind;
	} rows[] = {
		{ "example.org", NAME_DNS },
		{ "www.example.org", NAME_DNS },
		{ "localhost", NAME_DNS },
		{ "3com.example", NAME_DNS },
		{ "1.2.3.example", NAME_DNS },
		{ "0xyz.example", NAME_DNS },
		{ "example.0xyz", NAME_DNS },
		{ "a-b--c.example", NAME_DNS },
		{ "xn--bcher-kva.example", NAME_DNS },
		{ L63 ".org", NAME_DNS },
		{ N253, NAME_DNS },
		{ "*.example.org", NAME_WILDCARD },
		{ "192.0.2.1", NAME_IP },
		{ "2001:db8::1", NAME_IP },
		{ "2001:DB8:0::1", NAME_IP },
		{ "::", NAME_IP },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		enum name_kind kind;
		struct err e = { 0 };
		assert_ok(name_check(rows[i].name, &kind, &e), &e);
		if (kind != rows[i].kind)
			fail_msg("%s: kind %d", rows[i].name, (int)kind);
	}
}

static void
what_is_no_host_name_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *name, *part;
	} rows[] = {
		{ "", "empty" },
		{ "localhost.", "trailing dot" },
		{ "example.org.", "trailing dot" },
		{ "*.example.org.", "trailing dot" },
		{ "org", "single label" },
		{ "*.org", "top-level" },
		{ "*.localhost", "top-level" },
		{ "*.", "empty label" },
		{ "*", "wildcard is one" },
		{ "**.example.org", "wildcard is one" },
		{ "*.*.example.org", "wildcard is one" },
		{ "w*.example.org", "wildcard is one" },
		{ "www.*.example.org", "wildcard is one" },
		{ ".example.org", "empty label" },
		{ ".", "trailing dot" },
		{ "example..org", "empty label" },
		{ L63 "d.org", "over 63" },
		{ N253 "b", "over 253" },
		{ "*." N253, "over 253" },
		{ "-a.example", "hyphen" },
		{ "a-.example", "hyphen" },
		{ "a.-", "hyphen" },
		{ "Example.org", "upper case" },
		{ "exa_mple.org", "character other than" },
		{ "example.org:443", "character other than" },
		{ "exam ple.org", "character other than" },
		{ "example.org\n", "character other than" },
		{ "https://example.org", "character other than" },
		{ "[2001:db8::1]", "character other than" },
		{ "1.2.3", "looks like an IPv4" },
		{ "1.2.3.256", "looks like an IPv4" },
		{ "1.2.3.4.5", "looks like an IPv4" },
		{ "example.7", "looks like an IPv4" },
		{ "192.0.2.0x1f", "looks like an IPv4" },
		{ "192.0.2.0x", "looks like an IPv4" },
		{ "*.0.2.1", "looks like an IPv4" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		enum name_kind kind;
		struct err e = { 0 };
		assert_fails(name_check(rows[i].name, &kind, &e), &e, ERR_USAGE, rows[i].part);
	}
}

static void
names_beyond_ascii_are_sent_to_their_a_label(void **state)
{
	enum name_kind kind;
	char out[NAME_MAX_DNS + 4];
	struct err e = { 0 };

	(void)state;
	assert_fails(name_check("b\xc3\xbc"
				"cher.example",
			     &kind, &e),
		&e, ERR_USAGE, "not ASCII");
	assert_non_null(strstr(e.hint, "A-label"));
	assert_fails(name_domain("\xff", out, &e), &e, ERR_USAGE, "not ASCII");
	assert_fails(name_san("\xd0\xb5xample.org", out, &e), &e, ERR_USAGE, "not ASCII");
}

static void
a_domain_is_folded_and_fits_a_key_id(void **state)
{
	char out[NAME_MAX_DNS + 1] = "before";
	struct err e = { 0 };

	(void)state;
	assert_ok(name_domain("WWW.Example.ORG", out, &e), &e);
	assert_string_equal(out, "www.example.org");
	assert_ok(name_domain("*.EXAMPLE.org", out, &e), &e);
	assert_string_equal(out, "*.example.org");
	assert_int_equal(strlen(N200), NAME_ID_MAX);
	assert_ok(name_domain(N200, out, &e), &e);
	assert_string_equal(out, N200);
	strcpy(out, "before");
	assert_fails(name_domain(N200 "i", out, &e), &e, ERR_USAGE, "over 200");
	assert_fails(name_domain(N253 "b", out, &e), &e, ERR_USAGE, "over 253");
	assert_fails(name_domain(N253 "bc", out, &e), &e, ERR_USAGE, "over 253");
	assert_fails(name_domain("example", out, &e), &e, ERR_USAGE, "single label");
	assert_fails(name_domain("192.0.2.1", out, &e), &e, ERR_USAGE, "an IP address");
	assert_non_null(strstr(e.hint, "--san IP:192.0.2.1"));
	assert_string_equal(out, "before");
}

static void
a_san_is_a_name_or_a_marked_address(void **state)
{
	static const char *const rows[][2] = {
		{ "Example.org", "example.org" },
		{ "*.example.org", "*.example.org" },
		{ N253, N253 },
		{ "IP:192.0.2.1", "IP:192.0.2.1" },
		{ "ip:192.0.2.1", "IP:192.0.2.1" },
		{ "IP:2001:DB8:0:0::0001", "IP:2001:db8::1" },
		{ "IP:0:0:0:0:0:0:0:0", "IP:::" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char out[NAME_MAX_DNS + 4];
		struct err e = { 0 };
		assert_ok(name_san(rows[i][0], out, &e), &e);
		assert_string_equal(out, rows[i][1]);
	}
}

static void
a_san_of_any_other_form_is_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "", "empty" },
		{ "192.0.2.1", "an IP address, not a host name" },
		{ "2001:db8::1", "an IP address, not a host name" },
		{ "IP:", "not an IP address" },
		{ "IP:example.org", "not an IP address" },
		{ "IP:192.0.2.256", "not an IP address" },
		{ "IP:192.0.2", "not an IP address" },
		{ "IP:192.0.2.1/24", "not an IP address" },
		{ "IP: 192.0.2.1", "not an IP address" },
		{ "IP:fe80::1%lo", "not an IP address" },
		{ "DNS:example.org", "character other than" },
		{ "a@example.org", "character other than" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char out[NAME_MAX_DNS + 4] = "before";
		struct err e = { 0 };
		assert_fails(name_san(rows[i][0], out, &e), &e, ERR_USAGE, rows[i][1]);
		assert_string_equal(out, "before");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(host_names_are_told_by_kind),
		unit(what_is_no_host_name_is_refused_with_its_reason),
		unit(names_beyond_ascii_are_sent_to_their_a_label),
		unit(a_domain_is_folded_and_fits_a_key_id),
		unit(a_san_is_a_name_or_a_marked_address),
		unit(a_san_of_any_other_form_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
