/* SPDX-License-Identifier: ISC */
#include "pins/lintrule.h"

/* Formats of render, by what they have in common. */
#define LEAF_ONLY "curl wget git envoy nats postfix stubby knot"
#define HEADER "nginx apache haproxy caddy"
#define APPS "android ios okhttp trustkit react-native"

const struct lint_rule lint_rules[] = {
	/* Which pins a set needs, and which it must not have. */
	{ "rehearsal", LINT_ERROR, "A rehearsal's manifest is never put into production.",
		"docs/FORMAT.md, Manifest", NULL, .whole = lintset_rehearsal },
	{ "no-active", LINT_ERROR,
		"At least one pin is meant to be in the served chain (active or ca).",
		"RFC 7469 section 2.5", NULL, .domain = lintset_no_active },
	{ "no-backup", LINT_ERROR, "At least one backup pin is of a key outside the served chain.",
		"RFC 7469 sections 2.5, 4.3", NULL, .domain = lintset_no_backup },
	{ "one-backup", LINT_WARNING, "Two backups: after one had to be used, one is left.",
		"RFC 7469 section 4.3", NULL, .domain = lintset_one_backup },
	{ "pin-twice", LINT_ERROR, "A domain has each pin once.", "docs/FORMAT.md, Manifest", NULL,
		.domain = lintset_pin_twice },
	{ "sample-pin", LINT_ERROR, "No pin is an example out of documentation, or a filler.",
		"RFC 7469 section 2.1.5; OkHttp, CertificatePinner", NULL,
		.domain = lintset_sample_pin },
	{ "two-pins", LINT_ERROR, "TrustKit refuses to start with fewer than two distinct pins.",
		"TrustKit, kTSKPublicKeyHashes", "trustkit react-native",
		.domain = lintset_two_pins },
	{ "backup-released", LINT_WARNING, "A backup's private key was never written to a file.",
		"RFC 7469 section 4.3", NULL, .domain = lintset_backup_released },

	/* CAs. */
	{ "ca-left-out", LINT_WARNING,
		"These look at the leaf's key alone: pins of CAs are left out.",
		"curl, CURLOPT_PINNEDPUBLICKEY; RFC 7858 section 4.2", LEAF_ONLY,
		.domain = lintca_left_out },
	{ "ca-only", LINT_ERROR, "These look at the leaf's key alone: a pin of a CA never matches.",
		"curl, CURLOPT_PINNEDPUBLICKEY; RFC 7858 section 4.2", LEAF_ONLY,
		.domain = lintca_only },
	{ "ios-both", LINT_ERROR,
		"With leaf and CA identities together, iOS wants a match in both lists.",
		"Apple, NSPinnedDomains", "ios", .domain = lintca_ios_both },
	{ "ca-intermediate", LINT_WARNING, "Intermediates are replaced without notice: pin roots.",
		"https://letsencrypt.org/certificates/", NULL, .domain = lintca_intermediate },
	{ "ca-single", LINT_WARNING, "Pins of two CAs outlast the end of one.",
		"RFC 7469 section 4.3", NULL, .domain = lintca_single },
	{ "ca-as-backup", LINT_WARNING, "A CA and a leaf under it are no backup of each other.",
		"RFC 7469 section 4.3", NULL, .domain = lintca_backup },

	/* What the certificates of --certificates tell. */
	{ "certificate-hash", LINT_ERROR,
		"A pin is the hash of a key, not of the whole certificate.", "RFC 7469 section 2.4",
		NULL, .domain = lintcert_hash },
	{ "backup-in-chain", LINT_ERROR, "No backup is the key of a CA above a pinned leaf.",
		"RFC 7469 sections 2.5, 4.3", NULL, .domain = lintcert_backup_above },

	/* The header of RFC 7469, as render writes it. */
	{ "max-age-long", LINT_WARNING,
		"A max-age over 60 days locks clients out for longer than most would wait.",
		"RFC 7469 section 4.1", HEADER, .domain = lintheader_long_max_age },
	{ "max-age-zero", LINT_WARNING,
		"A max-age of 0 makes clients forget the pins: only to take pinning back.",
		"RFC 7469 section 2.3.1", HEADER, .domain = lintheader_zero_max_age },
	{ "report-nowhere", LINT_ERROR, "Report-only without a report-uri has no effect.",
		"RFC 7469 section 2.1.4", HEADER, .domain = lintheader_report_nowhere },
	{ "report-to-self", LINT_WARNING,
		"Reports to the pinned host itself are lost when its pins fail.",
		"RFC 7469 section 2.1.4", HEADER, .domain = lintheader_report_to_self },
	{ "nginx-value", LINT_ERROR, "nginx takes no parameter of more than about 4000 characters.",
		"nginx, ngx_conf_file.c (NGX_CONF_BUFFER)", "nginx",
		.domain = lintheader_nginx_value },
	{ "header-size", LINT_ERROR,
		"A header over 8192 bytes is refused by many clients and proxies.",
		"Apache, LimitRequestFieldSize; HAProxy, tune.bufsize", HEADER,
		.domain = lintheader_size },

	/* The header as it is served (--header). */
	{ "header-unquoted", LINT_ERROR, "Each pin of the header stands in quotes.",
		"RFC 7469 section 2.1.1", HEADER, .whole = lintserved_unquoted },
	{ "header-max-age", LINT_ERROR, "The header has exactly one max-age, in seconds.",
		"RFC 7469 section 2.1.2", HEADER, .whole = lintserved_max_age },

	/* Hosts. */
	{ "host-address", LINT_ERROR,
		"Pins are for names: clients do not note them for IP addresses.",
		"RFC 7469 section 2.3.3", HEADER " tlsa chromium " APPS,
		.domain = lintname_address },
	{ "host-address-among", LINT_WARNING,
		"An address among the names cannot be pinned: it is left out.",
		"RFC 7469 section 2.3.3", "tlsa chromium " APPS, .domain = lintname_address_among },
	{ "host-form", LINT_ERROR,
		"A host is a lower-case DNS name, in its A-label form if international.",
		"RFC 5890 section 2.3.2.1; RFC 6125 section 6.4", NULL, .domain = lintname_form },
	{ "host-twice", LINT_ERROR, "No domain and no name stands twice in a manifest.",
		"docs/FORMAT.md, Manifest", NULL, .whole = lintname_twice },
	{ "public-suffix", LINT_ERROR, "Subdomains of a public suffix are other people's.",
		"https://publicsuffix.org/", NULL, .domain = lintname_public_suffix },
	{ "wildcard-name", LINT_WARNING,
		"These name hosts one by one: what a wildcard covers goes unpinned.",
		"Android, network-security-config; Apple, NSPinnedDomains; RFC 6698 section 3",
		"android ios trustkit react-native tlsa chromium", .domain = lintname_wildcard },
	{ "okhttp-stars", LINT_WARNING,
		"OkHttp 3 silently ignores `**.`, and `*.` covers one label.",
		"OkHttp, CertificatePinner", "okhttp", .domain = lintname_okhttp },

	/* Clocks, and what clients still hold. */
	{ "expired", LINT_ERROR, "Nothing is put into production after its valid_until.",
		"docs/FORMAT.md, Manifest", NULL, .whole = linttime_expired },
	{ "no-expiry", LINT_WARNING,
		"Without an expiry, an app that is not updated stays pinned for ever.",
		"Android, network-security-config (pin-set expiration)", "android",
		.whole = linttime_no_expiry },
	{ "backup-not-ready", LINT_WARNING,
		"A backup helps once no client holds a policy without it.", "RFC 7469 section 4.3",
		NULL, .domain = linttime_backup_not_ready },
	{ "active-too-soon", LINT_ERROR,
		"A key goes active when its pin was published for the max-age before it.",
		"RFC 7469 section 4.3", NULL, .domain = linttime_active_too_soon },
	{ "tlsa-too-soon", LINT_ERROR,
		"A key is used two TTLs after its TLSA record was published.",
		"RFC 7671 section 8.1", "tlsa", .domain = linttime_tlsa },
};

const size_t lint_rule_count = sizeof lint_rules / sizeof *lint_rules;
