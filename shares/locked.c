/* SPDX-License-Identifier: ISC */
#include "shares/locked.h"

#include "base/encode.h"
#include "shares/fields.h"
#include "shares/sealed.h"
#include "shares/share.h"

#include <stdio.h>
#include <string.h>

/* One parameter: its name for messages and its check. */
struct parameter {
	const char *name;
	bool (*fits)(const char *text, size_t len);
};

/* A canonical decimal in [1, max]; max has at most 9 digits. */
static bool
is_number(const char *text, size_t len, unsigned long max)
{
	unsigned long n = 0;

	if (len == 0 || len > 9 || text[0] == '0')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (unsigned long)(text[i] - '0');
	}
	return n <= max;
}

static bool
is_passes(const char *text, size_t len)
{
	return is_number(text, len, 1000);
}

static bool
is_memory(const char *text, size_t len)
{
	return is_number(text, len, 4ul << 20) && (len > 1 || text[0] >= '8');
}

static bool
is_graphic(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return true;
}

static bool
is_salt(const char *text, size_t len)
{
	return len == 16 && is_graphic(text, len);
}

static bool
is_serial(const char *text, size_t len)
{
	return len > 0 && len <= 64 && is_graphic(text, len);
}

static bool
is_nonce(const char *text, size_t len)
{
	return fields_is_hex(text, len, 2 * SEALED_NONCE_LEN);
}

static bool
is_ciphertext(const char *text, size_t len)
{
	uint8_t data[SHARE_DATA_LEN + SEALED_TAG_LEN];
	struct err ignored;

	return encode_unbase64(data, sizeof(data), text, len, &ignored);
}

static const struct kind {
	const char *name;
	const char *with;
	bool named; /* by its first parameter */
	const char *advice;
	struct parameter parameters[6]; /* a NULL name ends */
} kinds[] = {
	{ "argon2id", "a passphrase", false, "its holder has to unlock it first",
		{
			{ "passes, 1 to 1000", is_passes },
			{ "memory, 8 to 4194304 KiB", is_memory },
			{ "salt, 16 ASCII characters", is_salt },
			{ "nonce, 24 hex digits", is_nonce },
			{ "ciphertext, 48 bytes in base64", is_ciphertext },
		} },
	{ "card", "the smartcard", true,
		"with that card in a reader, give the folder as dir:PATH+card:READER",
		{
			{ "serial, 1 to 64 ASCII characters", is_serial },
			{ "nonce, 24 hex digits", is_nonce },
			{ "ciphertext, 48 bytes in base64", is_ciphertext },
		} },
};

/* The next word, up to one space or the end; *at moves past both. */
static size_t
next_word(const char **at, const char *end, const char **word)
{
	const char *space = memchr(*at, ' ', (size_t)(end - *at));

	*word = *at;
	*at = space ? space + 1 : end;
	return (size_t)((space ? space : end) - *word);
}

static const struct kind *
kind_of(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, name, len) == 0)
			return &kinds[i];
	return NULL;
}

bool
locked_check(const char *text, size_t len, struct err *e)
{
	const char *at = text, *end = text + len, *word;

	if (len > LOCKED_TEXT_MAX)
		return err_set(e, ERR_FORMAT, "over %d characters", LOCKED_TEXT_MAX);
	size_t word_len = next_word(&at, end, &word);
	const struct kind *kind = kind_of(word, word_len);
	if (!kind)
		return err_set(e, ERR_FORMAT, "no known kind of lock");
	for (const struct parameter *p = kind->parameters; p->name; p++) {
		word_len = next_word(&at, end, &word);
		if (!p->fits(word, word_len))
			return err_set(e, ERR_FORMAT, "%s: %s expected", kind->name, p->name);
	}
	if (word + word_len != end)
		return err_set(e, ERR_FORMAT, "%s: nothing may follow the ciphertext", kind->name);
	return true;
}

bool
locked_is(const char *text, const char *kind)
{
	size_t len = strlen(kind);

	return strncmp(text, kind, len) == 0 && text[len] == ' ';
}

/* The text's length without its last `words` words and the spaces before them. */
static size_t
length_without(const char *text, unsigned words)
{
	size_t len = strlen(text);

	while (words-- > 0)
		while (len > 0 && text[--len] != ' ')
			;
	return len;
}

static void
copy(char *out, const char *from, size_t len)
{
	memcpy(out, from, len);
	out[len] = '\0';
}

void
locked_head(const char *text, char out[static LOCKED_TEXT_MAX])
{
	copy(out, text, length_without(text, 2));
}

void
locked_first(const char *text, char out[static LOCKED_TEXT_MAX])
{
	const char *first = text + strcspn(text, " ") + 1;

	copy(out, first, strcspn(first, " "));
}

void
locked_with(const char *text, char out[static LOCKED_WITH_MAX])
{
	const struct kind *kind = kind_of(text, strcspn(text, " "));
	char first[LOCKED_TEXT_MAX] = "";

	if (kind && kind->named)
		locked_first(text, first);
	(void)snprintf(out, LOCKED_WITH_MAX, "%s%s%s", kind ? kind->with : "an unknown lock",
		*first ? " " : "", first);
}

const char *
locked_advice(const char *text)
{
	const struct kind *kind = kind_of(text, strcspn(text, " "));

	return kind ? kind->advice : "";
}
