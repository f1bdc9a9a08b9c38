/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/json.h"
#include "base/term.h"
#include "pins/alg.h"
#include "pins/pubfile.h"
#include "vault/cmd.h"
#include "vault/guard.h"
#include "vault/harden.h"
#include "vault/privkey.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STDIN_NAME "-"

static const struct opt_spec options[] = {
	{ "input-passphrase-fd", OPT_ONE, "N",
		"read the passphrases of private keys from here, one line each" },
	{ 0 },
};

static bool
read_stdin(struct secret *out, struct err *e)
{
	SECRET_AUTO data = SECRET_NONE;
	size_t len = 0;
	ssize_t n;

	if (!secret_new(&data, FILE_LIMIT + 1, e))
		return false;
	while (len < data.len && (n = read(STDIN_FILENO, data.data + len, data.len - len)) != 0) {
		if (n < 0 && errno != EINTR)
			return err_errno(e, "reading standard input");
		len += n > 0 ? (size_t)n : 0;
	}
	if (len > FILE_LIMIT)
		return err_set(e, ERR_FORMAT, "standard input has more than %zu bytes", FILE_LIMIT);
	secret_shorten(&data, len);
	secret_move(out, &data);
	return true;
}

/* `subject` may be NULL. */
static bool
add_row(json_t *pins, const char *file, const char *kind, const struct pin *pin,
	const char *algorithm, const char *subject, struct err *e)
{
	char text[PIN_TEXT], hex[PIN_HEX];

	pin_encode(pin, text);
	pin_encode_hex(pin, hex);
	json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?}", "file", file, "kind", kind,
		"pin", text, "hex", hex, "algorithm", algorithm, "subject", subject);
	if (!row)
		return err_set(e, ERR_FORMAT, "its name is not UTF-8");
	return json_array_append_new(pins, row) == 0 || err_set(e, ERR_MEMORY, "out of memory");
}

/* Only here it turns out that this is a secret's business: what main.c demands before a command
 * that is one for sure is demanded now. */
static bool
add_private(const struct opts *o, const char *name, const struct secret *file, json_t *pins,
	struct err *e)
{
	AUTO_EVP_PKEY key = NULL;
	struct pin pin;
	char algorithm[64];

	if (!harden_for_secret(opt_flag(o, "allow-swap"), e) || !guard_offline(cmd_online(o), e) ||
		!privkey_parse(file, cmd_input_passphrase, (void *)(uintptr_t)o, &key, e) ||
		!pin_of_key(key, &pin, e))
		return false;
	alg_describe(key, algorithm, sizeof(algorithm));
	return add_row(pins, name, "private key", &pin, algorithm, NULL, e);
}

static bool
add_contents(const struct opts *o, const char *name, const struct secret *file, json_t *pins,
	struct err *e)
{
	PUBFILE_AUTO found = { 0 };

	if (!pubfile_parse(file->data, file->len, &found, e))
		return false;
	if (found.private_keys > 1)
		return err_set(e, ERR_FORMAT, "it holds %zu private keys: give each a file",
			found.private_keys);
	for (size_t i = 0; i < found.count; i++) {
		const struct pubfile_item *item = &found.items[i];
		if (!add_row(pins, name, pubfile_kind_name(item->kind), &item->pin, item->algorithm,
			    item->subject, e))
			return false;
	}
	return found.private_keys == 0 || add_private(o, name, file, pins, e);
}

static bool
add_file(const struct opts *o, const char *name, json_t *pins, struct err *e)
{
	SECRET_AUTO file = SECRET_NONE;
	bool from_stdin = strcmp(name, STDIN_NAME) == 0;

	if (!(from_stdin ? read_stdin(&file, e) : file_read_secret(name, FILE_LIMIT, &file, e)))
		return false;
	return add_contents(o, name, &file, pins, e) ||
	       err_wrap(e, "%s", from_stdin ? "standard input" : name);
}

static const char *
member(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "-";
}

static void
print_table(const json_t *pins)
{
	size_t i;
	json_t *row;

	json_array_foreach(pins, i, row)
	{
		char subject[512], file[512];
		printf("%s  %-11s  %-9s  %s  %s\n", member(row, "pin"), member(row, "kind"),
			member(row, "algorithm"),
			term_safe(subject, sizeof(subject), member(row, "subject")),
			term_safe(file, sizeof(file), member(row, "file")));
	}
}

static bool
add_files(const struct opts *o, json_t *pins, struct err *e)
{
	static const char *const piped[] = { STDIN_NAME };
	const char *const *names = o->operand_count > 0 ? o->operands : piped;
	size_t count = o->operand_count > 0 ? o->operand_count : 1;

	if (o->operand_count == 0 && isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "which file?");
	for (size_t i = 0; i < count; i++)
		if (!add_file(o, names[i], pins, e))
			return false;
	return true;
}

static bool
run(const struct opts *o, struct err *e)
{
	JSON_AUTO doc = json_object();
	json_t *pins = json_array();

	if (json_object_set_new(doc, "pins", pins) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!add_files(o, pins, e))
		return false;
	if (cmd_json(o))
		return json_print(doc, e);
	print_table(pins);
	return true;
}

const struct command cmd_pin = {
	.name = "pin",
	.operands = "[FILE]...",
	.min = 0,
	.max = -1,
	.summary = "show the pins of keys, CSRs, certificates and chains",
	.detail = "PEM or DER; of a chain, every certificate's. Without a FILE, or for -, "
		  "standard input is read. Only a file that holds a private key wants the machine "
		  "offline.",
	.options = options,
	.run = run,
};
