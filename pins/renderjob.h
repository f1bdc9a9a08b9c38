/* SPDX-License-Identifier: ISC */
/*
 * renderjob: what a writer of render sees, and what writers share. For pins/render*.c only.
 *
 * A failed allocation sticks to the buf (buf.h); render checks it at the end.
 */
#ifndef PINS_RENDERJOB_H
#define PINS_RENDERJOB_H

#include "base/json.h"
#include "pins/name.h"
#include "pins/render.h"

struct renderjob {
	const struct manifest *m;
	const struct render_format *format;
	const struct render_options *options;
	const struct manifest_domain *domains; /* those to render, at least one */
	size_t count;
};

/* One of a domain's names, as the format writes it. */
struct renderjob_host {
	const char *name; /* without "IP:" */
	enum name_kind kind;
};
/* The domain's i-th name; false when the format has no entry for such a name. */
bool renderjob_host(const struct renderjob *job, const struct manifest_domain *d, size_t i,
	struct renderjob_host *out);
/* Whether the format takes this pin: one for leaves takes none of a CA. */
bool renderjob_takes(const struct renderjob *job, const struct manifest_pin *pin);
bool renderjob_reports_only(const struct renderjob *job, const struct manifest_domain *d);

/* Comment lines: what this is, which names are left out, which rules of lint were let pass. Each
 * begins with `open` and ends with `close`. No serial and no time: the same pins are to give the
 * same bytes, so that install has nothing to reload. */
void renderjob_comment(
	const struct renderjob *job, const char *open, const char *close, struct buf *out);
/* The same as one comment of XML. */
void renderjob_comment_xml(const struct renderjob *job, struct buf *out);

enum renderjob_form { RENDERJOB_BASE64, RENDERJOB_HEX, RENDERJOB_COLONS };
struct renderjob_style {
	enum renderjob_form form;
	const char *before, *after; /* around each pin */
	const char *between;
};
void renderjob_pins(const struct renderjob *job, const struct manifest_domain *d,
	const struct renderjob_style *style, struct buf *out);

/* The date of valid_until, "2026-11-22", or an empty string. */
#define RENDERJOB_DATE 11
void renderjob_date(const struct manifest *m, char out[static RENDERJOB_DATE]);

/* JSON values; NULL when memory ran out. */
json_t *renderjob_json_drop(json_t *j); /* frees it; always NULL */
json_t *renderjob_json_pins(const struct renderjob *job, const struct manifest_domain *d);
json_t *renderjob_json_names(const struct manifest_domain *d);

#define RENDERJOB_WRITER(name)                                                                     \
	bool name(const struct renderjob *job, struct buf *out, struct err *e) FALLIBLE;

RENDERJOB_WRITER(render_plain_list)
RENDERJOB_WRITER(render_plain_json)
RENDERJOB_WRITER(render_plain_env)
RENDERJOB_WRITER(render_mobile_android)
RENDERJOB_WRITER(render_plist_ios)
RENDERJOB_WRITER(render_plist_trustkit)
RENDERJOB_WRITER(render_app_okhttp)
RENDERJOB_WRITER(render_app_react_native)
RENDERJOB_WRITER(render_chromium_json)
RENDERJOB_WRITER(render_tool_curl)
RENDERJOB_WRITER(render_tool_git)
RENDERJOB_WRITER(render_tlsa_zone)
RENDERJOB_WRITER(render_mesh_envoy)
RENDERJOB_WRITER(render_mesh_nats)
RENDERJOB_WRITER(render_mesh_kubeadm)
RENDERJOB_WRITER(render_mail_postfix)
RENDERJOB_WRITER(render_dns_stubby)
RENDERJOB_WRITER(render_dns_knot)
RENDERJOB_WRITER(render_header_nginx)
RENDERJOB_WRITER(render_header_apache)
RENDERJOB_WRITER(render_header_haproxy)
RENDERJOB_WRITER(render_header_caddy)

#undef RENDERJOB_WRITER

#endif
