/* SPDX-License-Identifier: ISC */
#include "base/place.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* *out stays NULL when not even the parent is there. */
static bool
canonical(const char *path, char **out, struct err *e)
{
	AUTO_STR parent = NULL;
	AUTO_STR real = NULL;
	AUTO_STR trimmed = strdup(path);
	char *slash;

	*out = realpath(path, NULL);
	if (*out)
		return true;
	if (!trimmed || errno == ENOMEM)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t n = strlen(trimmed); n > 1 && trimmed[n - 1] == '/'; n--)
		trimmed[n - 1] = '\0';
	slash = strrchr(trimmed, '/');
	if (!file_parent(trimmed, &parent, e))
		return false;
	real = realpath(parent, NULL);
	if (!real)
		return true;
	return file_path(
		out, e, "%s/%s", strcmp(real, "/") == 0 ? "" : real, slash ? slash + 1 : trimmed);
}

bool
place_inside(const char *path, const char *dir, bool *out, struct err *e)
{
	AUTO_STR p = NULL;
	AUTO_STR d = NULL;
	size_t n;

	if (!canonical(path, &p, e) || !canonical(dir, &d, e))
		return false;
	n = d ? strlen(d) : 0;
	if (d && strcmp(d, "/") == 0)
		n = 0;
	*out = p && d && strncmp(p, d, n) == 0 && (p[n] == '/' || p[n] == '\0');
	return true;
}
