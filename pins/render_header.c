/* SPDX-License-Identifier: ISC */
#include "pins/quote.h"
#include "pins/renderjob.h"

#include <string.h>

/* The characters of RFC 3986, so that the value needs no escapes inside its quoted-string. */
static bool
is_uri(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				 "-._~:/?#[]@!$&'()*+,;=%")] == '\0';
}

/* RFC 7469 section 2.1: the same bytes for every server. */
static bool
header_value(const struct manifest_domain *d, const struct renderjob *job, struct buf *out,
	struct err *e)
{
	static const struct renderjob_style pins = { RENDERJOB_BASE64, "pin-sha256=\"", "\"",
		"; " };

	renderjob_pins(job, d, &pins, out);
	buf_addf(out, "; max-age=%lld", (long long)d->max_age);
	if (d->include_subdomains)
		buf_adds(out, "; includeSubDomains");
	if (d->report_uri) {
		if (!is_uri(d->report_uri))
			return err_set(e, ERR_REFUSED, "%s: the report-uri is no URI: %s",
				d->domain, d->report_uri);
		buf_addf(out, "; report-uri=\"%s\"", d->report_uri);
	}
	return buf_ok(out, e);
}

/* `before`, the header's name, its quoted value, `after`. */
static bool
directive(const struct renderjob *job, const char *before, const struct quote *q, const char *after,
	struct buf *out, struct err *e)
{
	const struct manifest_domain *d = job->domains;
	BUF_AUTO value = BUF_NONE;

	if (!header_value(d, job, &value, e))
		return false;
	if (!quote_can(q, value.data))
		return err_set(e, ERR_REFUSED,
			"%s: %s has no way to write the '$' in the report-uri %s", d->domain,
			job->format->name, d->report_uri);
	renderjob_comment(job, "# ", "", out);
	buf_addf(out,
		"# For %s. Browsers dropped this header in 2018; wget2 and clients of your own "
		"heed "
		"it.\n",
		d->domain);
	buf_addf(out, "%s Public-Key-Pins%s ", before,
		renderjob_reports_only(job, d) ? "-Report-Only" : "");
	quote_add(out, q, value.data);
	buf_addf(out, "%s\n", after);
	return true;
}

bool
render_header_nginx(const struct renderjob *job, struct buf *out, struct err *e)
{
	return directive(job, "add_header", &quote_nginx, " always;", out, e);
}

bool
render_header_apache(const struct renderjob *job, struct buf *out, struct err *e)
{
	return directive(job, "Header always set", &quote_apache, "", out, e);
}

/* http-response would leave out HAProxy's own replies. */
bool
render_header_haproxy(const struct renderjob *job, struct buf *out, struct err *e)
{
	return directive(job, "http-after-response set-header", &quote_haproxy, "", out, e);
}

bool
render_header_caddy(const struct renderjob *job, struct buf *out, struct err *e)
{
	return directive(job, "header", &quote_caddy, "", out, e);
}
