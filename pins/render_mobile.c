/* SPDX-License-Identifier: ISC */
#include "pins/quote.h"
#include "pins/renderjob.h"

/*
 * https://developer.android.com/privacy-and-security/security-config: one domain-config with one
 * pin-set for each domain. After `expiration` the platform no longer pins.
 */
static void
add_config(const struct renderjob *job, const struct manifest_domain *d, struct buf *out)
{
	static const struct renderjob_style pins = { RENDERJOB_BASE64,
		"            <pin digest=\"SHA-256\">", "</pin>\n", "" };
	char date[RENDERJOB_DATE];
	struct renderjob_host h;

	buf_adds(out, "    <domain-config>\n");
	for (size_t i = 0; i < d->name_count; i++) {
		if (!renderjob_host(job, d, i, &h))
			continue;
		buf_addf(out, "        <domain includeSubdomains=\"%s\">",
			d->include_subdomains ? "true" : "false");
		quote_add(out, &quote_xml, h.name);
		buf_adds(out, "</domain>\n");
	}
	renderjob_date(job->m, date);
	buf_addf(out, date[0] ? "        <pin-set expiration=\"%s\">\n" : "        <pin-set%s>\n",
		date);
	renderjob_pins(job, d, &pins, out);
	buf_adds(out, "        </pin-set>\n    </domain-config>\n");
}

bool
render_mobile_android(const struct renderjob *job, struct buf *out, struct err *e)
{
	(void)e;
	buf_adds(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
	renderjob_comment_xml(job, out);
	buf_adds(out, "<network-security-config>\n");
	for (size_t i = 0; i < job->count; i++)
		add_config(job, &job->domains[i], out);
	buf_adds(out, "</network-security-config>\n");
	return true;
}
