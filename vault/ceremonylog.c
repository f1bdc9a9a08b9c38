/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/file.h"
#include "vault/ceremonyrun.h"

bool
ceremony_done(struct ceremony *c, enum ceremony_step_id id, const char *custodian, struct err *e)
{
	json_t *row;

	if (!c->steps)
		c->steps = json_array();
	row = json_pack("{s:s, s:o}", "step", ceremonysteps[id].name, "at", json_time(clock_now()));
	if (!row ||
		(custodian && json_object_set_new(row, "custodian", json_string(custodian)) != 0) ||
		json_array_append_new(c->steps, row) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

/* `body` is consumed. */
static bool
append(struct ceremony *c, json_t *body, struct err *e)
{
	if (!c->steps)
		c->steps = json_array();
	if (!body || json_object_set(body, "steps", c->steps) != 0) {
		json_decref(body);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	if (!store_append(&c->store, "ceremony", body, e))
		return false;
	return json_array_clear(c->steps) == 0 || err_set(e, ERR_MEMORY, "out of memory");
}

bool
ceremony_log(struct ceremony *c, const char *step, struct err *e)
{
	return append(c, json_pack("{s:s, s:s}", "step", step, "plan", c->plan->hash), e);
}

bool
ceremony_hash_program(struct ceremony *c, struct err *e)
{
	BUF_AUTO bytes = BUF_NONE;

	if (!file_read("/proc/self/exe", FILE_LIMIT_LARGE, &bytes, e))
		return err_wrap(e, "hashing the running program");
	encode_hash_hex(c->program, bytes.data, bytes.len);
	return true;
}

bool
ceremony_log_start(struct ceremony *c, struct err *e)
{
	return append(c,
		json_pack("{s:s, s:s, s:s, s:s, s:O}", "step", "start", "plan", c->plan->hash,
			"version", VERSION, "program", c->program, "machine", c->machine),
		e);
}
