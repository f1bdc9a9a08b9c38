/* SPDX-License-Identifier: ISC */
#include "hsm/readernames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
readernames_free(struct readernames *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->names[i]);
	free(n->names);
	*n = (struct readernames){ 0 };
}

bool
readernames_split(const char *multi, struct readernames *out, struct err *e)
{
	READERNAMES_AUTO n = { 0 };
	size_t count = 0;

	for (const char *at = multi; *at; at += strlen(at) + 1)
		count++;
	n.names = calloc(count + 1, sizeof(*n.names));
	if (!n.names)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (const char *at = multi; *at; at += strlen(at) + 1) {
		n.names[n.count] = strdup(at);
		if (!n.names[n.count++])
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	*out = n;
	n = (struct readernames){ 0 };
	return true;
}

static bool
unknown_reader(const struct readernames *n, const char *wanted, bool several, struct err *e)
{
	char names[400] = "";
	size_t used = 0;

	if (n->count == 0)
		return err_set(e, ERR_DEVICE, "there is no reader") || err_hint(e, "plug it in");
	for (size_t i = 0; i < n->count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%zu: %s",
			i ? "; " : "", i, n->names[i]);
	err_set(e, several ? ERR_USAGE : ERR_DEVICE, "%s reader is called \"%s\"",
		several ? "more than one" : "no", wanted);
	return err_hint(e, "there are %s", names);
}

bool
readernames_find(const struct readernames *n, const char *wanted, const char **out, struct err *e)
{
	const char *found = NULL;
	char *end;

	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->names[i], wanted) == 0) {
			*out = n->names[i];
			return true;
		}
	unsigned long number = strtoul(wanted, &end, 10);
	if (*wanted >= '0' && *wanted <= '9' && *end == '\0' && number < n->count) {
		*out = n->names[number];
		return true;
	}
	for (size_t i = 0; i < n->count; i++) {
		if (!strstr(n->names[i], wanted))
			continue;
		if (found)
			return unknown_reader(n, wanted, true, e);
		found = n->names[i];
	}
	if (!found)
		return unknown_reader(n, wanted, false, e);
	*out = found;
	return true;
}
