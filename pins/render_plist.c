/* SPDX-License-Identifier: ISC */
#include "pins/plist.h"
#include "pins/renderjob.h"

#define PROLOGUE                                                                                   \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                             \
	"<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "                                  \
	"\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"

static bool
has_role(const struct manifest_domain *d, bool ca)
{
	for (size_t i = 0; i < d->pin_count; i++)
		if ((d->pins[i].role == ROLE_CA) == ca)
			return true;
	return false;
}

/* Apple's documentation of NSPinnedLeafIdentities and NSPinnedCAIdentities. */
static void
add_identities(const struct manifest_domain *d, const char *key, bool ca, struct plist *p)
{
	char base64[PIN_TEXT];

	if (!has_role(d, ca))
		return;
	plist_open(p, key, "array");
	for (size_t i = 0; i < d->pin_count; i++) {
		if ((d->pins[i].role == ROLE_CA) != ca)
			continue;
		pin_encode(&d->pins[i].pin, base64);
		plist_open(p, NULL, "dict");
		plist_string(p, "SPKI-SHA256-BASE64", base64);
		plist_close(p, "dict");
	}
	plist_close(p, "array");
}

static void
add_ios(const struct renderjob *job, const struct manifest_domain *d, const char *host,
	struct plist *p)
{
	(void)job;
	plist_open(p, host, "dict");
	plist_bool(p, "NSIncludesSubdomains", d->include_subdomains);
	add_identities(d, "NSPinnedLeafIdentities", false, p);
	add_identities(d, "NSPinnedCAIdentities", true, p);
	plist_close(p, "dict");
}

/* TrustKit's TSKTrustKitConfig.h. Its own default report server is never told anything. */
static void
add_trustkit(const struct renderjob *job, const struct manifest_domain *d, const char *host,
	struct plist *p)
{
	char base64[PIN_TEXT], date[RENDERJOB_DATE];

	plist_open(p, host, "dict");
	plist_bool(p, "TSKIncludeSubdomains", d->include_subdomains);
	plist_bool(p, "TSKEnforcePinning", !renderjob_reports_only(job, d));
	plist_open(p, "TSKPublicKeyHashes", "array");
	for (size_t i = 0; i < d->pin_count; i++) {
		pin_encode(&d->pins[i].pin, base64);
		plist_string(p, NULL, base64);
	}
	plist_close(p, "array");
	plist_bool(p, "TSKDisableDefaultReportUri", true);
	if (d->report_uri) {
		plist_open(p, "TSKReportUris", "array");
		plist_string(p, NULL, d->report_uri);
		plist_close(p, "array");
	}
	renderjob_date(job->m, date);
	if (date[0])
		plist_string(p, "TSKExpirationDate", date);
	plist_close(p, "dict");
}

static void
add_hosts(const struct renderjob *job, struct plist *p,
	void (*add)(const struct renderjob *, const struct manifest_domain *, const char *,
		struct plist *))
{
	struct renderjob_host h;

	for (size_t i = 0; i < job->count; i++)
		for (size_t j = 0; j < job->domains[i].name_count; j++)
			if (renderjob_host(job, &job->domains[i], j, &h))
				add(job, &job->domains[i], h.name, p);
}

bool
render_plist_ios(const struct renderjob *job, struct buf *out, struct err *e)
{
	struct plist p;

	(void)e;
	buf_adds(out, PROLOGUE);
	renderjob_comment_xml(job, out);
	p = plist_start(out);
	plist_open(&p, "NSAppTransportSecurity", "dict");
	plist_open(&p, "NSPinnedDomains", "dict");
	add_hosts(job, &p, add_ios);
	plist_close(&p, "dict");
	plist_close(&p, "dict");
	plist_end(&p);
	return true;
}

bool
render_plist_trustkit(const struct renderjob *job, struct buf *out, struct err *e)
{
	struct plist p;

	(void)e;
	buf_adds(out, PROLOGUE);
	renderjob_comment_xml(job, out);
	p = plist_start(out);
	plist_open(&p, "TSKConfiguration", "dict");
	/* As TrustKit's own guide: the app calls the validator from its URLSession delegate. */
	plist_bool(&p, "TSKSwizzleNetworkDelegates", false);
	plist_open(&p, "TSKPinnedDomains", "dict");
	add_hosts(job, &p, add_trustkit);
	plist_close(&p, "dict");
	plist_close(&p, "dict");
	plist_end(&p);
	return true;
}
