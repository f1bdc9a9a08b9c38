/* SPDX-License-Identifier: ISC */
/* What the lines of a key's life do to the state. */
#include "vault/state.h"

#include "base/buf.h"
#include "base/clock.h"
#include "tests/ledger.h"
#include "tests/support.h"

#define PIN_LIVE "AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PIN_LIVE_2 "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

#define ATTACH_OF(key, serial)                                                                     \
	"'key':'" key "','serial':'" serial "','subject':'CN=example.org','issuer':'CN=CA',"       \
	"'not_before':'2026-01-01T00:00:00Z','not_after':'2027-01-01T00:00:00Z',"                  \
	"'names':['example.org'],'chain':2,"                                                       \
	"'files':{'keys/" key "/certificate-" serial ".pem':'" HASH "'}"
#define PROMOTE_OF(key) "'key':'" key "','domain':'example.org','force':false,'why':null"
#define LEAVE_OF(key, pin) "'key':" key ",'pin':'" pin "','domain':'example.org','force':false"
#define LIVE_OF(pin, algorithm)                                                                    \
	"'domain':'example.org','role':'active','group':null,'pins':[{'pin':'" pin                 \
	"','algorithm':'" algorithm "','ca':null,'label':'CN=example.org'}]"
#define DESTROY_OF(key, set)                                                                       \
	"'key':'" key "','sets':['" set "'],'files':['keys/" key "/sealed-" set ".txt']"

static const struct state_pin *
external(const struct state *s, const char *text)
{
	struct err e = { 0 };
	struct pin pin;

	assert_ok(pin_parse(text, &pin, &e), &e);
	return state_find_pin(state_find_domain(s, "example.org"), &pin);
}

static void
a_certificate_makes_a_key_presigned(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	const struct state_key *k = s.keys[0];
	ledger_apply(&s, 6, "attach", ATTACH_OF(KEY_A, "0a"));
	assert_int_equal(k->state, STATE_PRESIGNED);
	assert_true(state_is_backup(k));
	ledger_apply(&s, 7, "attach", ATTACH_OF(KEY_A, "0b"));
	assert_int_equal(k->certificate_count, 2);
	assert_string_equal(k->certificates[1].serial, "0b");
	assert_string_equal(k->certificates[1].issuer, "CN=CA");
	assert_string_equal(k->certificates[1].path, "keys/" KEY_A "/certificate-0b.pem");
	assert_int_equal(k->certificates[1].not_after - k->certificates[1].not_before, 365 * 86400);
	ledger_refused(&s, 8, "attach", ATTACH_OF(KEY_A, "0b"), "named by an earlier line");
	ledger_refused(&s, 8, "attach", ATTACH_OF("other", "0b"), "no key other");

	/* A renewal leaves the active key active. */
	ledger_apply(&s, 8, "promote", PROMOTE_OF(KEY_A));
	ledger_apply(&s, 9, "attach", ATTACH_OF(KEY_A, "0c"));
	assert_int_equal(k->state, STATE_ACTIVE);
	ledger_apply(&s, 10, "compromise", LEAVE_OF("'" KEY_A "'", PIN_A));
	ledger_refused(&s, 11, "attach", ATTACH_OF(KEY_A, "0d"), "which is compromised");
}

static void
promoting_displaces_the_active_one_of_the_same_algorithm(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "add-pin", LIVE_OF(PIN_LIVE, "ec:p256"));
	ledger_apply(&s, 7, "add-pin", LIVE_OF(PIN_LIVE_2, "rsa:2048"));
	ledger_apply(&s, 8, "promote", PROMOTE_OF(KEY_A));
	assert_int_equal(s.keys[0]->state, STATE_ACTIVE);
	assert_true(state_is_pinned(s.keys[0]));
	assert_false(state_is_backup(s.keys[0]));
	assert_true(external(&s, PIN_LIVE)->displaced);
	assert_false(external(&s, PIN_LIVE_2)->displaced);

	ledger_apply(&s, 9, "promote", PROMOTE_OF(KEY_B));
	assert_int_equal(s.keys[1]->state, STATE_ACTIVE);
	assert_int_equal(s.keys[0]->state, STATE_RETIRED);
	assert_true(s.keys[0]->displaced);
	assert_true(state_is_pinned(s.keys[0]));
	assert_false(state_is_backup(s.keys[0]));
	ledger_refused(&s, 10, "promote", PROMOTE_OF(KEY_B), "is active and cannot be promoted");

	/* The way back. */
	ledger_apply(&s, 10, "promote", PROMOTE_OF(KEY_A));
	assert_int_equal(s.keys[0]->state, STATE_ACTIVE);
	assert_false(s.keys[0]->displaced);
	assert_true(s.keys[1]->displaced);
}

static void
a_new_live_certificate_displaces_too(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "promote", PROMOTE_OF(KEY_A));
	ledger_apply(&s, 7, "add-pin", LIVE_OF(PIN_LIVE, "ec:p256"));
	assert_true(s.keys[0]->displaced);
	ledger_apply(&s, 8, "add-pin", LIVE_OF(PIN_LIVE_2, "ec:p256"));
	assert_true(external(&s, PIN_LIVE)->displaced);
	assert_false(external(&s, PIN_LIVE_2)->displaced);
	ledger_apply(&s, 9, "add-pin", LIVE_OF(PIN_LIVE, "ec:p256"));
	assert_false(external(&s, PIN_LIVE)->displaced);
	assert_true(external(&s, PIN_LIVE_2)->displaced);
}

static void
what_is_retired_leaves(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "add-pin", LIVE_OF(PIN_LIVE, "ec:p256"));
	ledger_apply(&s, 7, "promote", PROMOTE_OF(KEY_A));
	ledger_apply(&s, 8, "promote", PROMOTE_OF(KEY_B));
	ledger_apply(&s, 9, "retire", LEAVE_OF("'" KEY_A "'", PIN_A));
	assert_int_equal(s.keys[0]->state, STATE_RETIRED);
	assert_false(state_is_pinned(s.keys[0]));
	ledger_apply(&s, 10, "retire", LEAVE_OF("null", PIN_LIVE));
	assert_true(external(&s, PIN_LIVE)->removed);
	assert_false(state_find_domain(&s, "example.org")->compromised);
	ledger_refused(&s, 11, "promote", PROMOTE_OF(KEY_A), "is retired and cannot");
	ledger_refused(&s, 11, "retire", LEAVE_OF("null", PIN_C), "no such pin");
	ledger_refused(&s, 11, "retire", LEAVE_OF("'" KEY_A "'", PIN_B), "no such pin");
}

static void
what_is_compromised_never_comes_back(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "add-pin", LIVE_OF(PIN_LIVE, "ec:p256"));
	ledger_apply(&s, 7, "compromise", LEAVE_OF("null", PIN_LIVE));
	assert_true(external(&s, PIN_LIVE)->removed);
	assert_true(external(&s, PIN_LIVE)->compromised);
	assert_true(state_find_domain(&s, "example.org")->compromised);
	ledger_refused(&s, 8, "add-pin", LIVE_OF(PIN_LIVE, "ec:p256"), "was compromised");
	ledger_apply(&s, 8, "compromise", LEAVE_OF("'" KEY_A "'", PIN_A));
	assert_int_equal(s.keys[0]->state, STATE_COMPROMISED);
	assert_false(state_is_pinned(s.keys[0]));
	ledger_refused(&s, 9, "promote", PROMOTE_OF(KEY_A), "cannot be promoted");
	ledger_refused(&s, 9, "retire", LEAVE_OF("'" KEY_A "'", PIN_A), "is compromised");
}

static void
a_released_key_is_no_cold_backup(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "released", "'key':'" KEY_A "'");
	assert_true(s.keys[0]->released);
	assert_true(state_is_pinned(s.keys[0]));
	assert_false(state_is_backup(s.keys[0]));
}

static void
a_destroyed_key_is_not_proven(void **state)
{
	static const char path[] = "keys/" KEY_A "/sealed-" SET_A ".txt";
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_refused(&s, 6, "destroy", DESTROY_OF(KEY_A, SET_B), "no such set");
	ledger_apply(&s, 6, "destroy", DESTROY_OF(KEY_A, SET_A));
	assert_null(state_current_set(s.keys[0]));
	assert_false(state_is_proven(s.keys[0]));
	assert_false(state_is_pinned(s.keys[0]));
	assert_null(json_object_get(s.files, path));
	assert_string_equal(json_string_value(json_object_get(s.destroyed, path)), HASH);
	ledger_refused(&s, 7, "destroy", DESTROY_OF(KEY_A, SET_A), "no such set");
	ledger_refused(&s, 7, "repair",
		"'bytes':1,'files':{'keys/" KEY_A "/sealed-" SET_A ".txt':'" HASH "'}",
		"named by an earlier line");

	/* What is in production stays pinned. */
	ledger_apply(&s, 7, "promote", PROMOTE_OF(KEY_B));
	ledger_apply(&s, 8, "destroy", DESTROY_OF(KEY_B, SET_B));
	assert_true(state_is_pinned(s.keys[1]));
}

static void
a_line_destroys_the_records_of_its_sets_alone(void **state)
{
	static const char *const others[] = { "vault-1.sec", "keys/" KEY_B "/sealed-" SET_B ".txt",
		"keys/" KEY_A "/public.pem" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		STATE_AUTO s = { 0 };
		BUF_AUTO line = BUF_NONE;

		ledger_fill(&s);
		buf_addf(&line, "'key':'" KEY_A "','sets':['" SET_A "'],'files':['%s']", others[i]);
		ledger_refused(&s, 6, "destroy", line.data, "no sealed record of the sets");
	}
}

/* Who takes the live certificate's own key in has one active key and not two pins. */
static void
a_key_takes_the_place_of_its_own_pin(void **state)
{
	static const char key_c[] = "example.org-ec-p256-02000000";
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	ledger_apply(&s, 6, "add-pin", LIVE_OF(PIN_C, "ec:p256"));
	ledger_apply(&s, 7, "begin",
		BEGIN_OF("3333333333333333", "example.org-ec-p256-02000000", PIN_C, SET_C,
			"imported"));
	ledger_apply(&s, 8, "commit",
		COMMIT_OF("3333333333333333", "example.org-ec-p256-02000000", SET_C));
	assert_int_equal(state_key_by_id(&s, key_c)->state, STATE_ACTIVE);
	assert_true(external(&s, PIN_C)->removed);
}

static void
a_later_request_counts_its_shares_as_seen(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	ledger_fill(&s);
	assert_int_equal(s.keys[0]->request_number, 1);
	ledger_apply(&s, 6, "csr",
		"'key':'" KEY_A "','set':'" SET_A
		"','custodians':['ada','eve'],'names':['example.org'],"
		"'files':{'keys/" KEY_A "/request-2.csr':'" HASH "'}");
	assert_int_equal(s.keys[0]->request_number, 2);
	assert_int_equal(s.keys[0]->sets[0].shares[0].seen, ledger_time(6));
	assert_int_equal(s.keys[0]->sets[0].shares[1].seen, ledger_time(3));
	assert_false(s.keys[0]->released);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_certificate_makes_a_key_presigned),
		unit(promoting_displaces_the_active_one_of_the_same_algorithm),
		unit(a_new_live_certificate_displaces_too),
		unit(what_is_retired_leaves),
		unit(what_is_compromised_never_comes_back),
		unit(a_released_key_is_no_cold_backup),
		unit(a_destroyed_key_is_not_proven),
		unit(a_line_destroys_the_records_of_its_sets_alone),
		unit(a_key_takes_the_place_of_its_own_pin),
		unit(a_later_request_counts_its_shares_as_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
