/* SPDX-License-Identifier: ISC */
#include "tests/support_manifest.h"

#include "base/encode.h"
#include "tests/support.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

const char *
support_pin_text(unsigned number)
{
	static char text[PIN_TEXT];
	uint8_t hash[SHA256_DIGEST_LENGTH];
	char digits[16];
	int len = snprintf(digits, sizeof digits, "%u", number);

	SHA256((const uint8_t *)digits, (size_t)len, hash);
	encode_base64(text, hash, sizeof hash);
	return text;
}

json_t *
support_pin_new(unsigned number, const char *role)
{
	bool active = strcmp(role, "active") == 0;
	json_t *pin = json_pack("{s:s, s:s, s:s, s:s, s:n, s:s, s:n, s:b, s:s, s:s}", "pin",
		support_pin_text(number), "role", role, "state", active ? "active" : "standby",
		"origin", "offline", "ca", "algorithm", "ec:p256", "key", "released", 0, "deployed",
		"2026-09-01T00:00:00Z", "ready", "2026-10-31T00:00:00Z");

	assert_non_null(pin);
	return pin;
}

json_t *
support_manifest(void)
{
	json_t *m = json_pack("{s:s, s:{s:s, s:s}, s:i, s:s, s:s, s:b, s:s, s:{s:i, s:s},"
			      "s:[{s:s, s:[s, s], s:b, s:i, s:b, s:n, s:[o, o, o]}]}",
		"format", MANIFEST_FORMAT, "vault", "name", "Example Ops", "key", SUPPORT_VAULT_KEY,
		"serial", 3, "created", SUPPORT_CREATED, "valid_until", "2027-11-22T10:00:00Z",
		"offline", 1, "previous",
		"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9", "journal",
		"entries", 17, "head",
		"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b", "domains",
		"domain", "example.org", "names", "example.org", "www.example.org",
		"include_subdomains", 0, "max_age", 5184000, "report_only", 0, "report_uri", "pins",
		support_pin_new(1, "active"), support_pin_new(2, "backup"),
		support_pin_new(3, "backup"));

	assert_non_null(m);
	return m;
}

json_t *
support_domain(json_t *manifest, size_t i)
{
	json_t *domain = json_array_get(json_object_get(manifest, "domains"), i);

	assert_non_null(domain);
	return domain;
}

json_t *
support_pin(json_t *manifest, size_t domain, size_t i)
{
	json_t *pin = json_array_get(json_object_get(support_domain(manifest, domain), "pins"), i);

	assert_non_null(pin);
	return pin;
}

void
support_set(json_t *object, const char *name, json_t *owned)
{
	assert_int_equal(json_object_set_new(object, name, owned), 0);
}

void
support_manifest_parse(json_t *manifest, struct manifest *out)
{
	struct err e = { 0 };
	char *text = json_dumps(manifest, 0);

	assert_non_null(text);
	assert_ok(manifest_parse(text, strlen(text), out, &e), &e);
	free(text);
}

static void
run(const char *dir, const char *command)
{
	char line[2048];
	int len = snprintf(line, sizeof line, "cd '%s' && { %s; } >/dev/null", dir, command);

	assert_in_range(len, 1, sizeof line - 1);
	assert_int_equal(system(line), 0);
}

void
support_manifest_sign(const char *dir, const char *name, json_t *manifest, const char *pub)
{
	char command[512], path[512];
	struct minisign_pub key;
	char text[MINISIGN_PUB_TEXT];
	struct err e = { 0 };

	snprintf(command, sizeof command, "rm -f sec && minisign -GfW -p '%s' -s sec", pub);
	run(dir, command);
	snprintf(path, sizeof path, "%s/%s", dir, pub);
	assert_ok(minisign_pub_load(path, &key, &e), &e);
	minisign_pub_encode(&key, text);
	support_set(json_object_get(manifest, "vault"), "key", json_string(text));
	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(json_dump_file(manifest, path, 0), 0);
	snprintf(command, sizeof command, "minisign -S -W -s sec -m '%s'", name);
	run(dir, command);
}
