/* SPDX-License-Identifier: ISC */
#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

#define NAME_MAX_LEN 40 /* names of commands and options are far shorter */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment distance. rows[i % 3][j]: from the first i bytes of a to the first j
 * of b. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NAME_MAX_LEN + 1];

	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *up = rows[(i + 2) % 3], *upper = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = least(
				least(row[j - 1], up[j]) + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], upper[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

void
nearest_offer(struct nearest *n, const char *name)
{
	size_t word_len = strlen(n->word), name_len = strlen(name), d;
	bool begins;

	if (word_len == 0 || word_len > NAME_MAX_LEN || name_len > NAME_MAX_LEN)
		return;
	begins = strncmp(n->word, name, word_len) == 0;
	d = begins ? name_len > word_len : distance(n->word, word_len, name, name_len);
	if (!begins && d > (word_len + 2) / 3)
		return;
	if (!n->name || d < n->distance) {
		n->name = name;
		n->distance = d;
	}
}
