/* SPDX-License-Identifier: ISC */
/*
 * ledger: journal lines applied to a state, with no file. Members are written as JSON with single
 * quotes.
 */
#ifndef TESTS_LEDGER_H
#define TESTS_LEDGER_H

#include "vault/state.h"

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

/* When line n was written. */
int64_t ledger_time(int64_t n);
bool ledger_try(struct state *s, int64_t n, const char *event, bool online, const char *members,
	struct err *e);
void ledger_apply(struct state *s, int64_t n, const char *event, const char *members);
/* The line is ERR_FORMAT, with `part` in the message. */
void ledger_refused(
	struct state *s, int64_t n, const char *event, const char *members, const char *part);
/* A vault of two keys: A by lines 2 and 3, B by lines 4 and 5. */
void ledger_fill(struct state *s);

#endif
