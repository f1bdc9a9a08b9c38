/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/file.h"
#include "tests/support.h"
#include "vault/plan.h"

#include <stdio.h>
#include <unistd.h>

#define TOP                                                                                        \
	"vault = \"Example Ops\"\nthreshold = 2\nmax-age = \"60d\"\nbackups = 2\n"                 \
	"algorithms = {\"rsa:3072\", \"ec:p256\"}\nexport = \"dir:/media/public\"\n"
#define PEOPLE                                                                                     \
	"custodian \"c1\" { medium = \"dir:/media/usb1\" }\ncustodian \"c2\" { medium = "          \
	"\"prompt\" }\n"
#define DOMAIN "domain \"example.org\" { }\n"

/* The example of docs/FORMAT.md. */
static const char example[] =
	"# what we agreed on\n"
	"vault = \"Example Ops\"\n"
	"threshold = 3 // of 3\n"
	"max-age = \"60d\" /* two\nlines */\n"
	"valid-for = \"400d\" drill-every = \"365d\"\n"
	"backups = 2\n"
	"algorithms = {\"rsa:3072\", \"ec:p256\"}\n"
	"kdf = \"interactive\"\n"
	"dice = yes\n"
	"custodian \"custodian-1\" { medium = \"dir:/media/usb1\"  contact = \"room 12, +00 555 "
	"0100\"\n\tlocation = \"safe A # 1\" }\n"
	"custodian \"custodian-2\" { medium = \"prompt\" location = \"safe B\" }\n"
	"custodian \"custodian-3\" { medium = \"dir:/media/usb3\" }\n"
	"domain \"example.org\" {\n"
	"  names = {\"www.example.org\", \"*.example.org\"}  active = {\"live.pem\"}\n"
	"  ca = {\"/etc/root1.pem\", \"root2.pem\"}  report-uri = "
	"\"https://report.example.net/r\"\n"
	"  include-subdomains = no  max-age = \"7d\"  subject = \"/O=Example/CN=example.org\"\n"
	"}\n"
	"domain \"example.net\" { }\n"
	"export = \"dir:/media/public\"\n";

static bool
load_bytes(void **state, const void *text, size_t len, struct plan *out, struct err *e)
{
	const char *path = support_path(state, "plan");

	unlink(path);
	assert_ok(file_write_new(path, 0644, text, len, e), e);
	return plan_load(path, out, e);
}

static bool
load(void **state, const char *text, struct plan *out, struct err *e)
{
	return load_bytes(state, text, strlen(text), out, e);
}

static void
the_example_is_read_as_it_was_meant(void **state)
{
	PLAN_AUTO p = { 0 };
	struct err e = { 0 };
	char hash[ENCODE_HASH_HEX];

	assert_ok(load(state, example, &p, &e), &e);
	encode_hash_hex(hash, example, strlen(example));
	assert_string_equal(p.hash, hash);
	assert_string_equal(p.name, "Example Ops");
	assert_int_equal(p.threshold, 3);
	assert_int_equal(p.max_age, 60 * 86400);
	assert_int_equal(p.valid_for, 400 * 86400);
	assert_int_equal(p.drill_every, 365 * 86400);
	assert_int_equal(p.backups, 2);
	assert_int_equal(p.algorithm_count, 2);
	assert_string_equal(p.algorithms[1]->name, "ec:p256");
	assert_string_equal(p.kdf->name, "interactive");
	assert_true(p.dice);
	assert_false(p.detached);
	assert_string_equal(p.export_dir, "/media/public");
	assert_int_equal(plan_keys(&p), 8);
}

static void
its_custodians_and_domains_are_in_the_files_order(void **state)
{
	PLAN_AUTO p = { 0 };
	struct err e = { 0 };

	assert_ok(load(state, example, &p, &e), &e);
	assert_int_equal(p.custodian_count, 3);
	assert_string_equal(p.custodians[0].name, "custodian-1");
	assert_string_equal(p.custodians[0].medium, "dir:/media/usb1");
	assert_string_equal(p.custodians[0].contact, "room 12, +00 555 0100");
	assert_string_equal(p.custodians[0].location, "safe A # 1");
	assert_null(p.custodians[1].medium);
	assert_null(p.custodians[1].contact);
	assert_string_equal(p.custodians[2].medium, "dir:/media/usb3");
	assert_int_equal(p.domain_count, 2);
	assert_string_equal(p.domains[0].name, "example.org");
	assert_int_equal(p.domains[0].names.count, 3);
	assert_string_equal(p.domains[0].names.items[0], "example.org");
	assert_string_equal(p.domains[0].names.items[2], "*.example.org");
	assert_string_equal(p.domains[0].active.items[0], support_path(state, "live.pem"));
	assert_string_equal(p.domains[0].ca.items[0], "/etc/root1.pem");
	assert_string_equal(p.domains[0].report_uri, "https://report.example.net/r");
	assert_string_equal(p.domains[0].subject, "/O=Example/CN=example.org");
	assert_int_equal(p.domains[0].include_subdomains, 0);
	assert_int_equal(p.domains[0].max_age, 7 * 86400);
	assert_int_equal(p.domains[1].include_subdomains, -1);
	assert_int_equal(p.domains[1].max_age, CLOCK_NONE);
	assert_int_equal(p.domains[1].names.count, 1);
	assert_ok(plan_locations_check(&p, &e), &e);
}

/* What libconfuse itself would take, or take for something else. */
static void
what_would_be_guessed_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
		{ "vault = \"${HOME}\"\n", ":1: `$` and backslash" },
		{ "# costs 5$\n", ":1: `$` and backslash" },
		{ "vault = \"a\\n\"\n", ":1: `$` and backslash" },
		{ "vault = \"a\"\r\n", ":1: a carriage return" },
		{ "\nvault = \"a\x1b[2J\"\n", ":2: a control character" },
		{ "vault = \"\xff\"\n", ":1: a control character, or bytes that are not UTF-8" },
		{ "vault = \"a\xe2\x80\xae\"\n", ":1: a control character" },
		{ "# \x7f\n", ":1: a control character" },
		{ "threshold = 3\n\nthreshold = 2\n", ":3: threshold stands on line 1 already" },
		{ PEOPLE "custodian \"c1\" { }\n", ":3: custodian c1 stands on line 1 already" },
		{ "custodian \"c\" { medium = \"a\"\nmedium = \"b\" }\n",
			":2: medium stands on line 1" },
		{ "threshold = 03\n", ":1: a number with a leading zero" },
		{ "threshold = 00\n", ":1: a number with a leading zero" },
		{ "threshold = 0x3\n", ":1: `0x3` is no number" },
		{ "threshold = -3\n", ":1: `-3` is no number" },
		{ "threshold = 3.0\n", ":1: `3.0` is no number" },
		{ "threshold = 1000000000\n", ":1: a number of more than nine digits" },
		{ "vault = Ops\n", ":1: `Ops` is no number, yes or no" },
		{ "dice = true\n", ":1: `true` is no number, yes or no" },
		{ "vault = 'Ops'\n", ":1: texts stand in double quotes" },
		{ "vault = \"Ops\nmore\"\n", ":1: this text does not end on its line" },
		{ "vault = \"Ops", ":1: this text does not end" },
		{ "vault = \"a\tb\"\n", ":1: a tab within a text" },
		{ "\n/* vault\n", ":2: this comment does not end" },
		{ "algorithms += {\"ec:p256\"}\n", ":1: after `algorithms`" },
		{ "algorithms+={\"ec:p256\"}\n", ":1: `algorithms+` is no name" },
		{ "algorithms = {}\n", ":1: a list has texts" },
		{ "algorithms = {\"ec:p256\",}\n", ":1: a list has texts" },
		{ "algorithms = {\"ec:p256\" \"rsa:2048\"}\n", ":1: expected `,` or `}`" },
		{ "algorithms = {1, 2}\n", ":1: a list has texts" },
		{ "algorithms = {\"ec:p256\"\n", ":2: expected `,` or `}`" },
		{ "include(\"other\")\n", ":1: an unexpected `(`" },
		{ "include \"other\"\n", ":1: after `include`" },
		{ "vault\n", ":1: after `vault`" },
		{ "vault =\n", ":1: vault has no value" },
		{ "vault = = 3\n", ":1: vault has no value" },
		{ "Vault = \"Ops\"\n", ":1: `Vault` is no name" },
		{ "= 3\n", ":1: expected the name of a setting" },
		{ "\"vault\" = 3\n", ":1: expected the name of a setting" },
		{ "domain \"a.example\" { domain \"b.example\" { } }\n", ":1: a section within" },
		{ "domain \"\" { }\n", ":1: a section with an empty title" },
		{ "domain { }\n", ":1: after `domain`" },
		{ "}\n", ":1: `}` without its `{`" },
		{ TOP PEOPLE DOMAIN "}\n", ":10: `}` without its `{`" },
		{ TOP PEOPLE "domain \"example.org\" {\nsubject = \"/CN=a\"\n",
			":9: this section does not end: its `}` is missing" },
		{ TOP PEOPLE "domain \"example.org\" { # }\n", ":9: this section does not end" },
		{ TOP PEOPLE "domain \"example.org\" { report-uri = \"}\"\n", "does not end" },
		{ "/", ":1: an unexpected `/`" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		PLAN_AUTO p = { 0 };
		struct err e;

		assert_fails(load(state, rows[i].text, &p, &e), &e, ERR_FORMAT, rows[i].part);
	}
}

static void
unknown_ill_typed_and_missing_settings_are_refused(void **state)
{
	static const struct {
		const char *text, *part;
	} rows[] = {
		{ TOP "\nmaxage = \"60d\"\n" PEOPLE DOMAIN, ":8: " },
		{ TOP "keeper \"c\" { }\n", ":7: " },
		{ TOP "custodian \"c\" {\n\nphone = \"1\" }\n", ":9: " },
		{ "threshold = \"3\"\n", ":1: threshold wants a number" },
		{ "threshold = yes\n", ":1: " },
		{ "dice = 1\n", ":1: " },
		{ "dice = \"yes\"\n", ":1: dice wants yes or no" },
		{ "vault = 7\n", ":1: vault wants a text" },
		{ "vault = yes\n", ":1: vault wants a text" },
		{ "algorithms = \"ec:p256\"\n", ":1: algorithms wants a list" },
		{ "vault = {\"a\"}\n", ":1: " },
		{ "custodian = \"c\"\n", ":1: " },
		{ "vault \"c\" { }\n", ":1: " },
		{ "domain \"example.org\" { names = \"www.example.org\" }\n", ":1: names wants a" },
		{ "", ": the setting `vault` is missing" },
		{ "vault = \"a\"\n", ": the setting `threshold` is missing" },
		{ TOP "custodian \"c\" { }", ":7: custodian \"c\": the setting `medium` is" },
		{ TOP PEOPLE, ": there is no domain" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		PLAN_AUTO p = { 0 };
		struct err e;

		assert_fails(load(state, rows[i].text, &p, &e), &e, ERR_FORMAT, rows[i].part);
	}
}

static void
a_mistyped_setting_is_answered_with_the_nearest(void **state)
{
	static const struct {
		const char *text, *hint;
	} rows[] = {
		{ TOP "maxage = \"60d\"\n", "did you mean max-age?" },
		{ TOP "costodian \"c\" { }\n", "did you mean custodian?" },
		{ TOP PEOPLE "domain \"a.example\" { name = {\"b.example\"} }\n",
			"did you mean names?" },
		{ TOP "custodian \"c\" { phone = \"1\" }\n", "lists the settings" },
		{ "kdf \"c\" { phone = \"1\" }\n", "lists the settings" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		PLAN_AUTO p = { 0 };
		struct err e = { 0 };

		assert_false(load(state, rows[i].text, &p, &e));
		assert_non_null(strstr(e.hint, rows[i].hint));
	}
}

/* A whole plan but for what `extra` says, and for the line that it replaces. */
static void
bad_value(void **state, const char *without, const char *extra, const char *part)
{
	static const char *const lines[] = { "vault = \"Ops\"\n", "threshold = 2\n",
		"max-age = \"60d\"\n", "backups = 2\n", "algorithms = {\"ec:p256\"}\n",
		"export = \"dir:/media/public\"\n", "custodian \"c1\" { medium = \"dir:/m/1\" }\n",
		"custodian \"c2\" { medium = \"prompt\" }\n", DOMAIN };
	PLAN_AUTO p = { 0 };
	char text[4096] = "";
	struct err e;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (!without || strncmp(lines[i], without, strlen(without)) != 0)
			strcat(text, lines[i]);
	strcat(text, extra);
	assert_fails(load(state, text, &p, &e), &e, ERR_FORMAT, part);
}

static void
values_are_checked_as_everywhere(void **state)
{
	static const struct {
		const char *without, *extra, *part;
	} rows[] = {
		{ "vault", "vault = \" Ops\"\n", ":9: vault: " },
		{ "vault", "vault = \"Ops/1\"\n", ":9: vault: " },
		{ "vault", "vault = \"\"\n", ":9: vault: " },
		{ "threshold", "threshold = 1\n", ":9: threshold: " },
		{ "threshold", "threshold = 3\n", ":9: threshold: " },
		{ "threshold", "threshold = 258\n", ":9: threshold: " },
		{ "max-age", "max-age = \"60\"\n", ":9: max-age: " },
		{ "max-age", "max-age = \"0d\"\n", ":9: max-age: no time at all" },
		{ "backups", "backups = 0\n", ":9: backups: 0 is not between 1 and 1000" },
		{ "backups", "backups = 1001\n", ":9: backups: 1001" },
		{ "algorithms", "algorithms = {\"ec:p255\"}\n", ":9: algorithms: " },
		{ "algorithms", "algorithms = {\"ec:p256\", \"ec:p256\"}\n", "given twice" },
		{ "export", "export = \"/media/public\"\n", ":9: export: " },
		{ "export", "export = \"dir:public\"\n", ":9: export: " },
		{ NULL, "kdf = \"none\"\n", ":10: kdf: " },
		{ NULL, "valid-for = \"soon\"\n", ":10: valid-for: " },
		{ NULL, "drill-every = \"0s\"\n", ":10: drill-every: " },
		{ NULL, "custodian \"a/b\" { medium = \"prompt\" }\n", ":10: custodian \"a/b\": " },
		{ NULL, "custodian \"c\" { medium = \"dir:m\" }\n", "the path is not absolute" },
		{ NULL, "custodian \"c\" { medium = \"disc:/m\" }\n", ":10: medium: " },
		{ NULL, "custodian \"c\" { medium = \"prompt:d\" }\n", "is said already" },
		{ NULL, "custodian \"c\" { medium = \"\" }\n", ":10: medium: the text is empty" },
		{ NULL, "custodian \"c\" { medium = \"dir:/m/1\" }\n", ":10: medium: c1 has the" },
		{ NULL, "custodian \"c\" { medium = \"prompt\" contact = \"\" }\n", "contact: " },
		{ NULL, "domain \"EXAMPLE.org\" { }\n", "example.org has its section already" },
		{ NULL, "domain \"192.0.2.1\" { }\n", ":10: domain \"192.0.2.1\": " },
		{ NULL, "domain \"a.example\" { names = {\"a_b\"} }\n", ":10: names: " },
		{ NULL, "domain \"a.example\" { names = {\"a.example\"} }\n", "is given twice" },
		{ NULL, "domain \"a.example\" { active = {\"a\", \"a\"} }\n", "a is given twice" },
		{ NULL, "domain \"a.example\" { ca = {\"\"} }\n", ":10: ca: an empty file name" },
		{ NULL, "domain \"a.example\" { subject = \"CN\" }\n", ":10: subject: " },
		{ NULL, "domain \"a.example\" { report-uri = \"ftp://x/\" }\n", ": report-uri: " },
		{ NULL, "domain \"a.example\" { max-age = \"1y\" }\n", ":10: max-age: " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		bad_value(state, rows[i].without, rows[i].extra, rows[i].part);
}

static void
what_is_no_plain_text_file_is_refused(void **state)
{
	static char large[FILE_LIMIT + 1];
	PLAN_AUTO p = { 0 };
	struct err e;

	assert_fails(plan_load(support_path(state, ""), &p, &e), &e, ERR_MISSING, "");
	assert_fails(plan_load(support_path(state, "none"), &p, &e), &e, ERR_MISSING, "none");
	memset(large, '\n', sizeof large);
	assert_fails(load_bytes(state, large, sizeof large, &p, &e), &e, ERR_FORMAT, "");
	assert_fails(load_bytes(state, "a = 1\n\0\n", 8, &p, &e), &e, ERR_FORMAT, ":2: a NUL");
}

static void
too_much_of_anything_is_refused(void **state)
{
	static char text[200000];
	PLAN_AUTO p = { 0 };
	struct err e;
	char *at = text;

	for (unsigned i = 0; i < 5000; i++)
		at += sprintf(at, "custodian \"%u\" { }\n", i);
	assert_fails(load(state, text, &p, &e), &e, ERR_FORMAT, "more than 4096 settings");
	at = text + sprintf(text, TOP PEOPLE "domain \"example.org\" { names = {\"a0.example\"");
	for (unsigned i = 1; i < 101; i++)
		at += sprintf(at, ", \"a%u.example\"", i);
	strcpy(at, "} }\n");
	assert_fails(load(state, text, &p, &e), &e, ERR_FORMAT, "more than 100 entries");
	memset(text, 'a', 1100);
	strcpy(text + 1100, "");
	memcpy(text, "vault = \"", 9);
	strcat(text, "\"\n");
	assert_fails(load(state, text, &p, &e), &e, ERR_FORMAT, "more than 1024 bytes");
}

static void
shares_in_one_place_are_refused(void **state)
{
	PLAN_AUTO p = { 0 };
	struct err e;

	assert_ok(load(state,
			  TOP
			  "custodian \"a\" { medium = \"prompt\" location = \"safe A\" }\n"
			  "custodian \"b\" { medium = \"dir:/m\" location = \"safe A\" }\n" DOMAIN,
			  &p, &e),
		&e);
	assert_fails(plan_locations_check(&p, &e), &e, ERR_REFUSED, "in one place, safe A");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(the_example_is_read_as_it_was_meant),
		unit_in_dir(its_custodians_and_domains_are_in_the_files_order),
		unit_in_dir(what_would_be_guessed_is_refused_with_its_line),
		unit_in_dir(unknown_ill_typed_and_missing_settings_are_refused),
		unit_in_dir(a_mistyped_setting_is_answered_with_the_nearest),
		unit_in_dir(values_are_checked_as_everywhere),
		unit_in_dir(what_is_no_plain_text_file_is_refused),
		unit_in_dir(too_much_of_anything_is_refused),
		unit_in_dir(shares_in_one_place_are_refused),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
