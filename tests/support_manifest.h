/* SPDX-License-Identifier: ISC */
/*
 * support_manifest: manifests for tests: a sample that breaks no rule, to be changed at will.
 *
 * The sample is a jansson tree. SUPPORT_NOW is a good "now" for it: after `created`, when all of
 * its backups are ready. Failures fail the test.
 */
#ifndef TESTS_SUPPORT_MANIFEST_H
#define TESTS_SUPPORT_MANIFEST_H

#include "base/json.h"
#include "pins/manifest.h"

#define SUPPORT_CREATED "2026-11-22T10:00:00Z"
#define SUPPORT_NOW ((int64_t)1795860000) /* 2026-11-28T10:00:00Z */
#define SUPPORT_VAULT_KEY "RWQoG55w4jLstcWa3YoCKLDzF1HKBTHiGN4AO5mi3s95adSC0F4IBmZh"

/* One domain, example.org: an active pin and two backups, numbers 1, 2 and 3. */
json_t *support_manifest(void);
json_t *support_domain(json_t *manifest, size_t i);
json_t *support_pin(json_t *manifest, size_t domain, size_t i);
/* An active pin or a backup, over the SHA-256 of the number. */
json_t *support_pin_new(unsigned number, const char *role);
/* Base64 of the SHA-256 of the number's decimal digits. */
const char *support_pin_text(unsigned number);

void support_set(json_t *object, const char *name, json_t *owned);
void support_manifest_parse(json_t *manifest, struct manifest *out);

/* Writes DIR/name, and its signature by a fresh minisign key whose public half goes to DIR/pub.
 * The manifest's vault key is set to it. */
void support_manifest_sign(const char *dir, const char *name, json_t *manifest, const char *pub);

#endif
