/* SPDX-License-Identifier: ISC */
/*
 * install: a trusted manifest rendered into a folder, and switched to.
 *
 * Nothing is switched unless the rendered bytes differ from what is current; the reload command
 * runs after a switch, and the old version comes back when it fails. A reload that a killed run
 * left undone is made up for.
 */
#ifndef PINS_INSTALL_H
#define PINS_INSTALL_H

#include "pins/lint.h"
#include "pins/render.h"
#include "pins/trust.h"

struct install_wish {
	const char *to; /* the folder */
	const struct render_format *const *formats;
	size_t format_count;
	const char *domain; /* one domain of the manifest; NULL: every one */
	const char *reload; /* for sh -c; or NULL */
	bool allow_rollback;
	const char *const *forced; /* rules of lint to let pass */
	size_t forced_count;
	const char *signature; /* the file to keep beside the manifest, or NULL */
};

struct install_outcome {
	char *folder;  /* where this manifest's rendering stands */
	char *current; /* what is current now */
	bool written, switched, reloaded;
	size_t forced; /* findings of lint that were let pass */
};
#define INSTALL_OUTCOME_AUTO __attribute__((cleanup(install_outcome_free))) struct install_outcome
void install_outcome_free(struct install_outcome *o);

/*
 * ERR_REFUSED: expired, a serial below one that was installed here, what lint calls an error for a
 * format. ERR_AUTH: another manifest of a serial that is here, or a break in the vault's line.
 * ERR_BUSY: another install works on the folder. ERR_IO: the reload command failed; what was
 * current is so again.
 */
bool install(const struct trust *t, const struct install_wish *w, struct install_outcome *out,
	struct err *e) FALLIBLE;

#endif
