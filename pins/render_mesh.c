/* SPDX-License-Identifier: ISC */
#include "pins/renderjob.h"

/* Envoy's CertificateValidationContext (api-v3, extensions.transport_sockets.tls.v3). */
bool
render_mesh_envoy(const struct renderjob *job, struct buf *out, struct err *e)
{
	static const struct renderjob_style pins = { RENDERJOB_BASE64, "    - \"", "\"\n", "" };

	(void)e;
	renderjob_comment(job, "# ", "", out);
	buf_adds(out, "validation_context:\n  verify_certificate_spki:\n");
	renderjob_pins(job, job->domains, &pins, out);
	return true;
}

/* nats-server's documentation of tls, pinned_certs: the connecting client's certificate. */
bool
render_mesh_nats(const struct renderjob *job, struct buf *out, struct err *e)
{
	static const struct renderjob_style pins = { RENDERJOB_HEX, "  \"", "\"\n", "" };

	(void)e;
	renderjob_comment(job, "# ", "", out);
	buf_adds(out, "pinned_certs: [\n");
	renderjob_pins(job, job->domains, &pins, out);
	buf_adds(out, "]\n");
	return true;
}

/* kubeadm-join's --discovery-token-ca-cert-hash: keys of the cluster's CA. */
bool
render_mesh_kubeadm(const struct renderjob *job, struct buf *out, struct err *e)
{
	static const struct renderjob_style pins = { RENDERJOB_HEX, "      - \"sha256:", "\"\n",
		"" };

	(void)e;
	renderjob_comment(job, "# ", "", out);
	buf_adds(out, "discovery:\n  bootstrapToken:\n    caCertHashes:\n");
	renderjob_pins(job, job->domains, &pins, out);
	return true;
}
