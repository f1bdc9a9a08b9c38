/* SPDX-License-Identifier: ISC */
#include "vault/doctor.h"

#include <jansson.h>
#include <link.h>
#include <openssl/crypto.h>
#include <seccomp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GFSHARE "libgfshare.so."

/* libgfshare cannot be asked; the file that the dynamic linker loaded carries its version. */
static int
find_gfshare(struct dl_phdr_info *info, size_t size, void *version)
{
	const char *at = strstr(info->dlpi_name, GFSHARE);

	(void)size;
	if (!at)
		return 0;
	char *path = realpath(info->dlpi_name, NULL);
	if (path && (at = strstr(path, GFSHARE)))
		snprintf(version, 16, "%s", at + strlen(GFSHARE));
	free(path);
	return 1;
}

/* The versions that run, not those that were compiled against. */
void
doctor_libraries(const struct doctor_subject *s, struct doctor_finding *out)
{
	const struct scmp_version *seccomp = seccomp_version();
	char gfshare[16] = "(unknown)";

	(void)s;
	dl_iterate_phdr(find_gfshare, gfshare);
	doctor_tell(out, DOCTOR_INFO,
		"OpenSSL %s, libsodium %s, libgfshare %s, jansson %s, libseccomp %u.%u.%u",
		OpenSSL_version(OPENSSL_VERSION_STRING), sodium_version_string(), gfshare,
		jansson_version_str(), seccomp->major, seccomp->minor, seccomp->micro);
}
