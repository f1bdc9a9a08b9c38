/* SPDX-License-Identifier: ISC */
#include "pins/render.h"

#include "base/nearest.h"
#include "pins/renderjob.h"

#include <string.h>

#define HEADER_FLAGS (RENDER_ONE_DOMAIN | RENDER_REPORT_ONLY)

/* X(name, file, names, flags, writer, help) */
/* clang-format off: a table */
#define FORMATS(X)                                                                                 \
	X("list", "pins.txt", 0, RENDER_ONE_DOMAIN, render_plain_list, "plain pins, one a line")   \
	X("json", "pins-plain.json", RENDER_ANY_NAME, 0, render_plain_json,                        \
		"a stable JSON for scripts")                                                       \
	X("env", "pins.env", RENDER_ANY_NAME, RENDER_ONE_DOMAIN, render_plain_env,                 \
		"KEY='value' lines for a shell")                                                   \
	X("android", "network_security_config.xml", RENDER_DNS, 0, render_mobile_android,          \
		"Network Security Config")                                                         \
	X("ios", "NSPinnedDomains.plist", RENDER_DNS, 0, render_plist_ios,                         \
		"App Transport Security, NSPinnedDomains")                                         \
	X("trustkit", "TSKConfiguration.plist", RENDER_DNS, RENDER_REPORT_ONLY,                    \
		render_plist_trustkit, "TSKConfiguration for TrustKit")                            \
	X("okhttp", "CertificatePins.kt", RENDER_DNS | RENDER_WILDCARD, RENDER_LANGUAGE,           \
		render_app_okhttp, "CertificatePinner in Kotlin or Java")                          \
	X("react-native", "ssl-pins.json", RENDER_DNS, 0, render_app_react_native,                 \
		"options of react-native-ssl-public-key-pinning")                                  \
	X("chromium", "transport_security_state_static.json", RENDER_DNS, 0, render_chromium_json, \
		"pinset and entries of a Chromium build")                                          \
	X("curl", "curl-pinnedpubkey", 0, RENDER_ONE_DOMAIN | RENDER_LEAF, render_tool_curl,       \
		"the value of --pinnedpubkey")                                                     \
	X("wget", "wget-pinnedpubkey", 0, RENDER_ONE_DOMAIN | RENDER_LEAF, render_tool_curl,       \
		"the value of --pinnedpubkey")                                                     \
	X("git", "git-pins.config", RENDER_ANY_NAME, RENDER_LEAF | RENDER_PORT, render_tool_git,   \
		"http.URL.pinnedPubkey, to be included")                                           \
	X("tlsa", "tlsa.zone", RENDER_DNS, RENDER_PORT | RENDER_PROTO, render_tlsa_zone,           \
		"TLSA records for a zone file (DANE)")                                             \
	X("envoy", "envoy-validation.yaml", 0, RENDER_ONE_DOMAIN | RENDER_LEAF, render_mesh_envoy, \
		"verify_certificate_spki, in YAML")                                                \
	X("nats", "nats-pins.conf", 0, RENDER_ONE_DOMAIN | RENDER_LEAF, render_mesh_nats,          \
		"pinned_certs of a tls block")                                                     \
	X("kubeadm", "kubeadm-discovery.yaml", 0, RENDER_ONE_DOMAIN, render_mesh_kubeadm,          \
		"caCertHashes of a JoinConfiguration")                                             \
	X("postfix", "tls_policy", RENDER_ANY_NAME, RENDER_LEAF | RENDER_PORT,                     \
		render_mail_postfix, "smtp_tls_policy_maps, level fingerprint")                    \
	X("stubby", "stubby-upstreams.yml", RENDER_IP,                                             \
		RENDER_ONE_DOMAIN | RENDER_LEAF | RENDER_PORT | RENDER_ADDRESS, render_dns_stubby, \
		"upstream_recursive_servers with tls_pubkey_pinset")                               \
	X("knot", "kresd-forward.lua", RENDER_IP,                                                  \
		RENDER_ONE_DOMAIN | RENDER_LEAF | RENDER_PORT | RENDER_ADDRESS, render_dns_knot,   \
		"policy.TLS_FORWARD for Knot Resolver")                                            \
	X("nginx", "public-key-pins.nginx.conf", 0, HEADER_FLAGS, render_header_nginx,             \
		"the Public-Key-Pins header of RFC 7469")                                          \
	X("apache", "public-key-pins.apache.conf", 0, HEADER_FLAGS, render_header_apache,          \
		"the same header")                                                                 \
	X("haproxy", "public-key-pins.haproxy.cfg", 0, HEADER_FLAGS, render_header_haproxy,        \
		"the same header")                                                                 \
	X("caddy", "public-key-pins.caddyfile", 0, HEADER_FLAGS, render_header_caddy,              \
		"the same header")

#define ROW(n, f, k, l, w, h)                                                                      \
	{ .name = n, .file = f, .names = k, .flags = l, .write = w, .help = h },
#define LINE(n, f, k, l, w, h) "\n  " n ": " h
/* clang-format on */

const struct render_format render_formats[] = { FORMATS(ROW) };
const size_t render_format_count = sizeof(render_formats) / sizeof(render_formats[0]);
const char render_help[] =
	"Refuses what lint calls an error for this format. The formats:" FORMATS(LINE);

bool
render_find(const char *name, const struct render_format **out, struct err *e)
{
	struct nearest n = { .word = name };

	for (size_t i = 0; i < render_format_count; i++) {
		if (strcmp(render_formats[i].name, name) == 0) {
			*out = &render_formats[i];
			return true;
		}
		nearest_offer(&n, render_formats[i].name);
	}
	err_set(e, ERR_USAGE, "unknown format '%s'", name);
	if (n.name)
		return err_hint(e, "did you mean '%s'?", n.name);
	return err_hint(e, "coldspare-pins render --help lists the formats");
}

static bool
check_options(const struct render_format *f, const struct render_options *o, struct err *e)
{
	const struct {
		const char *name;
		bool given;
		unsigned flag;
	} known[] = {
		{ "report-only", o->report_only, RENDER_REPORT_ONLY },
		{ "port", o->port != 0, RENDER_PORT },
		{ "proto", o->proto != NULL, RENDER_PROTO },
		{ "language", o->language != NULL, RENDER_LANGUAGE },
		{ "package", o->package != NULL, RENDER_LANGUAGE },
		{ "address", o->address_count > 0, RENDER_ADDRESS },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].given && !(f->flags & known[i].flag))
			return err_set(e, ERR_USAGE, "%s: takes no --%s", f->name, known[i].name);
	return true;
}

static bool
choose_domains(struct renderjob *job, struct err *e)
{
	const char *domain = job->options->domain;

	job->domains = job->m->domains;
	job->count = job->m->domain_count;
	if (domain) {
		job->domains = manifest_find(job->m, domain);
		job->count = 1;
		if (!job->domains)
			return err_set(e, ERR_USAGE, "the manifest has no domain %s", domain);
	}
	if (job->count == 0)
		return err_set(e, ERR_REFUSED, "the manifest has no domain");
	if (job->count > 1 && (job->format->flags & RENDER_ONE_DOMAIN)) {
		err_set(e, ERR_USAGE, "%s holds the pins of one domain, the manifest has %zu",
			job->format->name, job->count);
		return err_hint(
			e, "name one with --domain, such as --domain %s", job->domains[0].domain);
	}
	return true;
}

/* Whether the format has an entry for any of the domain's names, where it names hosts at all. */
static bool
check_names(const struct renderjob *job, const struct manifest_domain *d, struct err *e)
{
	struct renderjob_host h;

	if (job->format->names == 0 || job->options->address_count > 0)
		return true;
	for (size_t i = 0; i < d->name_count; i++)
		if (renderjob_host(job, d, i, &h))
			return true;
	if (job->format->flags & RENDER_ADDRESS) {
		err_set(e, ERR_REFUSED, "%s: %s goes by addresses, and none is among the names",
			d->domain, job->format->name);
		return err_hint(e, "name the server's with --address");
	}
	return err_set(
		e, ERR_REFUSED, "%s: %s has no entry for such names", d->domain, job->format->name);
}

static bool
check_domains(const struct renderjob *job, struct err *e)
{
	for (size_t i = 0; i < job->count; i++) {
		const struct manifest_domain *d = &job->domains[i];
		size_t taken = 0;

		for (size_t j = 0; j < d->pin_count; j++)
			taken += renderjob_takes(job, &d->pins[j]);
		if (taken == 0)
			return err_set(e, ERR_REFUSED, "%s: there is no pin that %s could check",
				d->domain, job->format->name);
		if (!check_names(job, d, e))
			return false;
	}
	return true;
}

bool
render(const struct render_format *f, const struct manifest *m,
	const struct render_options *options, struct buf *out, struct err *e)
{
	struct renderjob job = { .m = m, .format = f, .options = options };
	BUF_AUTO text = BUF_NONE;

	if (!check_options(f, options, e) || !choose_domains(&job, e) || !check_domains(&job, e))
		return false;
	if (!f->write(&job, &text, e) || !buf_ok(&text, e))
		return false;
	buf_add(out, text.data, text.len);
	return buf_ok(out, e);
}
