/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "vault/intake.h"
#include "vault/privkey.h"

static const struct opt_spec options[] = {
	INTAKE_DOMAIN,
	INTAKE_SAN,
	INTAKE_SUBJECT,
	{ "input-passphrase-fd", OPT_ONE, "N", "read the key file's passphrase from here" },
	INTAKE_CUSTODIAN,
	INTAKE_DETACHED,
	{ 0 },
};

static bool
load_key(const struct opts *o, const char *path, EVP_PKEY **out, struct err *e)
{
	SECRET_AUTO file = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;

	if (!file_read_secret(path, FILE_LIMIT, &file, e) ||
		!privkey_parse(&file, cmd_input_passphrase, (void *)(uintptr_t)o, &key, e) ||
		!privkey_check(key, NULL, e))
		return err_wrap(e, "%s", path);
	*out = key;
	key = NULL;
	return true;
}

static bool
run(const struct opts *o, struct err *e)
{
	INTAKE_AUTO in = { 0 };
	AUTO_EVP_PKEY key = NULL;
	SECRET_AUTO payloads = SECRET_NONE;
	struct spare spare = { 0 };
	struct spare_recipe recipe;
	bool ok;

	if (!load_key(o, o->operands[0], &key, e) || !intake_open(o, &in, e) ||
		!secret_new(&payloads, in.holders.count * SHARE_DATA_LEN, e))
		return false;
	recipe = intake_recipe(&in, NULL, ORIGIN_IMPORTED);
	if (!spare_from_key(&recipe, key, in.entropy, payloads.data, &spare, e))
		return false;
	ok = intake_finish(o, &in, "import", &spare, 1, e);
	spare_free(&spare);
	return ok;
}

const struct command cmd_import = {
	.name = "import",
	.operands = "--domain D KEYFILE",
	.min = 1,
	.max = 1,
	.summary = "take an existing private key in, as generate does",
	.detail = "PEM or DER, encrypted or not. The key's origin stays \"imported\" for good: "
		  "where it was before, nobody can prove. Destroy the file yourself afterwards.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
