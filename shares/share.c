/* SPDX-License-Identifier: ISC */
#include "shares/share.h"

#include "base/encode.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-"

void
share_free(struct share *s)
{
	secret_free(&s->data);
	free(s->locked);
	sealed_free(&s->sealed);
	*s = (struct share){ 0 };
}

void
share_move(struct share *to, struct share *from)
{
	if (to == from)
		return;
	share_free(to);
	*to = *from;
	*from = (struct share){ 0 };
}

bool
share_name_check(const char *what, const char *name, struct err *e)
{
	size_t len = strlen(name);

	if (len == 0 || len > SHARE_NAME_MAX || strspn(name, NAME_CHARACTERS) != len ||
		name[0] == ' ' || name[len - 1] == ' ') {
		err_set(e, ERR_USAGE, "%s \"%s\" cannot be used", what, name);
		return err_hint(e, "1 to %d of the characters A-Z a-z 0-9 . _ - and inner spaces",
			SHARE_NAME_MAX);
	}
	return true;
}

bool
share_counts_check(long threshold, long shares, struct err *e)
{
	if (threshold >= SHARE_THRESHOLD_MIN && threshold <= shares && shares <= SHARE_COUNT_MAX)
		return true;
	err_set(e, ERR_USAGE, "no splitting needs %ld of %ld shares", threshold, shares);
	return err_hint(e,
		"the threshold is at least %d and at most the number of shares, of which "
		"there are at most %d",
		SHARE_THRESHOLD_MIN, SHARE_COUNT_MAX);
}

void
share_commitment(const uint8_t data[static SHARE_DATA_LEN], char out[static SHARE_HASH_TEXT])
{
	encode_hash_hex(out, data, SHARE_DATA_LEN);
}

static bool
signature_verify(const struct share *s, struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	share_signed_text(s, &text);
	if (!buf_ok(&text, e))
		return false;
	if (crypto_sign_verify_detached(
		    s->signature, (const uint8_t *)text.data, text.len, s->vault_key.key) != 0) {
		err_set(e, ERR_AUTH, "the signature does not fit: the share was altered");
		return err_hint(e,
			"ask %s for the original; a typed share: compare it line by line",
			s->custodian);
	}
	return true;
}

static bool
payload_verify(const struct share *s, struct err *e)
{
	char commitment[SHARE_HASH_TEXT];

	if (s->locked)
		return true;
	if (s->data.len != SHARE_DATA_LEN)
		return err_set(e, ERR_INTERNAL, "a share without its payload");
	share_commitment(s->data.data, commitment);
	if (strcmp(commitment, s->commitment) != 0) {
		err_set(e, ERR_AUTH,
			"\"data:\" does not fit its signed commitment: it was altered");
		return err_hint(e, "compare that line with the original");
	}
	return true;
}

static bool
sealed_verify(const struct share *s, struct err *e)
{
	char hash[SHARE_HASH_TEXT];

	if (!s->carries_sealed)
		return true;
	if (!sealed_hash(&s->sealed, hash, e))
		return false;
	if (strcmp(hash, s->sealed_hash) != 0) {
		err_set(e, ERR_AUTH, "its sealed key does not fit its signed hash: it was altered");
		return err_hint(e,
			"without the lines \"sealed-nonce:\" and \"sealed-data:\" the rest "
			"of this share may still be good");
	}
	return true;
}

bool
share_verify(const struct share *s, const struct minisign_pub *anchor, struct err *e)
{
	if (!minisign_pub_equal(&s->vault_key, anchor)) {
		char theirs[MINISIGN_ID_TEXT], ours[MINISIGN_ID_TEXT];
		minisign_pub_id(&s->vault_key, theirs);
		minisign_pub_id(anchor, ours);
		err_set(e, ERR_AUTH,
			"a share of another vault: \"%s\", vault key %s; the key to trust is %s",
			s->vault, theirs, ours);
		return err_hint(e, "bring shares of the right vault; if the names agree, it may be "
				   "a forgery");
	}
	return signature_verify(s, e) && payload_verify(s, e) && sealed_verify(s, e);
}

/* `want` as the 32 bytes of a pin, if it is one in base64 or hex, of either case. */
static bool
want_is_pin(const char *want, uint8_t hash[static 32])
{
	char lower[65] = "";
	struct err ignored;

	for (size_t i = 0; i < sizeof(lower) - 1 && want[i]; i++)
		lower[i] = (char)tolower((unsigned char)want[i]);
	return encode_unbase64(hash, 32, want, strlen(want), &ignored) ||
	       (strlen(want) == 64 && encode_unhex(hash, 32, lower, 64, &ignored));
}

bool
share_is_signing_key(const char *key)
{
	size_t len = strlen(SHARE_SIGNING_KEY);

	if (strncmp(key, SHARE_SIGNING_KEY, len) != 0)
		return false;
	return key[len] == '\0' ||
	       (key[len] == '-' && key[len + 1] >= '1' && key[len + 1] <= '9' &&
		       key[len + 1 + strspn(key + len + 1, "0123456789")] == '\0');
}

bool
share_is_wanted(const char *want, const char *key, const char *pin)
{
	size_t key_len = strlen(key);
	char base64[SEALED_PIN_TEXT], hex[ENCODE_HEX_SIZE(4)];
	uint8_t hash[32];

	if (share_is_signing_key(want)) /* a whole id, not the beginning of its successor's */
		return strcmp(key, want) == 0;
	if (strncmp(key, want, strlen(want)) == 0)
		return true;
	if (!want_is_pin(want, hash))
		return false;
	encode_base64(base64, hash, sizeof(hash));
	encode_hex(hex, hash, 4);
	if (pin)
		return strcmp(pin, base64) == 0;
	return share_is_signing_key(key) || (key_len > 8 && strcmp(key + key_len - 8, hex) == 0);
}

bool
share_file_name(const struct share *s, char **out, struct err *e)
{
	char *name;

	if (asprintf(&name, "%s.%s.%03u.share", s->key, s->set, s->number) < 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = name;
	return true;
}
