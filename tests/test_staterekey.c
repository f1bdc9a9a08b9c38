/* SPDX-License-Identifier: ISC */
/* What the commit of a successor of the signing key does to the state, and what it cannot say. */
#include "tests/ledger.h"
#include "tests/support.h"

#define FIRST "vault-signing-key"
#define SECOND "vault-signing-key-2"
#define PUB_2 "RWTw1h2XNmdW49hw5k4bEIbfNBK5AttPkSIQlqCmQkpKXe/ChnVOSLH6"
#define BEGUN(batch, kind, key, pin, set)                                                          \
	"'batch':'" batch "','kind':'" kind "','threshold':2,'holders':" CUSTODIANS                \
	",'keys':[{'key':'" key "','pin':'" pin "','algorithm':'ed25519','domain':null,"           \
	"'set':'" set "','origin':'offline'}]"
#define DONE(batch, key, set, more, files)                                                         \
	"'batch':'" batch "','subsets':3,'detached':false,'entropy':'kernel','domain':null,"       \
	"'keys':[{'key':'" key "','set':'" set "','commitments':['" HASH "','" HASH "','" HASH     \
	"']}]" more ",'files':{'keys/" key "/sealed-" set ".txt':'" HASH "'" files "}"
#define REKEY(pub, number, removes)                                                                \
	",'rekey':{'key':'" pub "','number':" number ",'removes':'" removes "'}"
#define FILES                                                                                      \
	",'vault-2.sec':'" HASH "','rekeyed-1.pub':'" HASH "','rekeyed-1.pub.minisig':'" HASH "'"

/* A vault with its signing key split, and a successor begun. */
static void
begin(struct state *s)
{
	struct err e = { 0 };

	assert_ok(state_init(s, &e), &e);
	ledger_apply(s, 1, "create",
		"'name':'Example Ops','key':'" PUB "','threshold':2,'custodians':" CUSTODIANS
		",'max_age':86400,'kdf':'interactive','files':{'vault-1.sec':'" HASH "'}");
	ledger_apply(s, 2, "begin", BEGUN(BATCH, "init", FIRST, PIN_A, SET_A));
	ledger_apply(s, 3, "commit", DONE(BATCH, FIRST, SET_A, "", ""));
	ledger_apply(s, 4, "begin", BEGUN(BATCH_2, "rekey", SECOND, PIN_B, SET_B));
}

static void
the_successor_is_the_key_from_its_commit_on(void **state)
{
	STATE_AUTO s = { 0 };
	char key[MINISIGN_PUB_TEXT];

	(void)state;
	begin(&s);
	assert_string_equal(state_signing_key(&s)->id, FIRST);
	ledger_apply(&s, 5, "commit",
		DONE(BATCH_2, SECOND, SET_B, REKEY(PUB_2, "2", "vault-1.sec"), FILES));
	minisign_pub_encode(&s.key, key);
	assert_string_equal(key, PUB_2);
	minisign_pub_encode(&s.first, key);
	assert_string_equal(key, PUB);
	assert_string_equal(state_signing_key(&s)->id, SECOND);
	assert_int_equal(state_key_by_id(&s, FIRST)->state, STATE_RETIRED);
	assert_int_equal(s.sec_number, 2);
	assert_null(json_object_get(s.files, "vault-1.sec"));
	assert_true(state_is_vault_key(&s, &s.first) && state_is_vault_key(&s, &s.key));
	minisign_pub_encode(&state_key_by_id(&s, FIRST)->sets[0].signer, key);
	assert_string_equal(key, PUB);
	minisign_pub_encode(&state_key_by_id(&s, SECOND)->sets[0].signer, key);
	assert_string_equal(key, PUB_2);
}

static void
another_try_makes_another_key(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	begin(&s);
	ledger_apply(&s, 5, "begin", BEGUN("3333333333333333", "rekey", SECOND, PIN_C, SET_C));
	ledger_apply(&s, 6, "commit",
		DONE("3333333333333333", SECOND, SET_C, REKEY(PUB_2, "2", "vault-1.sec"), FILES));
	assert_string_equal(state_current_set(state_signing_key(&s))->id, SET_C);
}

static void
lines_that_cannot_be_are_refused(void **state)
{
	static const struct {
		const char *line, *part;
	} lines[] = {
		{ DONE(BATCH_2, SECOND, SET_B, "", FILES), "rekey" },
		{ DONE(BATCH_2, SECOND, SET_B, REKEY(PUB, "2", "vault-1.sec"), FILES), "has had" },
		{ DONE(BATCH_2, SECOND, SET_B, REKEY(PUB_2, "3", "vault-1.sec"), FILES),
			"vault-3.sec after vault-1.sec" },
		{ DONE(BATCH_2, SECOND, SET_B, REKEY(PUB_2, "2", "vault.json"), FILES),
			"not the file that counts" },
		{ DONE(BATCH_2, SECOND, SET_B, REKEY(PUB_2, "2", "vault-1.sec"), ""),
			"no file vault-2.sec" },
		{ DONE(BATCH_2, FIRST, SET_B, REKEY(PUB_2, "2", "vault-1.sec"), FILES),
			"does not split" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		STATE_AUTO s = { 0 };

		begin(&s);
		ledger_refused(&s, 5, "commit", lines[i].line, lines[i].part);
	}
}

static void
no_other_batch_changes_the_key(void **state)
{
	STATE_AUTO s = { 0 };

	(void)state;
	begin(&s);
	ledger_apply(&s, 5, "begin", BEGIN_OF("3333333333333333", KEY_A, PIN_C, SET_C, "offline"));
	ledger_refused(&s, 6, "commit",
		DONE("3333333333333333", KEY_A, SET_C, REKEY(PUB_2, "2", "vault-1.sec"), FILES),
		"another kind");
}

static void
ids_of_signing_keys_are_known(void **state)
{
	(void)state;
	assert_true(share_is_signing_key(FIRST));
	assert_true(share_is_signing_key(SECOND));
	assert_true(share_is_signing_key("vault-signing-key-12"));
	assert_false(share_is_signing_key("vault-signing-key-"));
	assert_false(share_is_signing_key("vault-signing-key-2x"));
	assert_false(share_is_signing_key("vault-signing-key-02"));
	assert_false(share_is_signing_key("vault-signing-key.example"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_successor_is_the_key_from_its_commit_on),
		unit(another_try_makes_another_key),
		unit(lines_that_cannot_be_are_refused),
		unit(no_other_batch_changes_the_key),
		unit(ids_of_signing_keys_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
