/* SPDX-License-Identifier: ISC */
#include "pins/lintrule.h"

#include <string.h>

void
lintset_rehearsal(struct lint_visit *v)
{
	if (v->m->rehearsal)
		lint_say(v, NULL, "the manifest of a rehearsal");
}

void
lintset_no_active(struct lint_visit *v)
{
	if (v->chain_count == 0)
		lint_say(v, NULL, "no pin is active or of a CA: clients would refuse the server");
}

void
lintset_no_backup(struct lint_visit *v)
{
	if (v->backup_count == 0)
		lint_say(v, NULL, "no backup: when the served key is lost, so are the clients");
}

void
lintset_one_backup(struct lint_visit *v)
{
	if (v->backup_count == 1)
		lint_say(v, NULL, "one backup only");
}

void
lintset_pin_twice(struct lint_visit *v)
{
	for (size_t i = 1; i < v->pins.count; i++) {
		const struct manifest_pin *pin = v->pins.pins[i];
		if (pin_equal(&v->pins.pins[i - 1]->pin, &pin->pin))
			lint_say(v, pin, "the same pin as %s and as %s",
				manifest_role_name(v->pins.pins[i - 1]->role),
				manifest_role_name(pin->role));
	}
}

void
lintset_two_pins(struct lint_visit *v)
{
	if (v->pin_count < 2)
		lint_say(v, NULL, "fewer than two distinct pins");
}

/* Pins that stand in documentation to be replaced, and the hash of nothing. */
static const char *const samples[] = {
	/* RFC 7469 section 2.1.5 */
	"d6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM=",
	"E9CZ9INDbd+2eRQozYqqbQ2yXLVKB9+xcprMF+44U1g=",
	"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
	/* MDN, Public-Key-Pins */
	"cUPcTAZWKaASuYWhhneDttWpY3oBAkE3h2+soZS7sWs=",
	"M8HztCzM3elUxkcjR2S5P4hhyBNf6lHkmjAHKhpGPWE=",
	/* Android, network-security-config */
	"7HIpactkIAq2Y49orFOOQKurWxmmSFZhBCoQYcRhJ3Y=",
	"fwza0LRMXouZHRC8Ei+4PyuldPDcf3UKgO/04cDM1oE=",
	/* SHA-256 of no bytes */
	"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
};

/* "AAAA...", "BBBB...": one letter over and over, but for the last, which has two bits less. */
static bool
is_filler(const char text[static PIN_TEXT])
{
	size_t same = 1;
	while (same < PIN_TEXT - 3 && text[same] == text[0])
		same++;
	return same == PIN_TEXT - 3;
}

static bool
is_constant(const struct pin *pin)
{
	return memcmp(pin->hash, pin->hash + 1, PIN_LEN - 1) == 0;
}

void
lintset_sample_pin(struct lint_visit *v)
{
	for (size_t i = 0; i < v->domain->pin_count; i++) {
		const struct manifest_pin *pin = &v->domain->pins[i];
		char text[PIN_TEXT];
		pin_encode(&pin->pin, text);
		bool sample = is_filler(text) || is_constant(&pin->pin);
		for (size_t s = 0; !sample && s < sizeof samples / sizeof *samples; s++)
			sample = strcmp(text, samples[s]) == 0;
		if (sample)
			lint_say(v, pin, "nobody holds the key of this pin: it is a sample");
	}
}

void
lintset_backup_released(struct lint_visit *v)
{
	for (size_t i = 0; i < v->domain->pin_count; i++) {
		const struct manifest_pin *pin = &v->domain->pins[i];
		if (manifest_is_backup(pin) && pin->released)
			lint_say(v, pin, "this backup was recovered to a file: no longer cold");
	}
}
