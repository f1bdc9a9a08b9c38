/* SPDX-License-Identifier: ISC */
#include "base/digest.h"

#include "base/encode.h"
#include "base/words.h"

#include <stdio.h>
#include <string.h>

#define ROW_LEN (ENCODE_HASH_LEN / DIGEST_ROWS)

static bool
fill_row(const uint8_t *bytes, const char *hex, struct digest_row *out, struct err *e)
{
	BUF_AUTO words = BUF_NONE;

	words_encode(bytes, ROW_LEN, &words);
	if (!buf_ok(&words, e))
		return false;
	snprintf(out->hex, sizeof out->hex, "%.4s %.4s", hex, hex + 4);
	snprintf(out->words, sizeof out->words, "%s", words.data);
	return true;
}

bool
digest_rows(const char *hex, struct digest_row out[static DIGEST_ROWS], struct err *e)
{
	uint8_t bytes[ENCODE_HASH_LEN];

	if (!encode_unhex(bytes, sizeof bytes, hex, strlen(hex), e))
		return err_wrap(e, "a digest");
	for (size_t i = 0; i < DIGEST_ROWS; i++)
		if (!fill_row(bytes + i * ROW_LEN, hex + 2 * i * ROW_LEN, &out[i], e))
			return false;
	return true;
}

bool
digest_text(const char *hex, const char *indent, struct buf *out, struct err *e)
{
	struct digest_row rows[DIGEST_ROWS];

	if (!digest_rows(hex, rows, e))
		return false;
	for (size_t i = 0; i < DIGEST_ROWS; i++)
		buf_addf(out, "%s%s  %s\n", indent, rows[i].hex, rows[i].words);
	return true;
}

bool
digest_words(const char *hex, struct buf *out, struct err *e)
{
	uint8_t bytes[ENCODE_HASH_LEN];

	if (!encode_unhex(bytes, sizeof bytes, hex, strlen(hex), e))
		return err_wrap(e, "a digest");
	words_encode(bytes, sizeof bytes, out);
	return true;
}
