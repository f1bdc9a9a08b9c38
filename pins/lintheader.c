/* SPDX-License-Identifier: ISC */
#include "pins/lintrule.h"

#include <string.h>

#define MAX_AGE_LONG ((int64_t)60 * 86400)
#define NGINX_VALUE_MAX 4000
#define HEADER_MAX 8192

void
lintheader_long_max_age(struct lint_visit *v)
{
	char text[CLOCK_DURATION_TEXT];
	if (v->domain->max_age <= MAX_AGE_LONG)
		return;
	clock_duration_format(v->domain->max_age, text);
	lint_say(v, NULL, "a max-age of %s", text);
}

void
lintheader_zero_max_age(struct lint_visit *v)
{
	if (v->domain->max_age == 0)
		lint_say(v, NULL, "a max-age of 0 removes the pins");
}

void
lintheader_report_nowhere(struct lint_visit *v)
{
	if (v->domain->report_only && !v->domain->report_uri)
		lint_say(v, NULL, "report-only, and no report-uri");
}

/* The host of an absolute http or https URI: its start, and its length in *len. */
static const char *
uri_host(const char *uri, size_t *len)
{
	const char *host = strstr(uri, "://");
	host = host ? host + 3 : uri;
	const char *end = host + strcspn(host, "/?#");
	const char *user = memchr(host, '@', (size_t)(end - host));
	if (user)
		host = user + 1;
	*len = strcspn(host, ":/?#");
	return host;
}

static bool
is_within(const char *host, size_t len, const char *name, bool subdomains)
{
	size_t name_len = strlen(name);
	if (len == name_len)
		return strncasecmp(host, name, len) == 0;
	return subdomains && len > name_len && host[len - name_len - 1] == '.' &&
	       strncasecmp(host + len - name_len, name, name_len) == 0;
}

void
lintheader_report_to_self(struct lint_visit *v)
{
	size_t len;
	if (!v->domain->report_uri)
		return;
	const char *host = uri_host(v->domain->report_uri, &len);
	for (size_t i = 0; i < v->domain->name_count; i++) {
		if (!is_within(host, len, v->domain->names[i], v->domain->include_subdomains))
			continue;
		lint_say(v, NULL, "reports go to %.*s, which is pinned itself", (int)len, host);
		return;
	}
}

/* Of `pin-sha256="..."; ...; max-age=N; includeSubDomains; report-uri="..."`. */
static size_t
value_length(const struct manifest_domain *d)
{
	size_t len = d->pin_count * (strlen("pin-sha256=\"\"; ") + PIN_TEXT - 1);
	len += strlen("max-age=");
	for (int64_t age = d->max_age; age >= 10; age /= 10)
		len++;
	len++;
	if (d->include_subdomains)
		len += strlen("; includeSubDomains");
	if (d->report_uri)
		len += strlen("; report-uri=\"\"") + strlen(d->report_uri);
	return len;
}

void
lintheader_nginx_value(struct lint_visit *v)
{
	size_t len = value_length(v->domain);
	if (len > NGINX_VALUE_MAX)
		lint_say(v, NULL, "a header value of %zu characters", len);
}

void
lintheader_size(struct lint_visit *v)
{
	const char *name =
		v->domain->report_only ? "Public-Key-Pins-Report-Only: " : "Public-Key-Pins: ";
	size_t len = strlen(name) + value_length(v->domain);
	if (len > HEADER_MAX)
		lint_say(v, NULL, "a header of %zu bytes", len);
}
