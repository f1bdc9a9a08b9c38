/* SPDX-License-Identifier: ISC */
#include "pins/renderjob.h"

#include <string.h>

static enum name_kind
kind_of(const char *name)
{
	if (strncmp(name, "IP:", 3) == 0)
		return NAME_IP;
	return strncmp(name, "*.", 2) == 0 ? NAME_WILDCARD : NAME_DNS;
}

bool
renderjob_host(const struct renderjob *job, const struct manifest_domain *d, size_t i,
	struct renderjob_host *out)
{
	static const unsigned flags[] = {
		[NAME_DNS] = RENDER_DNS,
		[NAME_WILDCARD] = RENDER_WILDCARD,
		[NAME_IP] = RENDER_IP,
	};
	enum name_kind kind = kind_of(d->names[i]);

	if (!(job->format->names & flags[kind]))
		return false;
	out->kind = kind;
	out->name = kind == NAME_IP ? d->names[i] + strlen("IP:") : d->names[i];
	return true;
}

bool
renderjob_takes(const struct renderjob *job, const struct manifest_pin *pin)
{
	return !(job->format->flags & RENDER_LEAF) || pin->role != ROLE_CA;
}

bool
renderjob_reports_only(const struct renderjob *job, const struct manifest_domain *d)
{
	return d->report_only || job->options->report_only;
}

static void
comment_left_out(const struct renderjob *job, const struct manifest_domain *d, const char *open,
	const char *close, struct buf *out)
{
	struct renderjob_host h;

	if (job->format->names == 0 || (job->format->flags & RENDER_ADDRESS))
		return;
	for (size_t i = 0; i < d->name_count; i++)
		if (!renderjob_host(job, d, i, &h))
			buf_addf(out, "%s%s: left out: %s has no entry for such names%s\n", open,
				d->names[i], job->format->name, close);
}

void
renderjob_comment(const struct renderjob *job, const char *open, const char *close, struct buf *out)
{
	buf_addf(out, "%sWritten by coldspare-pins render %s%s\n", open, job->format->name, close);
	for (size_t i = 0; i < job->count; i++)
		comment_left_out(job, &job->domains[i], open, close, out);
	for (size_t i = 0; i < job->options->forced_count; i++)
		buf_addf(out, "%sforced: let pass by --force %s%s\n", open, job->options->forced[i],
			close);
}

/* "--" may not stand in one (XML 1.0 section 2.5). */
void
renderjob_comment_xml(const struct renderjob *job, struct buf *out)
{
	BUF_AUTO text = BUF_NONE;

	renderjob_comment(job, "", "", &text);
	buf_adds(out, "<!--\n");
	for (size_t i = 0; i < text.len; i++) {
		buf_add(out, &text.data[i], 1);
		if (text.data[i] == '-' && text.data[i + 1] == '-')
			buf_adds(out, " ");
	}
	buf_adds(out, "-->\n");
	out->failed = out->failed || text.failed;
}

static void
add_colons(const struct pin *pin, struct buf *out)
{
	for (size_t i = 0; i < PIN_LEN; i++)
		buf_addf(out, "%s%02X", i ? ":" : "", pin->hash[i]);
}

static void
add_pin(const struct pin *pin, enum renderjob_form form, struct buf *out)
{
	char base64[PIN_TEXT], hex[PIN_HEX];

	switch (form) {
	case RENDERJOB_BASE64:
		pin_encode(pin, base64);
		buf_adds(out, base64);
		return;
	case RENDERJOB_HEX:
		pin_encode_hex(pin, hex);
		buf_adds(out, hex);
		return;
	case RENDERJOB_COLONS:
		add_colons(pin, out);
		return;
	}
}

void
renderjob_pins(const struct renderjob *job, const struct manifest_domain *d,
	const struct renderjob_style *style, struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < d->pin_count; i++) {
		if (!renderjob_takes(job, &d->pins[i]))
			continue;
		buf_adds(out, first ? "" : style->between);
		first = false;
		buf_adds(out, style->before);
		add_pin(&d->pins[i].pin, style->form, out);
		buf_adds(out, style->after);
	}
}

void
renderjob_date(const struct manifest *m, char out[static RENDERJOB_DATE])
{
	char text[CLOCK_TEXT];

	out[0] = '\0';
	if (m->valid_until == CLOCK_NONE)
		return;
	clock_format(m->valid_until, text);
	memcpy(out, text, RENDERJOB_DATE - 1);
	out[RENDERJOB_DATE - 1] = '\0';
}

json_t *
renderjob_json_drop(json_t *j)
{
	json_decref(j);
	return NULL;
}

json_t *
renderjob_json_pins(const struct renderjob *job, const struct manifest_domain *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->pin_count; i++) {
		char base64[PIN_TEXT];

		if (!renderjob_takes(job, &d->pins[i]))
			continue;
		pin_encode(&d->pins[i].pin, base64);
		if (json_array_append_new(list, json_string(base64)) != 0)
			return renderjob_json_drop(list);
	}
	return list;
}

json_t *
renderjob_json_names(const struct manifest_domain *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->name_count; i++)
		if (json_array_append_new(list, json_string(d->names[i])) != 0)
			return renderjob_json_drop(list);
	return list;
}
