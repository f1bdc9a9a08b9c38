/* SPDX-License-Identifier: ISC */
#include "vault/state.h"

#include "base/clock.h"
#include "tests/support.h"

#include <stdio.h>

#define STATE_AUTO __attribute__((cleanup(state_free))) struct state

#define PUB "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"
#define PIN_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PIN_B "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PIN_C "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define HASH "1111111111111111111111111111111111111111111111111111111111111111"
#define KEY_A "example.org-ec-p256-00000000"
#define KEY_B "example.org-ec-p256-01000000"
#define SET_A "aaaaaaaaaaaaaaaa"
#define SET_B "bbbbbbbbbbbbbbbb"
#define SET_C "cccccccccccccccc"
#define BATCH "0123456789abcdef"
#define BATCH_2 "2222222222222222"

#define CUSTODIANS                                                                                 \
	"[{'name':'ada','medium':'dir:/a'},{'name':'bob','medium':'dir:/b'},"                      \
	"{'name':'eve','medium':'dir:/e'}]"
#define CREATE                                                                                     \
	"'name':'Example Ops','key':'" PUB "','threshold':2,'custodians':" CUSTODIANS              \
	",'max_age':86400,'kdf':'interactive','files':{'vault.json':'" HASH "'}"
#define BEGIN_OF(batch, key, pin, set, origin)                                                     \
	"'batch':'" batch "','kind':'generate','threshold':2,'holders':" CUSTODIANS                \
	",'keys':[{'key':'" key "','pin':'" pin "','algorithm':'ec:p256',"                         \
	"'domain':'example.org','set':'" set "','origin':'" origin "'}]"
#define COMMIT_OF(batch, key, set)                                                                 \
	"'batch':'" batch "','subsets':3,'detached':false,'entropy':'kernel, openssl',"            \
	"'domain':{'domain':'example.org','names':['example.org','www.example.org']},"             \
	"'keys':[{'key':'" key "','set':'" set "','commitments':['" HASH "','" HASH "','" HASH     \
	"']}],'files':{'keys/" key "/sealed-" set ".txt':'" HASH "'}"

static int64_t
time_of(int64_t n)
{
	return 1000000000 + n * 60;
}

static bool
apply_line(struct state *s, int64_t n, const char *event, bool online, const char *members,
	struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	JSON_AUTO body = NULL;

	buf_addf(&text, "{%s}", members);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\'')
			text.data[i] = '"';
	assert_ok(json_parse(text.data, text.len, &body, e), e);
	struct journal_line line = { n, time_of(n), event, online, body };
	return state_apply(s, &line, e);
}

static void
apply(struct state *s, int64_t n, const char *event, const char *members)
{
	struct err e = { 0 };

	assert_ok(apply_line(s, n, event, false, members, &e), &e);
}

static void
refused(struct state *s, int64_t n, const char *event, const char *members, const char *part)
{
	struct err e = { 0 };

	assert_fails(apply_line(s, n, event, false, members, &e), &e, ERR_FORMAT, part);
}

/* A vault of two keys: A by lines 2 and 3, B by lines 4 and 5. */
static void
fill(struct state *s)
{
	struct err e = { 0 };

	assert_ok(state_init(s, &e), &e);
	apply(s, 1, "create", CREATE);
	apply(s, 2, "begin", BEGIN_OF(BATCH, KEY_A, PIN_A, SET_A, "offline"));
	apply(s, 3, "commit", COMMIT_OF(BATCH, KEY_A, SET_A));
	apply(s, 4, "begin", BEGIN_OF(BATCH_2, KEY_B, PIN_B, SET_B, "offline"));
	apply(s, 5, "commit", COMMIT_OF(BATCH_2, KEY_B, SET_B));
}

static void
create_says_who_and_what(void **state)
{
	STATE_AUTO s = { 0 };
	char key[MINISIGN_PUB_TEXT];
	struct err e = { 0 };

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	apply(&s, 1, "create", CREATE);
	assert_string_equal(s.name, "Example Ops");
	minisign_pub_encode(&s.key, key);
	assert_string_equal(key, PUB);
	assert_int_equal(s.threshold, 2);
	assert_int_equal(s.custodian_count, 3);
	assert_string_equal(s.custodians[2].name, "eve");
	assert_string_equal(s.custodians[2].medium, "dir:/e");
	assert_int_equal(s.policy.max_age, 86400);
	assert_int_equal(s.created, time_of(1));
	assert_int_equal(s.sec_number, 1);
	assert_false(s.ready);
	assert_true(s.offline);
	assert_false(s.rehearsal);
	assert_string_equal(json_string_value(json_object_get(s.files, "vault.json")), HASH);
}

static void
the_first_line_creates_and_no_other(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	refused(&s, 1, "drill", "'keys':[]", "the first line creates the vault");
	apply(&s, 1, "create", CREATE);
	refused(&s, 2, "create", CREATE, "the first line creates the vault");
}

static void
an_unknown_event_is_an_error_with_advice(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };

	(void)state;
	fill(&s);
	assert_fails(apply_line(&s, 6, "teleport", false, "", &e), &e, ERR_FORMAT,
		"\"teleport\" is unknown");
	assert_non_null(strstr(e.hint, "version"));
}

static void
a_begun_key_is_void_until_it_is_committed(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };
	struct state_key *k;
	struct pin pin;

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	apply(&s, 1, "create", CREATE);
	apply(&s, 2, "begin", BEGIN_OF(BATCH, KEY_A, PIN_A, SET_A, "offline"));
	assert_ok(state_find_key(&s, KEY_A, &k, &e), &e);
	assert_int_equal(k->state, STATE_VOID);
	assert_null(state_current_set(k));
	assert_false(state_is_proven(k));
	assert_int_equal(json_object_size(s.open), 1);
	assert_null(state_find_domain(&s, "example.org"));
	assert_ok(pin_parse(PIN_A, &pin, &e), &e);
	assert_null(state_key_by_pin(&s, &pin));
	assert_fails(state_find_key(&s, PIN_A, &k, &e), &e, ERR_MISSING, "no key");
	assert_fails(state_find_key(&s, "example", &k, &e), &e, ERR_MISSING, "no key");

	apply(&s, 3, "commit", COMMIT_OF(BATCH, KEY_A, SET_A));
	assert_ok(state_find_key(&s, PIN_A, &k, &e), &e);
	assert_int_equal(k->state, STATE_STANDBY);
	assert_int_equal(k->origin, ORIGIN_OFFLINE);
	assert_int_equal(k->created, time_of(2));
	assert_true(state_is_proven(k));
	const struct state_set *set = state_current_set(k);
	assert_string_equal(set->id, SET_A);
	assert_int_equal(set->threshold, 2);
	assert_int_equal(set->proven, 3);
	assert_int_equal(set->share_count, 3);
	assert_int_equal(set->shares[1].number, 2);
	assert_string_equal(set->shares[1].custodian, "bob");
	assert_string_equal(set->shares[1].medium, "dir:/b");
	assert_string_equal(set->shares[1].commitment, HASH);
	assert_int_equal(set->shares[1].seen, time_of(3));
	assert_int_equal(json_object_size(s.open), 0);
	assert_false(s.ready);

	const struct state_domain *d = state_find_domain(&s, "example.org");
	assert_non_null(d);
	assert_int_equal(d->name_count, 2);
	assert_string_equal(d->names[1], "www.example.org");
	assert_int_equal(d->key_count, 1);
	assert_ptr_equal(d->keys[0], k);
}

static void
the_vault_is_ready_when_its_signing_key_is_committed(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	apply(&s, 1, "create", CREATE);
	apply(&s, 2, "begin",
		"'batch':'" BATCH "','kind':'init','threshold':2,'holders':" CUSTODIANS
		",'keys':[{'key':'" SHARE_SIGNING_KEY "','pin':'" PIN_A
		"','algorithm':'ed25519','domain':null,'set':'" SET_A "','origin':'offline'}]");
	assert_false(s.ready);
	apply(&s, 3, "commit",
		"'batch':'" BATCH "','subsets':3,'detached':true,'entropy':'k','domain':null,"
		"'keys':[{'key':'" SHARE_SIGNING_KEY "','set':'" SET_A "','commitments':['" HASH
		"','" HASH "','" HASH "']}],'files':{}");
	assert_true(s.ready);
	assert_int_equal(s.domain_count, 0);
	assert_null(s.keys[0]->domain);
	assert_true(s.keys[0]->sets[0].detached);
}

static void
a_void_key_may_be_begun_again(void **state)
{
	STATE_AUTO s = { 0 };
	struct err e = { 0 };
	struct state_key *k;

	(void)state;
	assert_ok(state_init(&s, &e), &e);
	apply(&s, 1, "create", CREATE);
	apply(&s, 2, "begin", BEGIN_OF(BATCH, KEY_A, PIN_A, SET_A, "imported"));
	apply(&s, 3, "begin", BEGIN_OF(BATCH_2, KEY_A, PIN_A, SET_B, "imported"));
	apply(&s, 4, "commit", COMMIT_OF(BATCH_2, KEY_A, SET_B));
	assert_ok(state_find_key(&s, PIN_A, &k, &e), &e);
	assert_string_equal(state_current_set(k)->id, SET_B);
	assert_int_equal(s.key_count, 1);
	assert_int_equal(json_object_size(s.open), 1);
	assert_non_null(json_object_get(s.open, BATCH));
	refused(&s, 5, "commit", COMMIT_OF(BATCH, KEY_A, SET_A), "committed twice");
}

static void
a_key_is_taken_once(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	refused(&s, 6, "begin", BEGIN_OF("3333333333333333", KEY_A, PIN_C, SET_C, "offline"),
		"already");
	refused(&s, 6, "begin",
		BEGIN_OF("3333333333333333", "other.org-ec-p256-1", PIN_A, SET_C, "offline"),
		"already");
}

static void
a_commit_must_be_that_of_its_begin(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	refused(&s, 6, "commit", COMMIT_OF(BATCH, KEY_A, SET_A), "was not begun");
	apply(&s, 6, "begin",
		BEGIN_OF("3333333333333333", "example.org-ec-p256-02000000", PIN_C, SET_C,
			"offline"));
	refused(&s, 7, "commit", COMMIT_OF("3333333333333333", KEY_A, SET_A), "with this batch");
	refused(&s, 7, "commit",
		"'batch':'3333333333333333','subsets':3,'detached':false,'entropy':'k',"
		"'domain':null,'keys':[],'files':{}",
		"other keys");
	refused(&s, 7, "commit",
		"'batch':'3333333333333333','subsets':3,'detached':false,'entropy':'k',"
		"'domain':null,'keys':[{'key':'example.org-ec-p256-02000000','set':'" SET_C
		"','commitments':['" HASH "']}],'files':{}",
		"1 commitments for 3 shares");
	refused(&s, 7, "commit",
		"'batch':'3333333333333333','subsets':0,'detached':false,'entropy':'k',"
		"'domain':null,'keys':[{'key':'example.org-ec-p256-02000000','set':'" SET_C
		"','commitments':['" HASH "','" HASH "','" HASH "']}],'files':{}",
		"without a proof");
}

static void
what_was_done_online_stays_online(void **state)
{
	STATE_AUTO s = { 0 };
	STATE_AUTO t = { 0 };
	struct err e = { 0 };

	(void)state;
	fill(&s);
	apply(&s, 6, "drill",
		"'keys':[{'key':'" KEY_A "','set':'" SET_A "','custodians':['ada','eve']}]");
	assert_int_equal(s.keys[0]->origin, ORIGIN_OFFLINE);
	assert_ok(apply_line(&s, 7, "drill", true,
			  "'keys':[{'key':'" KEY_A "','set':'" SET_A "','custodians':[]}]", &e),
		&e);
	assert_int_equal(s.keys[0]->origin, ORIGIN_ONLINE);
	assert_int_equal(s.keys[1]->origin, ORIGIN_OFFLINE);
	assert_true(s.offline); /* the signing key was not touched */
	assert_ok(apply_line(&s, 8, "export", true,
			  "'serial':1,'hash':'" HASH "','created':'2026-11-22T10:00:00Z','to':'x',"
			  "'files':{}",
			  &e),
		&e);
	assert_false(s.offline);

	assert_ok(state_init(&t, &e), &e);
	assert_ok(apply_line(&t, 1, "create", true, CREATE, &e), &e);
	assert_false(t.offline);
}

static void
drills_and_recoveries_are_remembered(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	apply(&s, 6, "drill",
		"'keys':[{'key':'" KEY_A "','set':'" SET_A "','custodians':['ada','eve']}]");
	const struct state_set *set = state_current_set(s.keys[0]);
	assert_int_equal(set->drilled, time_of(6));
	assert_int_equal(set->shares[0].seen, time_of(6));
	assert_int_equal(set->shares[1].seen, time_of(3));
	assert_false(s.keys[0]->released);
	apply(&s, 7, "recover", "'key':'" KEY_A "','set':'" SET_A "','custodians':['bob','eve']");
	assert_true(s.keys[0]->released);
	assert_int_equal(set->shares[1].seen, time_of(7));
	assert_false(s.keys[1]->released);
	refused(&s, 8, "recover", "'key':'" KEY_A "','set':'" SET_B "','custodians':[]", "no set");
}

static void
policies_fall_back_from_domain_to_vault_to_default(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	const struct state_domain *d = state_find_domain(&s, "example.org");
	struct state_policy p = state_policy_of(&s, d);
	assert_int_equal(p.max_age, 86400);
	assert_int_equal(p.prior_max_age, CLOCK_NONE);
	assert_int_equal(p.valid_for, CLOCK_NONE);
	assert_int_equal(p.include_subdomains, 0);
	assert_int_equal(p.report_only, 0);
	assert_null(p.report_uri);

	apply(&s, 6, "policy",
		"'domain':null,'max_age':100,'valid_for':200,'report_only':true,"
		"'report_uri':'https://r/'");
	apply(&s, 7, "policy",
		"'domain':'example.org','max_age':300,'prior_max_age':400,"
		"'include_subdomains':true,'report_only':false");
	p = state_policy_of(&s, d);
	assert_int_equal(p.max_age, 300);
	assert_int_equal(p.prior_max_age, 400);
	assert_int_equal(p.valid_for, 200);
	assert_int_equal(p.include_subdomains, 1);
	assert_int_equal(p.report_only, 0);
	assert_string_equal(p.report_uri, "https://r/");
	p = state_policy_of(&s, NULL);
	assert_int_equal(p.max_age, 100);
	assert_int_equal(p.report_only, 1);

	apply(&s, 8, "policy",
		"'domain':null,'max_age':null,'valid_for':null,'report_only':null,"
		"'report_uri':null");
	p = state_policy_of(&s, NULL);
	assert_int_equal(p.max_age, MANIFEST_MAX_AGE_DEFAULT);
	assert_int_equal(p.valid_for, CLOCK_NONE);
	assert_int_equal(p.report_only, 0);
	assert_null(p.report_uri);
}

static void
new_custodians_hold_keys_to_come_and_notes_stay_with_their_names(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	apply(&s, 6, "policy",
		"'domain':null,'contact':{'ada':'+33 1','bob':'+33 2'},'location':{'ada':'safe'}");
	assert_string_equal(s.custodians[0].contact, "+33 1");
	assert_string_equal(s.custodians[0].location, "safe");
	apply(&s, 7, "policy",
		"'domain':null,'threshold':3,'custodians':[{'name':'zoe','medium':'dir:/z'},"
		"{'name':'ada','medium':'dir:/a2'},{'name':'bob','medium':'dir:/b'}],"
		"'contact':{'bob':''}");
	assert_int_equal(s.threshold, 3);
	assert_int_equal(s.custodian_count, 3);
	assert_string_equal(s.custodians[1].name, "ada");
	assert_string_equal(s.custodians[1].medium, "dir:/a2");
	assert_string_equal(s.custodians[1].contact, "+33 1");
	assert_string_equal(s.custodians[1].location, "safe");
	assert_null(s.custodians[0].contact);
	assert_null(s.custodians[2].contact);
	assert_int_equal(state_current_set(s.keys[0])->threshold, 2);
	refused(&s, 8, "policy", "'domain':null,'contact':{'eve':'x'}", "no custodian");
}

static void
external_pins_join_their_domain(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	apply(&s, 6, "add-pin",
		"'domain':'new.org','role':'ca','group':'LE','pins':["
		"{'pin':'" PIN_A "','algorithm':'rsa:4096','ca':'root','label':'CN=R1'},"
		"{'pin':'" PIN_B "','algorithm':'ec:p384','ca':'intermediate','label':'CN=I1'}]");
	const struct state_domain *d = state_find_domain(&s, "new.org");
	assert_non_null(d);
	assert_int_equal(d->name_count, 0);
	assert_int_equal(d->pin_count, 2);
	assert_int_equal(d->pins[0].role, ROLE_CA);
	assert_int_equal(d->pins[1].ca, CA_INTERMEDIATE);
	assert_string_equal(d->pins[1].group, "LE");
	apply(&s, 7, "add-pin",
		"'domain':'new.org','role':'active','group':null,'pins':["
		"{'pin':'" PIN_A "','algorithm':'rsa:4096','ca':null,'label':'CN=new.org'}]");
	assert_int_equal(d->pin_count, 2);
	assert_int_equal(d->pins[0].role, ROLE_ACTIVE);
	assert_string_equal(d->pins[0].label, "CN=new.org");
	assert_null(d->pins[0].group);
}

static void
manifests_follow_each_other(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	refused(&s, 6, "export",
		"'serial':2,'hash':'" HASH "','created':'2026-11-22T10:00:00Z','to':'x','files':{}",
		"serial 2 after 0");
	apply(&s, 6, "export",
		"'serial':1,'hash':'" HASH "','created':'2026-11-22T10:00:00Z','to':'x',"
		"'files':{'manifests/000001.json':'" HASH "'}");
	assert_int_equal(s.manifest_count, 1);
	assert_string_equal(s.manifests[0].hash, HASH);
	assert_int_equal(s.manifests[0].deployed, CLOCK_NONE);
	apply(&s, 7, "deployed", "'serial':1,'at':'2026-11-23T10:00:00Z'");
	assert_int_equal(s.manifests[0].deployed - s.manifests[0].created, 86400);
	refused(&s, 8, "deployed", "'serial':2,'at':'2026-11-23T10:00:00Z'", "no manifest 2");
	refused(&s, 8, "deployed", "'serial':0,'at':'2026-11-23T10:00:00Z'", "no manifest 0");
}

static void
files_lie_below_the_vault_and_are_named_once(void **state)
{
	static const char *const paths[] = { "", "/etc/passwd", "../x", "a/../b", "a//b", "a/",
		"./a", ".hidden", "a/.b", "a b", "a\\\\b" };
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char members[256];
		snprintf(members, sizeof(members), "'bytes':1,'files':{'%s':'" HASH "'}", paths[i]);
		refused(&s, 6, "repair", members, "no path below the vault");
	}
	refused(&s, 6, "repair", "'bytes':1,'files':{'a':'11'}", "hash of a");
	refused(&s, 6, "repair", "'bytes':1,'files':{'a':1}", "hash of a");
	refused(&s, 6, "repair", "'bytes':1,'files':{'vault.json':'" HASH "'}", "earlier line");
	apply(&s, 6, "repair", "'bytes':1,'files':{'a/b.c':'" HASH "'}");
}

static void
key_ids_cannot_be_paths(void **state)
{
	static const char *const ids[] = { "", ".", "..", ".x", "a/b", "a b" };
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char members[1024];
		snprintf(members, sizeof(members),
			"'batch':'3333333333333333','kind':'generate','threshold':2,'holders'"
			":" CUSTODIANS ",'keys':[{'key':'%s','pin':'" PIN_C
			"','algorithm':'ec:p256','domain':null,"
			"'set':'" SET_C "','origin':'offline'}]",
			ids[i]);
		refused(&s, 6, "begin", members, "no key id");
	}
}

static void
thresholds_are_checked_before_they_are_narrowed(void **state)
{
	static const char *const members[] = {
		"'domain':null,'threshold':257,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':1,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':4,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':4294967298,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':2,'custodians':[]",
		"'domain':null,'custodians':" CUSTODIANS,
		"'domain':null,'threshold':2,'custodians':[{'name':'a','medium':'dir:/a'},"
		"{'name':'a','medium':'dir:/b'}]",
	};
	STATE_AUTO s = { 0 };

	(void)state;
	fill(&s);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		refused(&s, 6, "policy", members[i], "");
	assert_int_equal(s.threshold, 2);
}

static void
keys_are_found_by_id_prefix_and_pin(void **state)
{
	STATE_AUTO s = { 0 };
	char hex[PIN_HEX];
	struct pin pin;
	struct err e = { 0 };
	struct state_key *k = NULL;

	(void)state;
	fill(&s);
	assert_ok(state_find_key(&s, KEY_B, &k, &e), &e);
	assert_ptr_equal(k, s.keys[1]);
	assert_ok(state_find_key(&s, "example.org-ec-p256-01", &k, &e), &e);
	assert_ptr_equal(k, s.keys[1]);
	assert_ok(state_find_key(&s, PIN_B, &k, &e), &e);
	assert_ptr_equal(k, s.keys[1]);
	assert_ok(pin_parse(PIN_A, &pin, &e), &e);
	pin_encode_hex(&pin, hex);
	assert_ok(state_find_key(&s, hex, &k, &e), &e);
	assert_ptr_equal(k, s.keys[0]);
	assert_fails(state_find_key(&s, "example", &k, &e), &e, ERR_USAGE, "2 keys begin");
	assert_non_null(strstr(e.hint, KEY_A));
	assert_fails(state_find_key(&s, "other", &k, &e), &e, ERR_MISSING, "no key \"other\"");
	assert_fails(state_find_key(&s, "", &k, &e), &e, ERR_MISSING, "no key");
	assert_fails(state_find_key(&s, PIN_C, &k, &e), &e, ERR_MISSING, "no key");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(create_says_who_and_what),
		unit(the_first_line_creates_and_no_other),
		unit(an_unknown_event_is_an_error_with_advice),
		unit(a_begun_key_is_void_until_it_is_committed),
		unit(the_vault_is_ready_when_its_signing_key_is_committed),
		unit(a_void_key_may_be_begun_again),
		unit(a_key_is_taken_once),
		unit(a_commit_must_be_that_of_its_begin),
		unit(what_was_done_online_stays_online),
		unit(drills_and_recoveries_are_remembered),
		unit(policies_fall_back_from_domain_to_vault_to_default),
		unit(new_custodians_hold_keys_to_come_and_notes_stay_with_their_names),
		unit(external_pins_join_their_domain),
		unit(manifests_follow_each_other),
		unit(files_lie_below_the_vault_and_are_named_once),
		unit(key_ids_cannot_be_paths),
		unit(thresholds_are_checked_before_they_are_narrowed),
		unit(keys_are_found_by_id_prefix_and_pin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
