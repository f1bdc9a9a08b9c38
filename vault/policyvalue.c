/* SPDX-License-Identifier: ISC */
#include "vault/policyvalue.h"

#include <string.h>

/* RFC 3986 section 2. */
#define URI_CHARACTERS                                                                             \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&()*+,;=%"

bool
policyvalue_note(const char *text, struct err *e)
{
	if (strlen(text) <= POLICYVALUE_NOTE_MAX)
		return true;
	return err_set(e, ERR_USAGE, "the text has more than %d bytes", POLICYVALUE_NOTE_MAX);
}

bool
policyvalue_uri(const char *uri, struct err *e)
{
	size_t scheme = strncmp(uri, "https://", 8) == 0  ? 8
			: strncmp(uri, "http://", 7) == 0 ? 7
							  : 0;
	size_t len = strlen(uri);

	if (scheme > 0 && len > scheme && len <= POLICYVALUE_URI_MAX &&
		strspn(uri, URI_CHARACTERS) == len)
		return true;
	err_set(e, ERR_USAGE, "%s: expected an https:// or http:// address", uri);
	return err_hint(
		e, "at most %d characters, those of RFC 3986; others as %%XX", POLICYVALUE_URI_MAX);
}
