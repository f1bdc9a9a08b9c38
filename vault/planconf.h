/* SPDX-License-Identifier: ISC */
/*
 * planconf: a plan's settings as libconfuse has parsed them; the only file that calls it.
 *
 * Known settings of the right kind, none twice, the required ones all there; what they say is not
 * looked at. Settings are named by section (0: in none; else as planstrict.h counts) and name.
 * Errors are ERR_FORMAT and begin with "PATH:LINE: ".
 */
#ifndef VAULT_PLANCONF_H
#define VAULT_PLANCONF_H

#include "vault/planstrict.h"

#include <stdint.h>

struct planconf {
	const char *path; /* borrowed */
	struct planstrict strict;
	void *cfg;
};
#define PLANCONF_AUTO __attribute__((cleanup(planconf_free))) struct planconf
void planconf_free(struct planconf *c);

bool planconf_parse(
	const char *path, const struct buf *text, struct planconf *out, struct err *e) FALLIBLE;

bool planconf_has(const struct planconf *c, unsigned section, const char *option);
size_t planconf_sections(const struct planconf *c, const char *name); /* how many of that name */

/* Of a setting that is there and of that kind. Texts are borrowed. */
const char *planconf_text(const struct planconf *c, unsigned section, const char *option);
long planconf_number(const struct planconf *c, unsigned section, const char *option);
size_t planconf_count(const struct planconf *c, unsigned section, const char *option);
const char *planconf_nth(const struct planconf *c, unsigned section, const char *option, size_t i);
/* -1 when it is not there. */
int planconf_flag(const struct planconf *c, unsigned section, const char *option);

/* Puts where the setting stands (`option` NULL: the section) before an err that is set, and makes
 * it ERR_FORMAT unless it is ERR_MEMORY. Always false. */
bool planconf_at(const struct planconf *c, unsigned section, const char *option, struct err *e);

#endif
