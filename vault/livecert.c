/* SPDX-License-Identifier: ISC */
#include "vault/livecert.h"

#include <openssl/x509v3.h>
#include <string.h>

#define FLAGS (X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)

bool
livecert_covers(const struct pubfile_item *certificate, const char *name)
{
	if (strncmp(name, "IP:", 3) == 0)
		return X509_check_ip_asc(certificate->certificate, name + 3, 0) == 1;
	return X509_check_host(certificate->certificate, name, strlen(name), FLAGS, NULL) == 1;
}
