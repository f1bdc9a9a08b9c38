/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/encode.h"
#include "base/file.h"
#include "hsm/cardlock.h"
#include "hsm/tlv.h"

static void
add(struct cardstore *s, enum cardstore_kind kind, const char *text)
{
	SECRET_AUTO bytes = SECRET_NONE;
	struct err e;

	assert_ok(secret_copy(&bytes, text, strlen(text), &e), &e);
	assert_ok(cardstore_add(s, kind, &bytes, &e), &e);
}

static enum cardstore_state
state_of(const uint8_t *data, size_t len, struct cardstore *out)
{
	enum cardstore_state state;
	struct err e;

	assert_ok(cardstore_parse(data, len, &state, out, &e), &e);
	return state;
}

static void
encode_three(struct secret *out)
{
	CARDSTORE_AUTO s = { 0 };
	struct err e;

	add(&s, CARDSTORE_SHARE, "one");
	add(&s, CARDSTORE_LOCK, "");
	add(&s, CARDSTORE_SHARE, "three");
	assert_ok(cardstore_encode(&s, out, &e), &e);
	assert_int_equal(out->len, cardstore_size(&s));
}

static void
records_come_back_as_they_were_added(void **state)
{
	SECRET_AUTO bytes = SECRET_NONE;
	CARDSTORE_AUTO s = { 0 };

	(void)state;
	encode_three(&bytes);
	assert_int_equal(state_of(bytes.data, bytes.len, &s), CARDSTORE_OURS);
	assert_int_equal(s.count, 3);
	assert_memory_equal(s.records[0].bytes.data, "one", 3);
	assert_int_equal(s.records[1].kind, CARDSTORE_LOCK);
	assert_int_equal(s.records[1].bytes.len, 0);
	assert_int_equal(s.records[2].bytes.len, 5);
	cardstore_remove(&s, 0);
	assert_int_equal(s.count, 2);
	assert_memory_equal(s.records[1].bytes.data, "three", 5);
}

static void
a_write_torn_at_any_byte_is_seen(void **state)
{
	SECRET_AUTO bytes = SECRET_NONE;
	CARDSTORE_AUTO s = { 0 };

	(void)state;
	encode_three(&bytes);
	for (size_t len = 1; len < bytes.len; len++)
		assert_int_equal(state_of(bytes.data, len, &s), CARDSTORE_TORN);
	for (size_t i = 4; i < bytes.len; i++) {
		bytes.data[i] ^= 1;
		assert_int_equal(state_of(bytes.data, bytes.len, &s), CARDSTORE_TORN);
		bytes.data[i] ^= 1;
	}
	assert_null(s.records);
}

/* An old object whose beginning was overwritten by a new one. */
static void
the_end_of_an_older_object_does_not_complete_a_newer_one(void **state)
{
	SECRET_AUTO old = SECRET_NONE, new = SECRET_NONE;
	CARDSTORE_AUTO s = { 0 };
	struct err e;

	(void)state;
	encode_three(&old);
	add(&s, CARDSTORE_SHARE, "one");
	add(&s, CARDSTORE_LOCK, "");
	add(&s, CARDSTORE_SHARE, "seven");
	assert_ok(cardstore_encode(&s, &new, &e), &e);
	cardstore_free(&s);
	assert_int_equal(old.len, new.len);
	for (size_t torn = 1; torn < old.len; torn++) {
		memcpy(old.data, new.data, torn);
		if (memcmp(old.data, new.data, old.len) == 0)
			break;
		if (state_of(old.data, old.len, &s) == CARDSTORE_OURS)
			assert_memory_equal(s.records[2].bytes.data, "three", 5);
		cardstore_free(&s);
	}
}

static void
what_follows_the_stated_length_does_not_matter(void **state)
{
	SECRET_AUTO bytes = SECRET_NONE;
	CARDSTORE_AUTO s = { 0 };
	uint8_t file[256];

	(void)state;
	encode_three(&bytes);
	memset(file, 0x5a, sizeof(file));
	memcpy(file, bytes.data, bytes.len);
	assert_int_equal(state_of(file, sizeof(file), &s), CARDSTORE_OURS);
	assert_int_equal(s.count, 3);
}

static void
empty_and_foreign_objects_are_told_apart(void **state)
{
	static const uint8_t zeros[16], foreign[] = "something else";
	uint8_t ones[16];
	CARDSTORE_AUTO s = { 0 };

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	assert_int_equal(state_of(NULL, 0, &s), CARDSTORE_EMPTY);
	assert_int_equal(state_of(zeros, sizeof(zeros), &s), CARDSTORE_EMPTY);
	assert_int_equal(state_of(ones, sizeof(ones), &s), CARDSTORE_EMPTY);
	assert_int_equal(state_of(foreign, sizeof(foreign), &s), CARDSTORE_FOREIGN);
	assert_int_equal(state_of(foreign, 1, &s), CARDSTORE_FOREIGN);
	ones[15] = 0;
	assert_int_equal(state_of(ones, sizeof(ones), &s), CARDSTORE_FOREIGN);
}

/* A right checksum over records that do not fill the space. */
static void
records_that_do_not_fit_are_torn(void **state)
{
	SECRET_AUTO bytes = SECRET_NONE;
	CARDSTORE_AUTO s = { 0 };
	struct err e;

	(void)state;
	add(&s, CARDSTORE_SHARE, "\x01\x01\x01\x01");
	s.records[0].bytes.data[3] = 0;
	assert_ok(cardstore_encode(&s, &bytes, &e), &e);
	cardstore_free(&s);
	for (int count = 0; count < 4; count++) {
		uint8_t hash[32];
		bytes.data[6] = (uint8_t)count;
		encode_hash(hash, bytes.data, bytes.len - 8);
		memcpy(bytes.data + bytes.len - 8, hash, 8);
		assert_int_equal(state_of(bytes.data, bytes.len, &s),
			count == 1 ? CARDSTORE_OURS : CARDSTORE_TORN);
		cardstore_free(&s);
	}
}

static void
an_object_is_no_tlv(void **state)
{
	SECRET_AUTO bytes = SECRET_NONE;
	struct tlv t;
	struct err e;

	(void)state;
	encode_three(&bytes);
	struct tlv_rest rest = { bytes.data, bytes.len };
	assert_fails(tlv_next(&rest, &t, &e), &e, ERR_FORMAT, "length");
}

static void
more_than_an_object_holds_is_refused(void **state)
{
	SECRET_AUTO large = SECRET_NONE;
	CARDSTORE_AUTO s = { 0 };
	struct err e;

	(void)state;
	assert_ok(
		secret_new(&large, CARDSTORE_MAX - CARDSTORE_OVERHEAD - CARDSTORE_RECORD, &e), &e);
	assert_ok(cardstore_add(&s, CARDSTORE_SHARE, &large, &e), &e);
	assert_fails(cardstore_add(&s, CARDSTORE_SHARE, &large, &e), &e, ERR_FORMAT, "too much");
	assert_int_equal(s.count, 1);
}

static void
the_vector_reads_and_encodes_to_the_same_bytes(void **state)
{
	SECRET_AUTO vector = SECRET_NONE;
	SECRET_AUTO again = SECRET_NONE;
	SECRET_AUTO record = SECRET_NONE;
	CARDSTORE_AUTO s = { 0 };
	struct cardlock lock;
	struct minisign_pub vault;
	struct err e;

	(void)state;
	assert_ok(file_read_secret("tests/vectors/card.object", FILE_LIMIT, &vector, &e), &e);
	assert_int_equal(state_of(vector.data, vector.len, &s), CARDSTORE_OURS);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.records[2].kind, CARDSTORE_LOCK);
	assert_true(cardlock_parse(&s.records[2].bytes, &lock));
	assert_string_equal(lock.custodian, "custodian-4");
	assert_ok(minisign_pub_load("tests/vectors/vault.pub", &vault, &e), &e);
	assert_memory_equal(lock.vault, vault.id, sizeof(vault.id));
	assert_ok(cardlock_encode(&lock, &record, &e), &e);
	assert_int_equal(record.len, s.records[2].bytes.len);
	assert_memory_equal(record.data, s.records[2].bytes.data, record.len);
	assert_ok(cardstore_encode(&s, &again, &e), &e);
	assert_int_equal(again.len, vector.len);
	assert_memory_equal(again.data, vector.data, vector.len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(records_come_back_as_they_were_added),
		unit(a_write_torn_at_any_byte_is_seen),
		unit(the_end_of_an_older_object_does_not_complete_a_newer_one),
		unit(what_follows_the_stated_length_does_not_matter),
		unit(empty_and_foreign_objects_are_told_apart),
		unit(records_that_do_not_fit_are_torn),
		unit(an_object_is_no_tlv),
		unit(more_than_an_object_holds_is_refused),
		unit(the_vector_reads_and_encodes_to_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
