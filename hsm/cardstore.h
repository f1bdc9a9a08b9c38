/* SPDX-License-Identifier: ISC */
/*
 * cardstore: several records in one object of a card, and how to tell a torn write.
 *
 * Layout (docs/FORMAT.md): magic, length of the whole, number of records, the records (kind,
 * length, bytes), checksum. The magic is no TLV, for some cards strip what is; the checksum shows
 * a torn write and no more, for who may write the card may write it too. The bytes hold shares:
 * secret memory.
 */
#ifndef HSM_CARDSTORE_H
#define HSM_CARDSTORE_H

#include "base/secret.h"

#define CARDSTORE_MAX 16384   /* bytes of one object */
#define CARDSTORE_OVERHEAD 15 /* bytes beside the records */
#define CARDSTORE_RECORD 3    /* bytes beside each record's own */
#define CARDSTORE_RECORDS_MAX 255

enum cardstore_kind {
	CARDSTORE_SHARE = 1, /* sharebin */
	CARDSTORE_LOCK = 2,  /* a custodian's lock secret */
};

struct cardstore_record {
	uint8_t kind; /* kinds of a newer program are kept as they are */
	struct secret bytes;
};

struct cardstore {
	struct cardstore_record *records;
	size_t count;
};
#define CARDSTORE_AUTO __attribute__((cleanup(cardstore_free))) struct cardstore
void cardstore_free(struct cardstore *s);

/* What an object's bytes are. */
enum cardstore_state {
	CARDSTORE_EMPTY,   /* no bytes, or nothing but 00 or FF */
	CARDSTORE_OURS,    /* whole */
	CARDSTORE_TORN,    /* begins as ours and is not whole */
	CARDSTORE_FOREIGN, /* somebody else's: never to be overwritten */
};

/* *out gets records only where *state is CARDSTORE_OURS. What follows the stated length is
 * ignored: files on some cards cannot shrink. */
bool cardstore_parse(const uint8_t *data, size_t len, enum cardstore_state *state,
	struct cardstore *out, struct err *e) FALLIBLE;

/* Copies `bytes` in as the last record. ERR_FORMAT when over CARDSTORE_RECORDS_MAX or
 * CARDSTORE_MAX. */
bool cardstore_add(struct cardstore *s, enum cardstore_kind kind, const struct secret *bytes,
	struct err *e) FALLIBLE;
void cardstore_remove(struct cardstore *s, size_t i);

size_t cardstore_size(const struct cardstore *s); /* of what cardstore_encode makes */
bool cardstore_encode(const struct cardstore *s, struct secret *out, struct err *e) FALLIBLE;

#endif
