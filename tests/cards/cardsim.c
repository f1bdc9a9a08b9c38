/* SPDX-License-Identifier: ISC */
/*
 * cardsim: a smartcard that is a process: it connects to a slot of vpcd, pcscd's virtual reader,
 * and answers command APDUs until it is killed (pulled), which may be at any moment.
 *
 * One applet per card, written from its public specification:
 *   openpgp   OpenPGP card 3.4, or 2.1 with --old
 *   piv       NIST SP 800-73-4, with what YubiKeys 5.4 add to it, or without it (--old), and then
 * with a CHUID; the management key is the factory's, of --algorithm 3des, aes128, aes192 or aes256
 *   sc-hsm    SmartCard-HSM: elementary files, the user's PIN, the SO-PIN, and a device certificate
 * that can be parsed, though nobody has signed it What is simulated: selection, data objects with
 * their access rules and size limits, PINs with counters that outlive a reset, changing and
 * unblocking them, KDF-DO, short and extended APDUs, command chaining, 61xx and 6Cxx, and the loss
 * of all security status on a reset. What the card keeps is in --state, saved before each reply.
 * What is not: keys and everything done with them, certificates' checks, secure messaging, logical
 * channels, T=0 (the ATRs offer T=1 alone), timing.
 *
 * Whatever a real card may do wrong is an option: it dies before an APDU (--die-at) or between
 * carrying it out and answering (--die-after), tears a write (--tear), or lies (--lie). Whatever
 * else may happen meanwhile, --run does. APDUs and writes are counted from 1, from the start of the
 * process.
 */
#include "base/buf.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/opt.h"
#include "tests/cards/iso.h"
#include "tests/cards/mishap.h"

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const struct opt_spec options[] = {
	{ "port", OPT_ONE, "N", "of vpcd's slot on this machine: 35963 is the first one's" },
	{ "state", OPT_ONE, "FILE", "what the card remembers; made new if there is none" },
	{ "serial", OPT_ONE, "TEXT", "the card's serial number" },
	{ "pin", OPT_ONE, "PIN", "the user's, of a new card" },
	{ "admin", OPT_ONE, "PIN", "PW3, PUK or SO-PIN of a new card" },
	{ "algorithm", OPT_ONE, "NAME", "piv: of a new card's management key" },
	{ "tries", OPT_ONE, "N", "of each PIN of a new card" },
	{ "size", OPT_ONE, "N", "the longest value that fits, in bytes" },
	{ "room", OPT_ONE, "N", "sc-hsm: for all files together, in bytes" },
	{ "extended", OPT_FLAG, NULL, "takes APDUs of extended length" },
	{ "exact-le", OPT_FLAG, NULL,
		"answers 6Cxx unless Le is exact, and 61xx where there is none" },
	{ "counts", OPT_FLAG, NULL, "answers a wrong PIN with 63Cx, not 6982" },
	{ "old", OPT_FLAG, NULL, "an earlier version of the card" },
	{ "pieces", OPT_FLAG, NULL, "piv: writes each command of a chain at once" },
	{ "kdf", OPT_FLAG, NULL, "openpgp: a new card has a KDF-DO" },
	{ "trace", OPT_ONE, "FILE", "appends each APDU and its reply, in hexadecimal" },
	{ "die-at", OPT_ONE, "N", "is pulled before APDU N" },
	{ "die-after", OPT_ONE, "N", "is pulled when APDU N is done, before its answer" },
	{ "tear", OPT_ONE, "N", "write N keeps only its first half; then it is pulled" },
	{ "run-at", OPT_ONE, "N", "runs a command when APDU N has come, before it is done" },
	{ "run", OPT_ONE, "COMMAND", "that command, of the shell" },
	{ "lie", OPT_ONE, "MODE", "spoils replies: long, short, status, tiny or endless" },
	{ "lie-at", OPT_ONE, "N", "only the reply to APDU N" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

static const struct applet *const applets[] = { &app_openpgp, &app_piv, &app_schsm };

/* A card in its slot. */
struct slot {
	long port;
	int fd;
	struct card card;
	FILE *trace;
	const struct mishap *lie;
	const char *command;
	long die_at, die_after, lie_at, run_at;
	long apdus; /* begun so far */
};

/* vpcd ------------------------------------------------------------------------------------- */

/* Messages of one byte are commands of the reader: 0 off, 1 on, 2 reset, 4 the ATR; all others are
 * APDUs. */
#define READER_ATR 4

/* A card is there whether pcscd is or not: it waits for one, and when that has ended, for the next.
 */
static bool
slot_connect(struct slot *s, struct err *e)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)s->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct timespec pause = { .tv_nsec = 20000000 };

	iso_reset(&s->card);
	for (;;) {
		AUTO_FD fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0)
			return err_errno(e, "connecting to vpcd");
		if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0) {
			s->fd = fd;
			fd = -1;
			return true;
		}
		nanosleep(&pause, NULL);
	}
}

/* False at the end: the reader is gone. vpcd sends length and message apart, and the message only
 * when the length was acknowledged (RFC 896), which this end would put off by 40 ms. */
static bool
receive(int fd, uint8_t *message, size_t *len)
{
	uint8_t head[2];

	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &(int){ 1 }, sizeof(int));
	if (recv(fd, head, sizeof(head), MSG_WAITALL) != (ssize_t)sizeof(head))
		return false;
	*len = (size_t)head[0] << 8 | head[1];
	return recv(fd, message, *len, MSG_WAITALL) == (ssize_t)*len;
}

/* A reader that has gone meanwhile is noticed at the next message. */
static void
reply_with(int fd, const struct buf *reply)
{
	BUF_AUTO message = BUF_NONE;

	buf_add(&message, (uint8_t[]){ (uint8_t)(reply->len >> 8), (uint8_t)reply->len }, 2);
	buf_add(&message, reply->data, reply->len);
	if (send(fd, message.data, message.len, MSG_NOSIGNAL) < 0)
		shutdown(fd, SHUT_RDWR);
}

static void
trace(FILE *to, char direction, const uint8_t *data, size_t len)
{
	size_t i;

	if (!to)
		return;
	fprintf(to, "%c ", direction);
	for (i = 0; i < len; i++)
		fprintf(to, "%02x", data[i]);
	fputc('\n', to);
	fflush(to);
}

static bool
lies(const struct slot *s)
{
	if (!s->lie)
		return false;
	return s->lie_at == 0 || s->apdus == s->lie_at || (s->lie->lasting && s->apdus > s->lie_at);
}

/* False when the card is to be pulled: nothing is answered then. */
static bool
answer_apdu(struct slot *s, const uint8_t *apdu, size_t len, struct buf *reply, struct err *e)
{
	if (++s->apdus == s->die_at)
		return false;
	trace(s->trace, '>', apdu, len);
	if (s->apdus == s->run_at && system(s->command) != 0)
		return err_set(e, ERR_IO, "failed: %s", s->command);
	iso_exchange(&s->card, apdu, len, reply);
	if (!store_save(&s->card.store, e))
		return false;
	if (s->card.dying || s->apdus == s->die_after)
		return false;
	if (lies(s))
		s->lie->spoil(reply);
	trace(s->trace, '<', (const uint8_t *)reply->data, reply->len);
	return buf_ok(reply, e);
}

/* One message of the reader. False when the card is to be pulled. */
static bool
obey(struct slot *s, const uint8_t *message, size_t len, struct err *e)
{
	BUF_AUTO reply = BUF_NONE;

	if (len == 1 && message[0] == READER_ATR)
		iso_hex(&reply, s->card.applet->atr);
	else if (len == 1) /* none of these is answered */
		iso_reset(&s->card);
	else if (!answer_apdu(s, message, len, &reply, e))
		return false;
	if (reply.len > 0)
		reply_with(s->fd, &reply);
	return true;
}

static bool
serve(struct slot *s, struct err *e)
{
	uint8_t message[UINT16_MAX];
	size_t len;

	while (slot_connect(s, e)) {
		while (receive(s->fd, message, &len)) {
			if (!obey(s, message, len, e))
				return e->code == ERR_NONE;
		}
		close(s->fd);
		s->fd = -1;
	}
	return false;
}

/* The command line ------------------------------------------------------------------------- */

static bool
find_applet(const struct applet **out, const struct opts *o, struct err *e)
{
	size_t i;

	for (i = 0; o->operand_count == 1 && i < sizeof(applets) / sizeof(*applets); i++) {
		if (strcmp(applets[i]->name, o->operands[0]) == 0) {
			*out = applets[i];
			return true;
		}
	}
	return err_set(e, ERR_USAGE,
		"usage: cardsim openpgp|piv|sc-hsm --port N --state FILE [option...]");
}

static const char *
text_or(const struct opts *o, const char *name, const char *otherwise)
{
	const char *text = opt_get(o, name);

	return text ? text : otherwise;
}

static bool
read_settings(struct settings *s, const struct opts *o, struct err *e)
{
	s->serial = text_or(o, "serial", s->serial);
	s->pin = text_or(o, "pin", s->pin);
	s->admin = text_or(o, "admin", s->admin);
	s->algorithm = text_or(o, "algorithm", s->algorithm);
	s->extended |= opt_flag(o, "extended");
	s->exact_le = opt_flag(o, "exact-le");
	s->counts |= opt_flag(o, "counts");
	s->kdf = opt_flag(o, "kdf");
	s->old = opt_flag(o, "old");
	s->pieces = opt_flag(o, "pieces");
	return opt_int(o, "size", 1, UINT16_MAX, &s->size, e) &&
	       opt_int(o, "room", 1, LONG_MAX, &s->room, e) &&
	       opt_int(o, "tries", 1, 15, &s->tries, e) &&
	       opt_int(o, "tear", 1, LONG_MAX, &s->tear, e);
}

static bool
read_mishaps(struct slot *s, const struct opts *o, struct err *e)
{
	const char *lie = opt_get(o, "lie"), *path = opt_get(o, "trace");

	s->command = text_or(o, "run", "true");
	s->lie = lie ? mishap_named(lie) : NULL;
	if (lie && !s->lie)
		return err_set(e, ERR_USAGE, "there is no --lie %s", lie);
	s->trace = path ? fopen(path, "ae") : NULL;
	if (path && !s->trace)
		return err_errno(e, "opening %s", path);
	return opt_int(o, "die-at", 1, LONG_MAX, &s->die_at, e) &&
	       opt_int(o, "die-after", 1, LONG_MAX, &s->die_after, e) &&
	       opt_int(o, "lie-at", 1, LONG_MAX, &s->lie_at, e) &&
	       opt_int(o, "run-at", 1, LONG_MAX, &s->run_at, e);
}

static bool
insert(struct slot *s, const struct opts *o, struct err *e)
{
	struct card *c = &s->card;

	if (!find_applet(&c->applet, o, e))
		return false;
	c->settings = c->applet->defaults;
	if (!opt_get(o, "port") || !opt_get(o, "state"))
		return err_set(e, ERR_USAGE, "--port and --state are needed");
	if (!opt_int(o, "port", 1, UINT16_MAX, &s->port, e) || !read_settings(&c->settings, o, e) ||
		!read_mishaps(s, o, e) || !store_open(&c->store, opt_get(o, "state"), e))
		return false;
	if (c->store.count == 0)
		c->applet->factory(c);
	return store_save(&c->store, e) && serve(s, e);
}

static void
pull(struct slot *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->trace)
		fclose(s->trace);
	iso_reset(&s->card);
	buf_free(&s->card.chain);
	buf_free(&s->card.rest);
	store_close(&s->card.store);
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };
	struct slot s = { .fd = -1 };
	OPTS_AUTO o = { 0 };
	bool ok = opt_parse(&o, argc, argv, NULL, options, &e) && insert(&s, &o, &e);

	pull(&s);
	if (!ok)
		fprintf(stderr, "cardsim: error: %s\n", e.message);
	return err_status(e.code);
}
