/* SPDX-License-Identifier: ISC */
#include "pins/renderjob.h"

#include <string.h>

static const char *const protos[] = { "tcp", "udp", "sctp" };

/* RFC 6698 section 3: the protocol's label. */
static bool
find_proto(const char *name, const char **out, struct err *e)
{
	*out = protos[0];
	if (!name)
		return true;
	for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++)
		if (strcmp(protos[i], name) == 0) {
			*out = protos[i];
			return true;
		}
	return err_set(e, ERR_USAGE, "--proto is tcp, udp or sctp, not '%s'", name);
}

/* DANE-EE(3) for leaves, DANE-TA(2) for CAs; SPKI(1), SHA2-256(1): RFC 7218, RFC 7671. */
static void
add_records(const struct manifest_domain *d, const char *host, long port, const char *proto,
	struct buf *out)
{
	char hex[PIN_HEX];

	for (size_t i = 0; i < d->pin_count; i++) {
		pin_encode_hex(&d->pins[i].pin, hex);
		buf_addf(out, "_%ld._%s.%s. IN TLSA %d 1 1 %s\n", port, proto, host,
			d->pins[i].role == ROLE_CA ? 2 : 3, hex);
	}
}

bool
render_tlsa_zone(const struct renderjob *job, struct buf *out, struct err *e)
{
	long port = job->options->port ? job->options->port : 443;
	struct renderjob_host h;
	const char *proto;

	if (!find_proto(job->options->proto, &proto, e))
		return false;
	renderjob_comment(job, "; ", "", out);
	for (size_t i = 0; i < job->count; i++)
		for (size_t j = 0; j < job->domains[i].name_count; j++)
			if (renderjob_host(job, &job->domains[i], j, &h))
				add_records(&job->domains[i], h.name, port, proto, out);
	return true;
}
