/* SPDX-License-Identifier: ISC */
#include "pins/renderjob.h"

#include <string.h>

/* CURLOPT_PINNEDPUBLICKEY(3); wget's manual, --pinnedpubkey. */
static const struct renderjob_style value = { RENDERJOB_BASE64, "sha256//", "", ";" };

bool
render_tool_curl(const struct renderjob *job, struct buf *out, struct err *e)
{
	(void)e;
	renderjob_pins(job, job->domains, &value, out);
	buf_adds(out, "\n");
	return true;
}

/* git-config(1), http.<url>.*: a "*" stands for one label. */
static void
add_section(const struct renderjob *job, const struct manifest_domain *d, const char *star,
	const struct renderjob_host *h, struct buf *out)
{
	bool v6 = h->kind == NAME_IP && strchr(h->name, ':');

	buf_addf(out, v6 ? "[http \"https://%s[%s]" : "[http \"https://%s%s", star, h->name);
	if (job->options->port != 0)
		buf_addf(out, ":%ld", job->options->port);
	/* In quotes: a bare ';' begins a comment. */
	buf_adds(out, "/\"]\n\tpinnedPubkey = \"");
	renderjob_pins(job, d, &value, out);
	buf_adds(out, "\"\n");
}

static void
add_host(const struct renderjob *job, const struct manifest_domain *d,
	const struct renderjob_host *h, struct buf *out)
{
	add_section(job, d, "", h, out);
	if (d->include_subdomains && h->kind == NAME_DNS)
		add_section(job, d, "*.", h, out);
}

bool
render_tool_git(const struct renderjob *job, struct buf *out, struct err *e)
{
	struct renderjob_host h;

	(void)e;
	renderjob_comment(job, "# ", "", out);
	for (size_t i = 0; i < job->count; i++)
		for (size_t j = 0; j < job->domains[i].name_count; j++)
			if (renderjob_host(job, &job->domains[i], j, &h))
				add_host(job, &job->domains[i], &h, out);
	return true;
}
