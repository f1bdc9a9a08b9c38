/* SPDX-License-Identifier: ISC */
/*
 * installdir: the folder that install writes to: a folder for each version, and one symlink.
 *
 *	DIR/3/            what manifest 3 rendered to, and the manifest itself with its signature
 *	DIR/4/
 *	DIR/4.1/          manifest 4 again, rendered otherwise (other formats)
 *	DIR/current -> 4.1
 *
 * A folder gets its name when it is whole and on disk, and is never changed afterwards; the symlink
 * is replaced by rename(2). So `current` is whole at every moment. Old folders stay.
 */
#ifndef PINS_INSTALLDIR_H
#define PINS_INSTALLDIR_H

#include "base/file.h"

#include <stdint.h>

#define INSTALLDIR_MANIFEST "pins.json"
#define INSTALLDIR_SIGNATURE "pins.json.minisig"

struct installdir_file {
	char *path; /* below the version's folder: "NAME" or "DOMAIN/NAME" */
	struct buf text;
};
struct installdir_files {
	struct installdir_file *list;
	size_t count;
};
#define INSTALLDIR_FILES_AUTO                                                                      \
	__attribute__((cleanup(installdir_files_free))) struct installdir_files
void installdir_files_free(struct installdir_files *f);
/* Takes the text over. */
bool installdir_files_add(
	struct installdir_files *f, const char *path, struct buf *text, struct err *e) FALLIBLE;

struct installdir {
	const char *path; /* borrowed */
	int lock;
	struct file_list names;
	int64_t highest;     /* of all serials that were ever installed here; 0: none */
	const char *current; /* the folder that the symlink names, borrowed from it; or NULL */
	char *target;
	bool reload_due; /* a reload was due and nothing tells that it was done */
};
#define INSTALLDIR_AUTO __attribute__((cleanup(installdir_close))) struct installdir
void installdir_close(struct installdir *d);

/* Makes the folder when it is not there, locks it (ERR_BUSY), clears what a killed run left, looks
 * around. ERR_EXISTS when `current` is not a symlink of ours. */
bool installdir_open(const char *path, struct installdir *out, struct err *e) FALLIBLE;

/* The serial of a version's folder, 0 for any other name. */
int64_t installdir_serial(const char *name);

/* Whether the folder `name` holds these files, and besides them nothing but its manifest. */
bool installdir_holds(const struct installdir *d, const char *name,
	const struct installdir_files *files, bool *out, struct err *e) FALLIBLE;

/* Writes a new version of `serial`; its name, malloc'd, goes to *name. */
bool installdir_write(const struct installdir *d, int64_t serial,
	const struct installdir_files *files, char **name, struct err *e) FALLIBLE;

/* Points `current` at the folder `name`; NULL takes it away. */
bool installdir_switch(const struct installdir *d, const char *name, struct err *e) FALLIBLE;

/* Notes on disk that a reload is due, or no more. */
bool installdir_set_due(const struct installdir *d, bool due, struct err *e) FALLIBLE;

#endif
