/* SPDX-License-Identifier: ISC */
#include "pins/renderjob.h"

#include <string.h>

#define DNS_OVER_TLS 853 /* RFC 7858 section 3.1 */

/* Calls `add` for each server's address: those of --address, or the domain's own. */
static void
each_address(const struct renderjob *job,
	void (*add)(const struct renderjob *job, const char *address, long port, struct buf *out),
	struct buf *out)
{
	const struct manifest_domain *d = job->domains;
	long port = job->options->port ? job->options->port : DNS_OVER_TLS;
	struct renderjob_host h;

	for (size_t i = 0; i < job->options->address_count; i++)
		add(job, job->options->addresses[i], port, out);
	for (size_t i = 0; job->options->address_count == 0 && i < d->name_count; i++)
		if (renderjob_host(job, d, i, &h))
			add(job, h.name, port, out);
}

/* stubby.yml.example: with a pin set alone, a certificate's issuer and names do not matter. Its
 * parser fails on an address that begins or ends with "::". */
static void
add_stubby(const struct renderjob *job, const char *address, long port, struct buf *out)
{
	static const struct renderjob_style pins = { RENDERJOB_BASE64,
		"      - digest: \"sha256\"\n        value: ", "\n", "" };

	const char *before = address[0] == ':' ? "0" : "";
	const char *after = address[strlen(address) - 1] == ':' ? "0" : "";

	buf_addf(out, "  - address_data: %s%s%s\n    tls_port: %ld\n    tls_pubkey_pinset:\n",
		before, address, after, port);
	renderjob_pins(job, job->domains, &pins, out);
}

bool
render_dns_stubby(const struct renderjob *job, struct buf *out, struct err *e)
{
	(void)e;
	renderjob_comment(job, "# ", "", out);
	buf_adds(out, "upstream_recursive_servers:\n");
	each_address(job, add_stubby, out);
	return true;
}

/* Knot Resolver's manual, policy.TLS_FORWARD. */
static void
add_knot(const struct renderjob *job, const char *address, long port, struct buf *out)
{
	static const struct renderjob_style pins = { RENDERJOB_BASE64, "\t\t'", "',\n", "" };

	buf_addf(out, "\t{ '%s@%ld', pin_sha256 = {\n", address, port);
	renderjob_pins(job, job->domains, &pins, out);
	buf_adds(out, "\t} },\n");
}

bool
render_dns_knot(const struct renderjob *job, struct buf *out, struct err *e)
{
	(void)e;
	renderjob_comment(job, "-- ", "", out);
	buf_adds(out, "policy.add(policy.all(policy.TLS_FORWARD({\n");
	each_address(job, add_knot, out);
	buf_adds(out, "})))\n");
	return true;
}
