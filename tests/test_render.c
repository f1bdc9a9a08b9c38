/* SPDX-License-Identifier: ISC */
#include "tests/support_render.h"

static void
plain_forms_hold_every_pin(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	support_renders(&s, "list", &support_render_none, A "\n" B "\n" C "\n");
	support_renders(&s, "env", &support_render_none,
		"COLDSPARE_SERIAL='3'\n"
		"COLDSPARE_DOMAIN='example.org'\n"
		"COLDSPARE_NAMES='example.org *.example.org IP:192.0.2.1'\n"
		"COLDSPARE_MAX_AGE='5184000'\n"
		"COLDSPARE_PINS='" A " " B " " C "'\n"
		"COLDSPARE_PINS_ACTIVE='" A "'\n"
		"COLDSPARE_PINS_BACKUP='" B "'\n"
		"COLDSPARE_PINS_CA='" C "'\n");
}

static void
json_names_what_a_script_wants_to_know(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.names[1] = TEXT("www.example.org");
	s.domains[0].name_count = 2;
	s.domains[0].pin_count = 2;
	s.m.valid_until = CLOCK_NONE;
	support_renders(&s, "json", &support_render_none,
		"{\n"
		"  \"format\": \"coldspare-plain-1\",\n"
		"  \"serial\": 3,\n"
		"  \"created\": \"2026-11-22T10:00:00Z\",\n"
		"  \"valid_until\": null,\n"
		"  \"domains\": [\n"
		"    {\n"
		"      \"domain\": \"example.org\",\n"
		"      \"names\": [\n"
		"        \"example.org\",\n"
		"        \"www.example.org\"\n"
		"      ],\n"
		"      \"include_subdomains\": false,\n"
		"      \"max_age\": 5184000,\n"
		"      \"report_only\": false,\n"
		"      \"report_uri\": null,\n"
		"      \"pins\": [\n"
		"        {\n"
		"          \"pin\": \"" A "\",\n"
		"          \"hex\": \"" HEX_A "\",\n"
		"          \"role\": \"active\",\n"
		"          \"ca\": null,\n"
		"          \"algorithm\": \"ec:p256\",\n"
		"          \"key\": \"example.org-ec-p256-11111111\"\n"
		"        },\n"
		"        {\n"
		"          \"pin\": \"" B "\",\n"
		"          \"hex\": \"" HEX_B "\",\n"
		"          \"role\": \"backup\",\n"
		"          \"ca\": null,\n"
		"          \"algorithm\": \"rsa:3072\",\n"
		"          \"key\": null\n"
		"        }\n"
		"      ]\n"
		"    }\n"
		"  ]\n"
		"}\n");
}

static void
render_refuses_what_a_format_does_not_take(void **state)
{
	static const char *const address = "192.0.2.1";
	static const struct {
		struct render_options options;
		const char *format, *option;
	} wrong[] = {
		{ { .report_only = true }, "android", "--report-only" },
		{ { .port = 1 }, "nginx", "--port" },
		{ { .proto = "tcp" }, "git", "--proto" },
		{ { .language = "java" }, "curl", "--language" },
		{ { .package = "x" }, "curl", "--package" },
		{ { .addresses = &address, .address_count = 1 }, "tlsa", "--address" },
	};
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		support_fails(&s, wrong[i].format, &wrong[i].options, ERR_USAGE, wrong[i].option);
}

static void
render_chooses_among_domains(void **state)
{
	const struct render_options net = { .domain = "example.net" };
	const struct render_options com = { .domain = "example.com" };
	const struct render_format *f = NULL;
	BUF_AUTO out = BUF_NONE;
	struct err e = { 0 };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.m.domain_count = 2;
	s.domains[1].pin_count = 1;
	support_fails(
		&s, "curl", &support_render_none, ERR_USAGE, "of one domain, the manifest has 2");
	support_fails(&s, "curl", &com, ERR_USAGE, "no domain example.com");
	support_renders(&s, "curl", &net, "sha256//" A "\n");
	assert_ok(render_find("json", &f, &e), &e);
	assert_ok(render(f, &s.m, &support_render_none, &out, &e), &e);
	assert_non_null(strstr(out.data, "\"domain\": \"example.org\""));
	assert_non_null(strstr(out.data, "\"domain\": \"example.net\""));
	s.m.domain_count = 0;
	support_fails(&s, "json", &support_render_none, ERR_REFUSED, "no domain");
}

static void
render_refuses_a_domain_without_a_name_it_can_pin(void **state)
{
	static const char *const formats[] = { "android", "ios", "trustkit", "react-native", "tlsa",
		"chromium" };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].names = &s.names[1];
	s.domains[0].name_count = 2;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		support_fails(&s, formats[i], &support_render_none, ERR_REFUSED,
			"no entry for such names");
}

static void
render_says_which_rules_were_let_pass(void **state)
{
	static const char *const rule = "no-backup";
	const struct render_options forced = { .forced = &rule, .forced_count = 1 };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].pin_count = 1;
	support_renders(&s, "nats", &forced,
		"# " ABOUT("nats") "\n# forced: let pass by --force no-backup\n"
				   "pinned_certs: [\n  \"" HEX_A "\"\n]\n");
	s.domains[0].name_count = 1;
	support_renders(&s, "ios", &forced,
		PLIST "<!--\n" ABOUT(
			"ios") "\nforced: let pass by - -force no-backup\n-->\n"
			       "<plist "
			       "version=\"1.0\">\n<dict>\n\t<key>NSAppTransportSecurity</key>\n"
			       "\t<dict>\n\t\t<key>NSPinnedDomains</key>\n\t\t<dict>\n"
			       "\t\t\t<key>example.org</key>\n\t\t\t<dict>\n"
			       "\t\t\t\t<key>NSIncludesSubdomains</key>\n\t\t\t\t<false/>\n"
			       "\t\t\t\t<key>NSPinnedLeafIdentities</"
			       "key>\n\t\t\t\t<array>\n" IDENTITY(
				       A) "\t\t\t\t</array>\n\t\t\t</dict>\n\t\t</dict>\n\t</"
					  "dict>\n</dict>\n</plist>\n");
}

static void
the_same_pins_give_the_same_bytes(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].name_count = 1;
	s.m.valid_until = CLOCK_NONE;
	for (size_t i = 0; i < render_format_count; i++) {
		const struct render_format *f = &render_formats[i];
		static const char *const address = "192.0.2.1";
		const struct render_options o = { .addresses = &address,
			.address_count = f->flags & RENDER_ADDRESS ? 1 : 0 };
		BUF_AUTO before = BUF_NONE;
		BUF_AUTO after = BUF_NONE;
		struct err e = { 0 };

		/* These two are for scripts, which want to know. */
		if (strcmp(f->name, "json") == 0 || strcmp(f->name, "env") == 0)
			continue;
		s.m.serial = 3;
		s.m.created = 1795341600;
		assert_ok(render(f, &s.m, &o, &before, &e), &e);
		s.m.serial = 4;
		s.m.created = 1795341601;
		assert_ok(render(f, &s.m, &o, &after, &e), &e);
		assert_string_equal(before.data, after.data);
	}
}

static void
find_names_the_nearest_format(void **state)
{
	const struct render_format *f = NULL;
	struct err e = { 0 };

	(void)state;
	assert_fails(render_find("ngnix", &f, &e), &e, ERR_USAGE, "unknown format 'ngnix'");
	assert_string_equal(e.hint, "did you mean 'nginx'?");
	assert_null(f);
}

static void
every_format_is_in_the_help_and_has_a_file_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < render_format_count; i++) {
		BUF_AUTO line = BUF_NONE;

		buf_addf(&line, "\n  %s: %s", render_formats[i].name, render_formats[i].help);
		assert_non_null(strstr(render_help, line.data));
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(render_formats[i].name, render_formats[j].name);
			assert_string_not_equal(render_formats[i].file, render_formats[j].file);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(plain_forms_hold_every_pin),
		unit(json_names_what_a_script_wants_to_know),
		unit(render_refuses_what_a_format_does_not_take),
		unit(render_chooses_among_domains),
		unit(render_refuses_a_domain_without_a_name_it_can_pin),
		unit(render_says_which_rules_were_let_pass),
		unit(the_same_pins_give_the_same_bytes),
		unit(find_names_the_nearest_format),
		unit(every_format_is_in_the_help_and_has_a_file_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
