/* SPDX-License-Identifier: ISC */
#include "base/minisign.h"

#include "base/encode.h"
#include "base/file.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "
#define HASH_LEN 64
#define ALG_LEN 2

/* What the base64 lines hold. */
struct raw_pub {
	uint8_t alg[ALG_LEN];
	uint8_t id[MINISIGN_ID_LEN];
	uint8_t key[MINISIGN_KEY_LEN];
};
struct raw_sig {
	uint8_t alg[ALG_LEN];
	uint8_t id[MINISIGN_ID_LEN];
	uint8_t sig[MINISIGN_SIG_LEN];
};
_Static_assert(sizeof(struct raw_pub) == 42 && sizeof(struct raw_sig) == 74, "no padding");

static const uint8_t alg_key[ALG_LEN] = { 'E', 'd' }; /* also: a legacy signature */
static const uint8_t alg_prehashed[ALG_LEN] = { 'E', 'D' };

struct line {
	const char *text;
	size_t len;
};

/* One line off the front of what is left at *at, without its LF or CRLF. */
static struct line
next_line(const char **at, const char *end)
{
	const char *lf = memchr(*at, '\n', (size_t)(end - *at));
	struct line l = { *at, (size_t)((lf ? lf : end) - *at) };

	*at = lf ? lf + 1 : end;
	if (l.len > 0 && l.text[l.len - 1] == '\r')
		l.len--;
	return l;
}

/* At most `max` lines, blank ones before and after them left aside; SIZE_MAX when there are more.
 */
static size_t
split_lines(const char *text, size_t len, struct line *lines, size_t max)
{
	const char *end = text + len;
	size_t count = 0, blanks = 0;

	while (text < end) {
		struct line l = next_line(&text, end);
		if (l.len == 0) {
			blanks += count > 0;
			continue;
		}
		if (blanks > 0 || count == max)
			return SIZE_MAX;
		lines[count++] = l;
	}
	return count;
}

/* Moves the line past `prefix`; false when it does not start so. */
static bool
skip_prefix(struct line *l, const char *prefix)
{
	size_t n = strlen(prefix);

	if (l->len < n || memcmp(l->text, prefix, n) != 0)
		return false;
	l->text += n;
	l->len -= n;
	return true;
}

void
minisign_pub_encode(const struct minisign_pub *pub, char out[static MINISIGN_PUB_TEXT])
{
	struct raw_pub raw;

	memcpy(raw.alg, alg_key, sizeof(raw.alg));
	memcpy(raw.id, pub->id, sizeof(raw.id));
	memcpy(raw.key, pub->key, sizeof(raw.key));
	encode_base64(out, (const uint8_t *)&raw, sizeof(raw));
}

static void
id_text(const uint8_t id[static MINISIGN_ID_LEN], char out[static MINISIGN_ID_TEXT])
{
	for (size_t i = 0; i < MINISIGN_ID_LEN; i++)
		snprintf(out + 2 * i, 3, "%02X", id[MINISIGN_ID_LEN - 1 - i]);
}

void
minisign_pub_id(const struct minisign_pub *pub, char out[static MINISIGN_ID_TEXT])
{
	id_text(pub->id, out);
}

bool
minisign_pub_equal(const struct minisign_pub *a, const struct minisign_pub *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0 &&
	       memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

void
minisign_pub_file(const struct minisign_pub *pub, struct buf *out)
{
	char id[MINISIGN_ID_TEXT], text[MINISIGN_PUB_TEXT];

	minisign_pub_id(pub, id);
	minisign_pub_encode(pub, text);
	buf_addf(out, UNTRUSTED "minisign public key %s\n%s\n", id, text);
}

static bool
parse_pub(struct line l, struct minisign_pub *out, struct err *e)
{
	struct raw_pub raw;
	struct err why = { 0 };

	if (!encode_unbase64((uint8_t *)&raw, sizeof(raw), l.text, l.len, &why) ||
		memcmp(raw.alg, alg_key, sizeof(raw.alg)) != 0)
		return err_set(e, ERR_FORMAT,
			"not a minisign public key (56 characters of base64 that start with RW)");
	memcpy(out->id, raw.id, sizeof(out->id));
	memcpy(out->key, raw.key, sizeof(out->key));
	return true;
}

bool
minisign_pub_parse(const char *base64, struct minisign_pub *out, struct err *e)
{
	return parse_pub((struct line){ base64, strlen(base64) }, out, e);
}

bool
minisign_pub_load(const char *path_or_base64, struct minisign_pub *out, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	struct line lines[2];
	size_t count;
	struct err why = { 0 };

	/* The text first: what a key means must not depend on which files lie around. */
	if (minisign_pub_parse(path_or_base64, out, &why))
		return true;
	if (!file_read(path_or_base64, FILE_LIMIT, &text, e)) {
		if (e->code == ERR_MISSING)
			return err_hint(e, "give a minisign public key file such as vault.pub, or "
					   "its second line, which starts with RW");
		return false;
	}
	count = split_lines(text.data, text.len, lines, 2);
	if (count != 1 && (count != 2 || !skip_prefix(&lines[0], UNTRUSTED)))
		err_set(e, ERR_FORMAT, "not a minisign public key file");
	else if (parse_pub(lines[count - 1], out, e))
		return true;
	return err_wrap(e, "%s", path_or_base64);
}

/* Control characters would let a signature file drive the terminal of who looks at it. */
static bool
is_printable(const struct line *l)
{
	for (size_t i = 0; i < l->len; i++) {
		unsigned char c = (unsigned char)l->text[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool
parse_sig_line(const struct line *l, struct minisign_sig *s, struct err *e)
{
	struct raw_sig raw;
	struct err why = { 0 };

	if (!encode_unbase64((uint8_t *)&raw, sizeof(raw), l->text, l->len, &why))
		return err_set(e, ERR_FORMAT, "signature: line 2 is not a minisign signature");
	if (memcmp(raw.alg, alg_key, sizeof(raw.alg)) == 0) {
		err_set(e, ERR_FORMAT, "signature: in minisign's legacy format (not prehashed)");
		return err_hint(e, "sign again with a current minisign, without -l");
	}
	if (memcmp(raw.alg, alg_prehashed, sizeof(raw.alg)) != 0)
		return err_set(e, ERR_FORMAT, "signature: unknown algorithm");
	memcpy(s->id, raw.id, sizeof(s->id));
	memcpy(s->sig, raw.sig, sizeof(s->sig));
	return true;
}

bool
minisign_sig_parse(const char *text, size_t len, struct minisign_sig *out, struct err *e)
{
	struct line lines[4];
	struct minisign_sig s = { 0 };
	struct err why = { 0 };

	if (split_lines(text, len, lines, 4) != 4 || !skip_prefix(&lines[0], UNTRUSTED) ||
		!skip_prefix(&lines[2], TRUSTED))
		return err_set(e, ERR_FORMAT,
			"not a minisign signature: four lines, the first and third of them "
			"comments");
	if (!parse_sig_line(&lines[1], &s, e))
		return false;
	if (lines[2].len >= sizeof(s.comment))
		return err_set(e, ERR_FORMAT,
			"signature: the trusted comment is longer than %zu bytes",
			sizeof(s.comment) - 1);
	if (!is_printable(&lines[2]))
		return err_set(
			e, ERR_FORMAT, "signature: control characters in the trusted comment");
	memcpy(s.comment, lines[2].text, lines[2].len);
	if (!encode_unbase64(s.global, sizeof(s.global), lines[3].text, lines[3].len, &why))
		return err_set(
			e, ERR_FORMAT, "signature: line 4 is not the trusted comment's signature");
	*out = s;
	return true;
}

void
minisign_sig_encode(const struct minisign_sig *sig, struct buf *out)
{
	struct raw_sig raw;
	char id[MINISIGN_ID_TEXT];

	id_text(sig->id, id);
	memcpy(raw.alg, alg_prehashed, sizeof(raw.alg));
	memcpy(raw.id, sig->id, sizeof(raw.id));
	memcpy(raw.sig, sig->sig, sizeof(raw.sig));
	buf_addf(out, UNTRUSTED "signature by minisign key %s\n", id);
	encode_base64_buf(out, (const uint8_t *)&raw, sizeof(raw));
	buf_addf(out, "\n" TRUSTED "%s\n", sig->comment);
	encode_base64_buf(out, sig->global, sizeof(sig->global));
	buf_adds(out, "\n");
}

bool
minisign_verify(const struct minisign_pub *pub, const struct minisign_sig *sig, const void *data,
	size_t len, struct err *e)
{
	uint8_t hash[HASH_LEN], global[MINISIGN_SIG_LEN + MINISIGN_COMMENT_MAX];
	size_t comment_len = strnlen(sig->comment, sizeof(sig->comment));
	char signer[MINISIGN_ID_TEXT], wanted[MINISIGN_ID_TEXT];

	if (memcmp(pub->id, sig->id, sizeof(pub->id)) != 0) {
		id_text(sig->id, signer);
		id_text(pub->id, wanted);
		return err_set(e, ERR_AUTH, "signed by another key: %s, wanted %s", signer, wanted);
	}
	crypto_generichash(hash, sizeof(hash), data, len, NULL, 0);
	if (crypto_sign_verify_detached(sig->sig, hash, sizeof(hash), pub->key) != 0)
		return err_set(e, ERR_AUTH,
			"the signature does not match: altered, or not made by this key");
	memcpy(global, sig->sig, sizeof(sig->sig));
	memcpy(global + sizeof(sig->sig), sig->comment, comment_len);
	if (crypto_sign_verify_detached(
		    sig->global, global, sizeof(sig->sig) + comment_len, pub->key) != 0)
		return err_set(e, ERR_AUTH, "the trusted comment was altered after signing");
	return true;
}
