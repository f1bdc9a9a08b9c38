/* SPDX-License-Identifier: ISC */
#include "vault/attaching.h"

#include "base/file.h"

#include <stdlib.h>

/* On disk first: the line that names the file is what makes it part of the vault. */
static bool
write_chain(struct store *s, const struct state_key *key, const struct issued *issued,
	const char *path, json_t *files, struct err *e)
{
	FILEBATCH_AUTO batch = NULL;
	BUF_AUTO pem = BUF_NONE;

	if (json_object_get(s->state.files, path))
		return err_set(e, ERR_EXISTS, "the certificate %s is attached to %s already",
			issued->serial, key->id);
	if (!issued_encode(issued, &pem, e) || !filebatch_new(&batch, e) ||
		!store_add_file(s, batch, files, path, 0644, pem.data, pem.len, e) ||
		!filebatch_sync(batch, e))
		return false;
	filebatch_keep(batch);
	return true;
}

static json_t *
describe(const struct state_key *key, const struct state_domain *domain,
	const struct issued *issued, json_t *files)
{
	json_t *names = json_array();

	for (size_t n = 0; n < domain->name_count; n++)
		json_array_append_new(names, json_string(domain->names[n]));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:i, s:O}", "key", key->id, "serial",
		issued->serial, "subject", issued->chain[0]->subject, "issuer",
		issued->chain[0]->issuer, "not_before", json_time(issued->not_before), "not_after",
		json_time(issued->not_after), "names", names, "chain", (int)issued->count, "files",
		files);
}

bool
attaching_run(struct store *s, const struct state_key *key, const struct state_domain *domain,
	const struct issued *issued, char **path, json_t **line, struct err *e)
{
	AUTO_STR relative = NULL;
	JSON_AUTO files = json_object();
	JSON_AUTO body = NULL;

	if (!file_path(&relative, e, "keys/%s/certificate-%s.pem", key->id, issued->serial) ||
		!write_chain(s, key, issued, relative, files, e))
		return false;
	body = describe(key, domain, issued, files);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!store_append(s, "attach", json_deep_copy(body), e))
		return false;
	if (path) {
		*path = relative;
		relative = NULL;
	}
	if (line)
		*line = json_incref(body);
	return true;
}
