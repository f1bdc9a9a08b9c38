/* SPDX-License-Identifier: ISC */
#include "tests/support_render.h"

static void
android_has_one_pin_set_for_each_domain(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].name_count = 1;
	support_renders(&s, "android", &support_render_none,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" XML_ABOUT(
			"android") "<network-security-config>\n"
				   "    <domain-config>\n"
				   "        <domain "
				   "includeSubdomains=\"false\">example.org</domain>\n"
				   "        <pin-set expiration=\"2027-11-22\">\n"
				   "            <pin digest=\"SHA-256\">" A "</pin>\n"
				   "            <pin digest=\"SHA-256\">" B "</pin>\n"
				   "            <pin digest=\"SHA-256\">" C "</pin>\n"
				   "        </pin-set>\n"
				   "    </domain-config>\n"
				   "</network-security-config>\n");
	s.m.valid_until = CLOCK_NONE;
	s.domains[0].include_subdomains = true;
	s.names[1] = TEXT("xn--bcher-kva.example");
	s.domains[0].name_count = 2;
	s.domains[0].pin_count = 1;
	support_renders(&s, "android", &support_render_none,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" XML_ABOUT(
			"android") "<network-security-config>\n"
				   "    <domain-config>\n"
				   "        <domain "
				   "includeSubdomains=\"true\">example.org</domain>\n"
				   "        <domain "
				   "includeSubdomains=\"true\">xn--bcher-kva.example</domain>\n"
				   "        <pin-set>\n"
				   "            <pin digest=\"SHA-256\">" A "</pin>\n"
				   "        </pin-set>\n"
				   "    </domain-config>\n"
				   "</network-security-config>\n");
}

static void
ios_tells_leaves_from_cas(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].name_count = 1;
	support_renders(&s, "ios", &support_render_none,
		PLIST XML_ABOUT("ios") "<plist version=\"1.0\">\n"
				       "<dict>\n"
				       "\t<key>NSAppTransportSecurity</key>\n"
				       "\t<dict>\n"
				       "\t\t<key>NSPinnedDomains</key>\n"
				       "\t\t<dict>\n"
				       "\t\t\t<key>example.org</key>\n"
				       "\t\t\t<dict>\n"
				       "\t\t\t\t<key>NSIncludesSubdomains</key>\n"
				       "\t\t\t\t<false/>\n"
				       "\t\t\t\t<key>NSPinnedLeafIdentities</key>\n"
				       "\t\t\t\t<array>\n" IDENTITY(A) IDENTITY(
					       B) "\t\t\t\t</array>\n"
						  "\t\t\t\t<key>NSPinnedCAIdentities</key>\n"
						  "\t\t\t\t<array>\n" IDENTITY(
							  C) "\t\t\t\t</array>\n"
							     "\t\t\t</dict>\n"
							     "\t\t</dict>\n"
							     "\t</dict>\n"
							     "</dict>\n"
							     "</plist>\n");
}

static void
trustkit_reports_only_when_asked(void **state)
{
	const struct render_options report_only = { .report_only = true };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].name_count = 1;
	s.domains[0].report_uri = TEXT("https://r.example/?a&b");
	support_renders(&s, "trustkit", &report_only,
		PLIST XML_ABOUT(
			"trustkit") "<plist version=\"1.0\">\n"
				    "<dict>\n"
				    "\t<key>TSKConfiguration</key>\n"
				    "\t<dict>\n"
				    "\t\t<key>TSKSwizzleNetworkDelegates</key>\n"
				    "\t\t<false/>\n"
				    "\t\t<key>TSKPinnedDomains</key>\n"
				    "\t\t<dict>\n"
				    "\t\t\t<key>example.org</key>\n"
				    "\t\t\t<dict>\n"
				    "\t\t\t\t<key>TSKIncludeSubdomains</key>\n"
				    "\t\t\t\t<false/>\n"
				    "\t\t\t\t<key>TSKEnforcePinning</key>\n"
				    "\t\t\t\t<false/>\n"
				    "\t\t\t\t<key>TSKPublicKeyHashes</key>\n"
				    "\t\t\t\t<array>\n"
				    "\t\t\t\t\t<string>" A "</string>\n"
				    "\t\t\t\t\t<string>" B "</string>\n"
				    "\t\t\t\t\t<string>" C "</string>\n"
				    "\t\t\t\t</array>\n"
				    "\t\t\t\t<key>TSKDisableDefaultReportUri</key>\n"
				    "\t\t\t\t<true/>\n"
				    "\t\t\t\t<key>TSKReportUris</key>\n"
				    "\t\t\t\t<array>\n"
				    "\t\t\t\t\t<string>https://r.example/?a&amp;b</string>\n"
				    "\t\t\t\t</array>\n"
				    "\t\t\t\t<key>TSKExpirationDate</key>\n"
				    "\t\t\t\t<string>2027-11-22</string>\n"
				    "\t\t\t</dict>\n"
				    "\t\t</dict>\n"
				    "\t</dict>\n"
				    "</dict>\n"
				    "</plist>\n");
}

static void
okhttp_is_kotlin_or_java(void **state)
{
	const struct render_options java = { .language = "java", .package = "org.example.app" };
	const struct render_options bad = { .language = "swift" };
	const struct render_options hostile = { .package = "x; System.exit(0)" };
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].pin_count = 2;
	support_renders(&s, "okhttp", &support_render_none,
		"// " ABOUT("okhttp") "\n// " NO_IP(
			"okhttp") "\n"
				  "import okhttp3.CertificatePinner\n\n"
				  "object CertificatePins {\n"
				  "\tfun pinner(): CertificatePinner = "
				  "CertificatePinner.Builder()\n"
				  "\t\t.add(\"example.org\",\n\t\t\t\"sha256/" A
				  "\",\n\t\t\t\"sha256/" B "\")\n"
				  "\t\t.add(\"*.example.org\",\n\t\t\t\"sha256/" A
				  "\",\n\t\t\t\"sha256/" B "\")\n"
				  "\t\t.build()\n"
				  "}\n");
	s.domains[0].include_subdomains = true;
	s.domains[0].name_count = 1;
	s.domains[0].pin_count = 1;
	support_renders(&s, "okhttp", &java,
		"// " ABOUT("okhttp") "\n"
				      "package org.example.app;\n\n"
				      "import okhttp3.CertificatePinner;\n\n"
				      "public final class CertificatePins {\n"
				      "\tprivate CertificatePins() {\n"
				      "\t}\n\n"
				      "\tpublic static CertificatePinner pinner() {\n"
				      "\t\treturn new CertificatePinner.Builder()\n"
				      "\t\t.add(\"example.org\",\n\t\t\t\"sha256/" A "\")\n"
				      "\t\t.add(\"*.example.org\",\n\t\t\t\"sha256/" A "\")\n"
				      "\t\t.build();\n"
				      "\t}\n"
				      "}\n");
	support_fails(&s, "okhttp", &bad, ERR_USAGE, "kotlin or java");
	support_fails(&s, "okhttp", &hostile, ERR_USAGE, "no package's name");
}

static void
react_native_and_chromium_are_json(void **state)
{
	struct support_render s;

	(void)state;
	support_render_sample(&s);
	s.domains[0].pin_count = 1;
	support_renders(&s, "react-native", &support_render_none,
		"{\n"
		"  \"example.org\": {\n"
		"    \"includeSubdomains\": false,\n"
		"    \"publicKeyHashes\": [\n"
		"      \"" A "\"\n"
		"    ],\n"
		"    \"expirationDate\": \"2027-11-22\"\n"
		"  }\n"
		"}\n");
	s.domains[0].domain = TEXT("a-b.example.org");
	support_renders(&s, "chromium", &support_render_none,
		"{\n"
		"  \"pinsets\": [\n"
		"    {\n"
		"      \"name\": \"a__b_example_org\",\n"
		"      \"static_spki_hashes\": [\n"
		"        \"Coldspare_1111111111111111\"\n"
		"      ]\n"
		"    }\n"
		"  ],\n"
		"  \"entries\": [\n"
		"    {\n"
		"      \"name\": \"example.org\",\n"
		"      \"policy\": \"custom\",\n"
		"      \"include_subdomains\": false,\n"
		"      \"pins\": \"a__b_example_org\"\n"
		"    }\n"
		"  ],\n"
		"  \"spki_hashes\": {\n"
		"    \"Coldspare_1111111111111111\": \"sha256/" A "\"\n"
		"  }\n"
		"}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(android_has_one_pin_set_for_each_domain),
		unit(ios_tells_leaves_from_cas),
		unit(trustkit_reports_only_when_asked),
		unit(okhttp_is_kotlin_or_java),
		unit(react_native_and_chromium_are_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
