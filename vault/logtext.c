/* SPDX-License-Identifier: ISC */
#include "vault/logtext.h"

#include "base/clock.h"

#include <string.h>

#define LISTED 4 /* names shown before "and N more" */

static const char *
text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "?";
}

static long long
number_of(const json_t *o, const char *name)
{
	return (long long)json_integer_value(json_object_get(o, name));
}

static size_t
count_of(const json_t *o, const char *name)
{
	return json_array_size(json_object_get(o, name));
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* "a, b, c, d and 3 more": strings, or the member `name` of objects. */
static void
add_list(const json_t *items, const char *name, struct buf *out)
{
	size_t n = json_array_size(items), i;
	const json_t *item;

	json_array_foreach(items, i, item)
	{
		const char *text =
			json_is_string(item) ? json_string_value(item) : text_of(item, name);
		if (i == LISTED && n > LISTED + 1) {
			buf_addf(out, " and %zu more", n - i);
			return;
		}
		buf_addf(out, "%s%s", i > 0 ? ", " : "", text);
	}
}

static void
say_create(const json_t *body, struct buf *out)
{
	buf_addf(out, "vault \"%s\" %s%s, %lld of %zu custodians: ", text_of(body, "name"),
		json_object_get(body, "rebuilt") ? "to be rebuilt" : "created",
		json_is_true(json_object_get(body, "rehearsal")) ? " for a rehearsal" : "",
		number_of(body, "threshold"), count_of(body, "custodians"));
	add_list(json_object_get(body, "custodians"), "name", out);
}

static void
say_begin(const json_t *body, struct buf *out)
{
	size_t n = count_of(body, "keys");

	if (strcmp(text_of(body, "kind"), "replace") == 0) {
		buf_addf(out, "batch %s begun (replace): a share of %zu key%s anew, for ",
			text_of(body, "batch"), n, plural(n));
		add_list(json_object_get(body, "holders"), "name", out);
		return;
	}
	buf_addf(out,
		"batch %s begun (%s): %zu key%s, %lld of %zu custodians: ", text_of(body, "batch"),
		text_of(body, "kind"), n, plural(n), number_of(body, "threshold"),
		count_of(body, "holders"));
	add_list(json_object_get(body, "holders"), "name", out);
}

static void
say_commit(const json_t *body, struct buf *out)
{
	size_t n = count_of(body, "keys");
	long long subsets = number_of(body, "subsets");

	buf_addf(out, "batch %s committed: %zu key%s proven by %lld combination%s each: ",
		text_of(body, "batch"), n, plural(n), subsets, plural((size_t)subsets));
	add_list(json_object_get(body, "keys"), "key", out);
	if (json_object_get(body, "rekey"))
		buf_addf(out, "; the vault's key is now %s",
			text_of(json_object_get(body, "rekey"), "key"));
}

static void
add_ramp(const json_t *steps, struct buf *out)
{
	char duration[CLOCK_DURATION_TEXT];
	json_t *step;
	size_t i;

	json_array_foreach(steps, i, step)
	{
		clock_duration_format(json_integer_value(step), duration);
		buf_addf(out, "%s%s", i > 0 ? ", " : "ramp ", duration);
	}
}

static bool
is_count(const char *name)
{
	return strcmp(name, "threshold") == 0 || strcmp(name, "backups") == 0;
}

static void
add_setting(const char *name, const json_t *value, struct buf *out)
{
	char duration[CLOCK_DURATION_TEXT];

	if (json_is_integer(value) && !is_count(name)) {
		clock_duration_format(json_integer_value(value), duration);
		buf_addf(out, "%s %s", name, duration);
	} else if (json_is_integer(value)) {
		buf_addf(out, "%s %lld", name, (long long)json_integer_value(value));
	} else if (json_is_boolean(value)) {
		buf_addf(out, "%s %s", name, json_is_true(value) ? "yes" : "no");
	} else if (json_is_string(value)) {
		buf_addf(out, "%s %s", name, json_string_value(value));
	} else if (strcmp(name, "ramp") == 0 && json_is_array(value)) {
		add_ramp(value, out);
	} else if (json_is_array(value)) {
		buf_addf(out, "%s ", name);
		add_list(value, "name", out);
	} else if (json_is_null(value)) {
		buf_addf(out, "%s none", name);
	} else { /* contacts and locations: whose, not what */
		const char *who;
		json_t *what;
		buf_addf(out, "%s of", name);
		json_object_foreach((json_t *)value, who, what) buf_addf(out, " %s", who);
	}
}

static void
say_policy(const json_t *body, struct buf *out)
{
	static const char *const settings[] = { "names", "max_age", "prior_max_age", "valid_for",
		"include_subdomains", "report_only", "report_uri", "backups", "ramp", "drill_every",
		"issuer", "threshold", "custodians", "contact", "location" };
	const char *domain = json_string_value(json_object_get(body, "domain"));
	const char *between = ": ";

	buf_addf(out, "policy of %s", domain ? domain : "the vault");
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const json_t *value = json_object_get(body, settings[i]);
		if (!value)
			continue;
		buf_adds(out, between);
		add_setting(settings[i], value, out);
		between = ", ";
	}
}

static void
say_add_pin(const json_t *body, struct buf *out)
{
	size_t n = count_of(body, "pins");

	buf_addf(out, "%zu external %s pin%s for %s: ", n, text_of(body, "role"), plural(n),
		text_of(body, "domain"));
	add_list(json_object_get(body, "pins"), "label", out);
}

static void
say_export(const json_t *body, struct buf *out)
{
	buf_addf(out, "manifest %lld signed and written to %s", number_of(body, "serial"),
		text_of(body, "to"));
}

static void
say_deployed(const json_t *body, struct buf *out)
{
	buf_addf(out, "manifest %lld went live at %s", number_of(body, "serial"),
		text_of(body, "at"));
}

static void
say_recover(const json_t *body, struct buf *out)
{
	buf_addf(out, "%s recovered to a file, no longer cold; shares of ", text_of(body, "key"));
	add_list(json_object_get(body, "custodians"), NULL, out);
}

static void
say_drill(const json_t *body, struct buf *out)
{
	const json_t *keys = json_object_get(body, "keys");
	size_t n = json_array_size(keys);

	buf_addf(out, "drill: %zu key%s rebuilt and forgotten: ", n, plural(n));
	add_list(keys, "key", out);
}

static void
say_rebuild(const json_t *body, struct buf *out)
{
	size_t n = count_of(body, "keys"), lost = count_of(body, "lost");

	buf_addf(out, "rebuilt from manifest %lld and the shares of %zu key%s: ",
		number_of(json_object_get(body, "manifest"), "serial"), n, plural(n));
	add_list(json_object_get(body, "keys"), "key", out);
	if (lost > 0) {
		buf_adds(out, "; not brought back: ");
		add_list(json_object_get(body, "lost"), "key", out);
	}
}

static void
say_backup(const json_t *body, struct buf *out)
{
	buf_addf(out, "%lld files of this folder copied to %s, %s the signing key",
		number_of(body, "files"), text_of(body, "to"),
		json_is_true(json_object_get(body, "signing_key")) ? "with" : "without");
}

static void
say_destroyed(const json_t *body, struct buf *out)
{
	size_t n = count_of(body, "shares");

	buf_addf(out, "%s affirmed to have destroyed %zu old share%s: ", text_of(body, "who"), n,
		plural(n));
	add_list(json_object_get(body, "shares"), "key", out);
}

static void
say_passphrase(const json_t *body, struct buf *out)
{
	buf_addf(out, "another passphrase (%s), in vault-%lld.sec", text_of(body, "kdf"),
		number_of(body, "number"));
	if (json_is_true(json_object_get(body, "recovered")))
		buf_adds(out, ", for one that was forgotten");
}

static void
say_attach(const json_t *body, struct buf *out)
{
	buf_addf(out, "certificate for %s attached: serial %s of %s, until %s",
		text_of(body, "key"), text_of(body, "serial"), text_of(body, "issuer"),
		text_of(body, "not_after"));
}

static void
say_promote(const json_t *body, struct buf *out)
{
	const char *why = json_string_value(json_object_get(body, "why"));

	buf_addf(out, "%s is active for %s", text_of(body, "key"), text_of(body, "domain"));
	if (why)
		buf_addf(out, ", by force: %s", why);
}

/* A key by its id, a pin from outside by itself. */
static const char *
pinned(const json_t *body)
{
	const char *key = json_string_value(json_object_get(body, "key"));

	return key ? key : text_of(body, "pin");
}

static void
say_retire(const json_t *body, struct buf *out)
{
	buf_addf(out, "%s retired from %s%s", pinned(body), text_of(body, "domain"),
		json_is_true(json_object_get(body, "force")) ? ", by force" : "");
}

static void
say_compromise(const json_t *body, struct buf *out)
{
	const char *use = json_string_value(json_object_get(body, "use"));

	buf_addf(out, "%s of %s compromised", pinned(body), text_of(body, "domain"));
	if (use)
		buf_addf(out, "; to be used instead: %s", use);
}

static void
say_released(const json_t *body, struct buf *out)
{
	buf_addf(out, "%s is no longer cold", text_of(body, "key"));
}

static void
say_destroy(const json_t *body, struct buf *out)
{
	buf_addf(out, "sealed records of %s destroyed: set%s ", text_of(body, "key"),
		plural(count_of(body, "sets")));
	add_list(json_object_get(body, "sets"), NULL, out);
}

static void
say_csr(const json_t *body, struct buf *out)
{
	buf_addf(out, "new request of %s for ", text_of(body, "key"));
	add_list(json_object_get(body, "names"), NULL, out);
	buf_adds(out, "; shares of ");
	add_list(json_object_get(body, "custodians"), NULL, out);
}

static void
say_repair(const json_t *body, struct buf *out)
{
	const char *path = NULL;
	json_t *hash;

	json_object_foreach(json_object_get(body, "files"), path, hash) break;
	buf_addf(out, "a torn tail of %lld bytes was set aside in %s", number_of(body, "bytes"),
		path ? path : "?");
}

static void
say_ceremony(const json_t *body, struct buf *out)
{
	buf_addf(out, "ceremony: %s, of the plan %.16s...", text_of(body, "step"),
		text_of(body, "plan"));
}

static const struct {
	const char *event;
	void (*say)(const json_t *body, struct buf *out);
} rows[] = {
	{ "create", say_create },
	{ "begin", say_begin },
	{ "commit", say_commit },
	{ "policy", say_policy },
	{ "add-pin", say_add_pin },
	{ "export", say_export },
	{ "deployed", say_deployed },
	{ "recover", say_recover },
	{ "drill", say_drill },
	{ "backup", say_backup },
	{ "rebuild", say_rebuild },
	{ "destroyed", say_destroyed },
	{ "passphrase", say_passphrase },
	{ "repair", say_repair },
	{ "attach", say_attach },
	{ "promote", say_promote },
	{ "retire", say_retire },
	{ "compromise", say_compromise },
	{ "released", say_released },
	{ "destroy", say_destroy },
	{ "csr", say_csr },
	{ "ceremony", say_ceremony },
};

void
logtext_sentence(const struct journal_line *line, struct buf *out)
{
	size_t start = out->len, i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].event, line->event) == 0)
			break;
	if (i < sizeof(rows) / sizeof(rows[0]))
		rows[i].say(line->body, out);
	else
		buf_addf(out, "%s (unknown to this version)", line->event);
	if (line->online)
		buf_adds(out, " (online)");
	if (!out->failed)
		err_clean(out->data + start);
}
