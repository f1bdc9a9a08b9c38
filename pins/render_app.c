/* SPDX-License-Identifier: ISC */
#include "pins/renderjob.h"

#include <ctype.h>
#include <string.h>

/* What a language puts around the calls of Builder.add. */
struct language {
	const char *name;
	const char *end; /* of a statement */
	const char *before, *after;
};

static const struct language languages[] = {
	{ "kotlin", "\n",
		"object CertificatePins {\n"
		"\tfun pinner(): CertificatePinner = CertificatePinner.Builder()\n",
		"\t\t.build()\n"
		"}\n" },
	{ "java", ";\n",
		"public final class CertificatePins {\n"
		"\tprivate CertificatePins() {\n"
		"\t}\n\n"
		"\tpublic static CertificatePinner pinner() {\n"
		"\t\treturn new CertificatePinner.Builder()\n",
		"\t\t.build();\n"
		"\t}\n"
		"}\n" },
};

static const struct language *
find_language(const char *name, struct err *e)
{
	if (!name)
		return &languages[0];
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (strcmp(languages[i].name, name) == 0)
			return &languages[i];
	err_set(e, ERR_USAGE, "--language is kotlin or java, not '%s'", name);
	return NULL;
}

static bool
check_package(const char *name, struct err *e)
{
	for (const char *p = name; p && *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '.')
			return err_set(e, ERR_USAGE, "--package: '%s' is no package's name", name);
	return true;
}

static void
add_pinned(const struct renderjob *job, const struct manifest_domain *d, const char *star,
	const char *host, struct buf *out)
{
	static const struct renderjob_style pins = { RENDERJOB_BASE64, "\t\t\t\"sha256/", "\"",
		",\n" };

	buf_addf(out, "\t\t.add(\"%s%s\",\n", star, host);
	renderjob_pins(job, d, &pins, out);
	buf_adds(out, ")\n");
}

/* "**." would cover deeper subdomains, but OkHttp 3 takes it and pins nothing. */
bool
render_app_okhttp(const struct renderjob *job, struct buf *out, struct err *e)
{
	const struct language *l = find_language(job->options->language, e);
	const char *package = job->options->package;
	struct renderjob_host h;

	if (!l || !check_package(package, e))
		return false;
	renderjob_comment(job, "// ", "", out);
	if (package)
		buf_addf(out, "package %s%s\n", package, l->end);
	buf_addf(out, "import okhttp3.CertificatePinner%s\n%s", l->end, l->before);
	for (size_t i = 0; i < job->count; i++) {
		const struct manifest_domain *d = &job->domains[i];

		for (size_t j = 0; j < d->name_count; j++) {
			if (!renderjob_host(job, d, j, &h))
				continue;
			add_pinned(job, d, "", h.name, out);
			if (d->include_subdomains && h.kind == NAME_DNS)
				add_pinned(job, d, "*.", h.name, out);
		}
	}
	buf_adds(out, l->after);
	return true;
}

/* DomainOptions of react-native-ssl-public-key-pinning. */
static json_t *
react_native_options(const struct renderjob *job, const struct manifest_domain *d)
{
	char date[RENDERJOB_DATE];

	renderjob_date(job->m, date);
	return json_pack("{s:b, s:o, s:s*}", "includeSubdomains", d->include_subdomains,
		"publicKeyHashes", renderjob_json_pins(job, d), "expirationDate",
		date[0] ? date : NULL);
}

bool
render_app_react_native(const struct renderjob *job, struct buf *out, struct err *e)
{
	JSON_AUTO all = json_object();
	struct renderjob_host h;

	for (size_t i = 0; i < job->count; i++)
		for (size_t j = 0; j < job->domains[i].name_count; j++) {
			if (!renderjob_host(job, &job->domains[i], j, &h))
				continue;
			if (json_object_set_new(
				    all, h.name, react_native_options(job, &job->domains[i])) != 0)
				return err_set(e, ERR_MEMORY, "out of memory");
		}
	return json_write(all, true, out, e);
}
