/* SPDX-License-Identifier: ISC */
#include "pins/renderjob.h"

#include <string.h>

/* postconf(5), smtp_tls_policy_maps: lines that begin with white space go on with the entry. */
static void
add_policy(const struct renderjob *job, const struct manifest_domain *d, const char *open,
	const char *name, const char *close, struct buf *out)
{
	static const struct renderjob_style pins = { RENDERJOB_COLONS, "    match=", "\n", "" };

	buf_addf(out, "%s%s%s", open, name, close);
	if (job->options->port != 0)
		buf_addf(out, ":%ld", job->options->port);
	buf_adds(out, " fingerprint\n");
	renderjob_pins(job, d, &pins, out);
}

/* The table is looked up by the next hop as it is written: a mail domain, or a host in brackets. A
 * leading dot covers subdomains. */
static void
add_host(const struct renderjob *job, const struct manifest_domain *d,
	const struct renderjob_host *h, struct buf *out)
{
	switch (h->kind) {
	case NAME_WILDCARD:
		add_policy(job, d, "", h->name + 1, "", out);
		return;
	case NAME_IP:
		add_policy(job, d, strchr(h->name, ':') ? "[ipv6:" : "[", h->name, "]", out);
		return;
	case NAME_DNS:
		add_policy(job, d, "", h->name, "", out);
		add_policy(job, d, "[", h->name, "]", out);
		if (d->include_subdomains)
			add_policy(job, d, ".", h->name, "", out);
		return;
	}
}

bool
render_mail_postfix(const struct renderjob *job, struct buf *out, struct err *e)
{
	struct renderjob_host h;

	(void)e;
	renderjob_comment(job, "# ", "", out);
	buf_adds(out, "# main.cf: smtp_tls_fingerprint_digest = sha256\n");
	for (size_t i = 0; i < job->count; i++)
		for (size_t j = 0; j < job->domains[i].name_count; j++)
			if (renderjob_host(job, &job->domains[i], j, &h))
				add_host(job, &job->domains[i], &h, out);
	return true;
}
