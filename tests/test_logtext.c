/* SPDX-License-Identifier: ISC */
#include "vault/logtext.h"

#include "tests/support.h"

static const struct {
	const char *line, *sentence;
} rows[] = {
	{ "{'event':'create','name':'Ops','threshold':2,'custodians':[{'name':'a'},{'name':'b'}]}",
		"vault \"Ops\" created, 2 of 2 custodians: a, b" },
	{ "{'event':'create','name':'Ops','rehearsal':true}",
		"vault \"Ops\" created for a rehearsal, 0 of 0 custodians: " },
	{ "{'event':'begin','batch':'b1','kind':'generate','threshold':2,'keys':[{'key':'k'}],"
	  "'holders':[{'name':'a'},{'name':'b'}],'online':true}",
		"batch b1 begun (generate): 1 key, 2 of 2 custodians: a, b (online)" },
	{ "{'event':'commit','batch':'b1','subsets':1,'keys':[{'key':'k1'},{'key':'k2'}]}",
		"batch b1 committed: 2 keys proven by 1 combination each: k1, k2" },
	{ "{'event':'commit','batch':'b1','subsets':3,'keys':[{'key':'1'},{'key':'2'},{'key':'3'},"
	  "{'key':'4'},{'key':'5'},{'key':'6'}]}",
		"batch b1 committed: 6 keys proven by 3 combinations each: 1, 2, 3, 4 and 2 more" },
	{ "{'event':'policy','domain':null,'max_age':5184000,'valid_for':null,'report_only':true,"
	  "'report_uri':'https://r/','threshold':2,'custodians':[{'name':'a'},{'name':'b'}],"
	  "'contact':{'a':'secret'}}",
		"policy of the vault: max_age 60d, valid_for none, report_only yes, report_uri "
		"https://r/, threshold 2, custodians a, b, contact of a" },
	{ "{'event':'policy','domain':'d','include_subdomains':false}",
		"policy of d: include_subdomains no" },
	{ "{'event':'add-pin','domain':'d','role':'ca','pins':[{'label':'CN=R1'}]}",
		"1 external ca pin for d: CN=R1" },
	{ "{'event':'export','serial':3,'to':'/out'}", "manifest 3 signed and written to /out" },
	{ "{'event':'deployed','serial':3,'at':'2026-11-22T10:00:00Z'}",
		"manifest 3 went live at 2026-11-22T10:00:00Z" },
	{ "{'event':'recover','key':'k','custodians':['a','b']}",
		"k recovered to a file, no longer cold; shares of a, b" },
	{ "{'event':'drill','keys':[{'key':'k1'},{'key':'k2'}]}",
		"drill: 2 keys rebuilt and forgotten: k1, k2" },
	{ "{'event':'backup','files':7,'to':'/mnt/safe/a','signing_key':false}",
		"7 files of this folder copied to /mnt/safe/a, without the signing key" },
	{ "{'event':'rebuild','manifest':{'serial':7},'keys':[{'key':'a'}],'lost':[{'key':'b'}]}",
		"rebuilt from manifest 7 and the shares of 1 key: a; not brought back: b" },
	{ "{'event':'commit','batch':'b','keys':[{'key':'k'}],'subsets':3,'rekey':{'key':'RWQ'}}",
		"batch b committed: 1 key proven by 3 combinations each: k; the vault's key is now "
		"RWQ" },
	{ "{'event':'repair','bytes':6,'files':{'journal.torn-4':'00'}}",
		"a torn tail of 6 bytes was set aside in journal.torn-4" },
	{ "{'event':'begin','batch':'b1','kind':'replace','keys':[{'key':'k'},{'key':'l'}],"
	  "'holders':[{'name':'a'}]}",
		"batch b1 begun (replace): a share of 2 keys anew, for a" },
	{ "{'event':'destroyed','who':'a','shares':[{'key':'k1'},{'key':'k2'}]}",
		"a affirmed to have destroyed 2 old shares: k1, k2" },
	{ "{'event':'passphrase','number':2,'kdf':'sensitive','recovered':false}",
		"another passphrase (sensitive), in vault-2.sec" },
	{ "{'event':'passphrase','number':2,'kdf':'interactive','recovered':true}",
		"another passphrase (interactive), in vault-2.sec, for one that was forgotten" },
	{ "{'event':'attach','key':'k','serial':'0a','issuer':'CN=CA','not_after':'2027-01-01T00:"
	  "00:00Z'}",
		"certificate for k attached: serial 0a of CN=CA, until 2027-01-01T00:00:00Z" },
	{ "{'event':'promote','key':'k','domain':'d','force':false,'why':null}",
		"k is active for d" },
	{ "{'event':'promote','key':'k','domain':'d','force':true,'why':'not ready'}",
		"k is active for d, by force: not ready" },
	{ "{'event':'retire','key':'k','pin':'p','domain':'d','force':false}", "k retired from d" },
	{ "{'event':'retire','key':null,'pin':'p','domain':'d','force':true}",
		"p retired from d, by force" },
	{ "{'event':'compromise','key':null,'pin':'p','domain':'d','use':'k'}",
		"p of d compromised; to be used instead: k" },
	{ "{'event':'compromise','key':'k','pin':'p','domain':'d','use':null}",
		"k of d compromised" },
	{ "{'event':'released','key':'k'}", "k is no longer cold" },
	{ "{'event':'destroy','key':'k','sets':['s1','s2']}",
		"sealed records of k destroyed: sets s1, s2" },
	{ "{'event':'csr','key':'k','names':['d','www.d'],'custodians':['a','b']}",
		"new request of k for d, www.d; shares of a, b" },
	{ "{'event':'export'}", "manifest 0 signed and written to ?" },
	{ "{'event':'teleport'}", "teleport (unknown to this version)" },
	{ "{'event':'export','serial':1,'to':'\\u001b[2J'}",
		"manifest 1 signed and written to ?[2J" },
};

static void
every_event_has_its_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		BUF_AUTO text = BUF_NONE;
		BUF_AUTO sentence = BUF_NONE;
		JSON_AUTO body = NULL;
		struct err e = { 0 };

		buf_adds(&text, rows[i].line);
		for (size_t j = 0; j < text.len; j++)
			if (text.data[j] == '\'')
				text.data[j] = '"';
		assert_ok(json_parse(text.data, text.len, &body, &e), &e);
		const struct journal_line line = {
			.n = 1,
			.event = json_string_value(json_object_get(body, "event")),
			.online = json_is_true(json_object_get(body, "online")),
			.body = body,
		};
		logtext_sentence(&line, &sentence);
		assert_string_equal(sentence.data, rows[i].sentence);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(every_event_has_its_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
