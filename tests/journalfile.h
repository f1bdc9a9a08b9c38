/* SPDX-License-Identifier: ISC */
/*
 * journalfile: a journal in a test's own folder, and its bytes. Failures end the test.
 */
#ifndef TESTS_JOURNALFILE_H
#define TESTS_JOURNALFILE_H

#include "vault/journal.h"

const char *journalfile_path(void **state);
void journalfile_read(void **state, struct buf *out);
void journalfile_put(void **state, const char *data, size_t len);

void journalfile_append(struct journal *j, const char *event, json_t *body);
/* Three lines. */
void journalfile_fill(void **state, struct journal *j);
/* One line by hand at the end, with a good check, so that the reader's own rules can be tried. */
void journalfile_forge(void **state, const char *prev, const char *members);

#endif
