/* SPDX-License-Identifier: ISC */
#include "vault/doctor.h"

#include <stdarg.h>
#include <stdio.h>

const struct doctor_check doctor_checks[] = {
	{ "network", doctor_network },
	{ "swap", doctor_swap },
	{ "core-dumps", doctor_core_dumps },
	{ "memory-lock", doctor_memory_lock },
	{ "rng", doctor_rng },
	{ "clock", doctor_clock },
	{ "disk", doctor_disk },
	{ "memory", doctor_memory },
	{ "card-readers", doctor_readers },
	{ "hypervisor", doctor_hypervisor },
	{ "libraries", doctor_libraries },
	{ "system", doctor_system },
	{ 0 },
};

const char *
doctor_word(enum doctor_verdict v)
{
	static const char *const words[] = {
#define DOCTOR_WORD(code, word) [code] = (word),
		DOCTOR_VERDICTS(DOCTOR_WORD)
#undef DOCTOR_WORD
	};

	return words[v];
}

void
doctor_tell(struct doctor_finding *out, enum doctor_verdict verdict, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(out->message, sizeof(out->message), fmt, args);
	va_end(args);
	err_clean(out->message);
	out->verdict = verdict;
}

void
doctor_tell_err(struct doctor_finding *out, bool allowed, const struct err *cause)
{
	doctor_tell(out, allowed ? DOCTOR_WARN : DOCTOR_FAIL, "%s%s%s", cause->message,
		cause->hint[0] ? "; " : "", cause->hint);
}
