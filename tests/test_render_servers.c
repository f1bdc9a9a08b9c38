/* SPDX-License-Identifier: ISC */
#include "tests/support_render.h"

#define HEADER_ABOUT(format)                                                                       \
	"# " ABOUT(format) "\n# For example.org. Browsers dropped this header in 2018; wget2 and " \
			   "clients of your own heed it.\n"
#define VALUE "pin-sha256=\"" A "\"; pin-sha256=\"" B "\"; pin-sha256=\"" C "\"; max-age=5184000"
#define ESCAPED(x) "pin-sha256=\\\"" x "\\\"; "

static void
headers_are_quoted_as_each_server_reads_them(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	support_renders(&s, "nginx", &support_render_none,
		HEADER_ABOUT("nginx") "add_header Public-Key-Pins '" VALUE "' always;\n");
	support_renders(&s, "haproxy", &support_render_none,
		HEADER_ABOUT("haproxy") "http-after-response set-header Public-Key-Pins '" VALUE
					"'\n");
	support_renders(&s, "caddy", &support_render_none,
		HEADER_ABOUT("caddy") "header Public-Key-Pins `" VALUE "`\n");
	support_renders(&s, "apache", &support_render_none,
		HEADER_ABOUT("apache") "Header always set Public-Key-Pins \"" ESCAPED(A) ESCAPED(B)
			ESCAPED(C) "max-age=5184000\"\n");
}

#define END "; includeSubDomains; report-uri=\"https://r.example/x?a=1%20b"
#define REPORT_ONLY "Public-Key-Pins-Report-Only "

static void
headers_carry_subdomains_and_reports(void **state)
{
	const struct render_options report_only = { .report_only = true };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].include_subdomains = true;
	s.domains[0].report_uri = TEXT("https://r.example/x?a=1%20b'c");
	support_renders(&s, "nginx", &report_only,
		HEADER_ABOUT("nginx") "add_header " REPORT_ONLY "'" VALUE END "\\'c\"' always;\n");
	support_renders(&s, "caddy", &report_only,
		HEADER_ABOUT("caddy") "header " REPORT_ONLY "`" VALUE END "'c\"`\n");
	support_renders(&s, "haproxy", &report_only,
		HEADER_ABOUT("haproxy") "http-after-response set-header " REPORT_ONLY "'" VALUE
					"; includeSubDomains; "
					"report-uri=\"https://r.example/x?a=1%%20b'\\''c\"'\n");
	s.domains[0].report_only = true;
	support_renders(&s, "apache", &support_render_none,
		HEADER_ABOUT("apache") "Header always set " REPORT_ONLY "\"" ESCAPED(A) ESCAPED(B)
			ESCAPED(C) "max-age=5184000; includeSubDomains; "
				   "report-uri=\\\"https://r.example/"
				   "x?a=1%%20b'c\\\"\"\n");
}

static void
headers_refuse_what_they_cannot_say(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].report_uri = TEXT("https://r.example/$x");
	support_fails(&s, "nginx", &support_render_none, ERR_REFUSED, "no way to write the '$'");
	support_fails(&s, "apache", &support_render_none, ERR_REFUSED, "no way to write the '$'");
	s.domains[0].report_uri = TEXT("https://r.example/\"); max-age=0");
	support_fails(&s, "caddy", &support_render_none, ERR_REFUSED, "is no URI");
}

static void
tools_take_leaf_pins_alone(void **state)
{
	const struct render_options port = { .port = 8443 };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	support_renders(&s, "curl", &support_render_none, "sha256//" A ";sha256//" B "\n");
	support_renders(&s, "wget", &support_render_none, "sha256//" A ";sha256//" B "\n");
	support_renders(&s, "git", &support_render_none,
		"# " ABOUT("git") "\n"
				  "[http \"https://example.org/\"]\n"
				  "\tpinnedPubkey = \"sha256//" A ";sha256//" B "\"\n"
				  "[http \"https://*.example.org/\"]\n"
				  "\tpinnedPubkey = \"sha256//" A ";sha256//" B "\"\n"
				  "[http \"https://192.0.2.1/\"]\n"
				  "\tpinnedPubkey = \"sha256//" A ";sha256//" B "\"\n");
	s.names[0] = TEXT("IP:2001:db8::1");
	s.domains[0].name_count = 1;
	support_renders(&s, "git", &port,
		"# " ABOUT("git") "\n"
				  "[http \"https://[2001:db8::1]:8443/\"]\n"
				  "\tpinnedPubkey = \"sha256//" A ";sha256//" B "\"\n");
	s.domains[0].pins = &s.pins[2];
	s.domains[0].pin_count = 1;
	support_fails(
		&s, "curl", &support_render_none, ERR_REFUSED, "no pin that curl could check");
}

static void
tlsa_tells_leaves_from_cas(void **state)
{
	const struct render_options smtp = { .port = 25, .proto = "tcp" };
	const struct render_options bad = { .proto = "quic" };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	support_renders(&s, "tlsa", &support_render_none,
		"; " ABOUT("tlsa") "\n; " NO_STAR("tlsa") "\n; " NO_IP(
			"tlsa") "\n"
				"_443._tcp.example.org. IN TLSA 3 1 1 " HEX_A "\n"
				"_443._tcp.example.org. IN TLSA 3 1 1 " HEX_B "\n"
				"_443._tcp.example.org. IN TLSA 2 1 1 " HEX_C "\n");
	s.domains[0].name_count = 1;
	s.domains[0].pin_count = 1;
	support_renders(&s, "tlsa", &smtp,
		"; " ABOUT("tlsa") "\n"
				   "_25._tcp.example.org. IN TLSA 3 1 1 " HEX_A "\n");
	support_fails(&s, "tlsa", &bad, ERR_USAGE, "tcp, udp or sctp");
}

static void
meshes_take_base64_or_hex(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	support_renders(&s, "envoy", &support_render_none,
		"# " ABOUT("envoy") "\nvalidation_context:\n  verify_certificate_spki:\n"
				    "    - \"" A "\"\n    - \"" B "\"\n");
	support_renders(&s, "nats", &support_render_none,
		"# " ABOUT("nats") "\npinned_certs: [\n  \"" HEX_A "\"\n  \"" HEX_B "\"\n]\n");
	support_renders(&s, "kubeadm", &support_render_none,
		"# " ABOUT("kubeadm") "\ndiscovery:\n  bootstrapToken:\n    caCertHashes:\n"
				      "      - \"sha256:" HEX_A "\"\n"
				      "      - \"sha256:" HEX_B "\"\n"
				      "      - \"sha256:" HEX_C "\"\n");
}

#define MATCHES " fingerprint\n    match=" COLONS("11") "\n    match=" COLONS("22") "\n"

static void
postfix_matches_each_next_hop(void **state)
{
	const struct render_options port = { .port = 587 };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	support_renders(&s, "postfix", &support_render_none,
		"# " ABOUT("postfix") "\n# main.cf: smtp_tls_fingerprint_digest = sha256\n"
				      "example.org" MATCHES "[example.org]" MATCHES
				      ".example.org" MATCHES "[192.0.2.1]" MATCHES);
	s.names[0] = TEXT("IP:2001:db8::1");
	s.domains[0].name_count = 1;
	support_renders(&s, "postfix", &port,
		"# " ABOUT("postfix") "\n# main.cf: smtp_tls_fingerprint_digest = sha256\n"
				      "[ipv6:2001:db8::1]:587" MATCHES);
}

static void
resolvers_go_by_addresses(void **state)
{
	static const char *const addresses[] = { "2001:db8::1", "192.0.2.7" };
	const struct render_options given = {
		.addresses = addresses, .address_count = 2, .port = 8853
	};
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	support_renders(&s, "stubby", &support_render_none,
		"# " ABOUT("stubby") "\nupstream_recursive_servers:\n"
				     "  - address_data: 192.0.2.1\n    tls_port: 853\n    "
				     "tls_pubkey_pinset:\n"
				     "      - digest: \"sha256\"\n        value: " A "\n"
				     "      - digest: \"sha256\"\n        value: " B "\n");
	support_renders(&s, "knot", &given,
		"-- " ABOUT("knot") "\npolicy.add(policy.all(policy.TLS_FORWARD({\n"
				    "\t{ '2001:db8::1@8853', pin_sha256 = {\n\t\t'" A "',\n\t\t'" B
				    "',\n\t} },\n"
				    "\t{ '192.0.2.7@8853', pin_sha256 = {\n\t\t'" A "',\n\t\t'" B
				    "',\n\t} },\n"
				    "})))\n");
	s.domains[0].name_count = 2;
	support_fails(&s, "knot", &support_render_none, ERR_REFUSED, "goes by addresses");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(headers_are_quoted_as_each_server_reads_them),
		unit(headers_carry_subdomains_and_reports),
		unit(headers_refuse_what_they_cannot_say),
		unit(tools_take_leaf_pins_alone),
		unit(tlsa_tells_leaves_from_cas),
		unit(meshes_take_base64_or_hex),
		unit(postfix_matches_each_next_hop),
		unit(resolvers_go_by_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
