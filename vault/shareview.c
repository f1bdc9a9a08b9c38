/* SPDX-License-Identifier: ISC */
#include "vault/shareview.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/term.h"
#include "shares/locked.h"

#include <stdio.h>

bool
shareview_spec(const struct opts *o, const char *path, char **out, struct err *e)
{
	const char *layer = opt_get(o, "unlock");
	BUF_AUTO spec = BUF_NONE;

	buf_adds(&spec, "dir:");
	for (const char *c = path; *c; c++)
		buf_addf(&spec, "%s%c", *c == '+' || *c == '\\' ? "\\" : "", *c);
	return buf_ok(&spec, e) &&
	       file_path(out, e, "%s%s%s", spec.data, layer ? "+" : "", layer ? layer : "");
}

json_t *
shareview_json(const struct share *s, const char *unlocked)
{
	char key[MINISIGN_PUB_TEXT];

	minisign_pub_encode(&s->vault_key, key);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:o, s:b, s:s, s:s, "
			 "s:b, s:b, s:b}",
		"vault", s->vault, "vault-key", key, "key", s->key, "pin", s->pin, "set", s->set,
		"threshold", (int)s->threshold, "shares", (int)s->shares, "number", (int)s->number,
		"origin", s->origin, "custodian", s->custodian, "created", json_time(s->created),
		"rehearsal", s->rehearsal, "commitment", s->commitment, "sealed-hash",
		s->sealed_hash, "locked", s->locked || unlocked, "unlocked", unlocked != NULL,
		"carries-sealed", s->carries_sealed);
}

void
shareview_print(const char *label, const struct share *s, const char *unlocked)
{
	char safe[512], key[MINISIGN_PUB_TEXT], created[CLOCK_TEXT], with[LOCKED_WITH_MAX];

	minisign_pub_encode(&s->vault_key, key);
	clock_format(s->created, created);
	printf("%s\n", term_safe(safe, sizeof safe, label));
	printf("  share %u of key %s\n", s->number, s->key);
	printf("  custodian   %s\n", s->custodian);
	printf("  vault       %s, key %s\n", s->vault, key);
	printf("  set         %s: %u of %u shares\n", s->set, s->threshold, s->shares);
	printf("  pin-sha256  %s\n", s->pin);
	printf("  created     %s, origin %s%s\n", created, s->origin,
		s->rehearsal ? ", a REHEARSAL" : "");
	printf("  commitment  %s\n", s->commitment);
	printf("  sealed-hash %s (the sealed key is %s)\n", s->sealed_hash,
		s->carries_sealed ? "in this share" : "not in this share");
	if (s->locked)
		locked_with(s->locked, with);
	if (s->locked || unlocked)
		printf("  locked      with %s%s\n", s->locked ? with : unlocked,
			s->locked ? "" : ", which opened it");
}

bool
shareview_read(const struct medium_record *record, bool verify, const struct anchor *anchor,
	struct share *out, struct err *e)
{
	SHARE_AUTO s = { 0 };

	if (record->err.code != ERR_NONE) {
		*e = record->err;
		return false;
	}
	if (!share_parse(record->text.data, record->text.len, &s, e) ||
		(verify && !share_verify(&s, anchor_for(anchor, &s), e)))
		return false;
	share_move(out, &s);
	return true;
}
