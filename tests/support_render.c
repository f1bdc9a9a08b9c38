/* SPDX-License-Identifier: ISC */
#include "tests/support_render.h"

const struct render_options support_render_none = { 0 };

void
support_render_sample(struct support_render *s)
{
	*s = (struct support_render){
		.pins = { { .role = ROLE_ACTIVE,
				  .state = STATE_ACTIVE,
				  .algorithm = TEXT("ec:p256"),
				  .key = TEXT("example.org-ec-p256-11111111") },
			{ .role = ROLE_BACKUP,
				.state = STATE_STANDBY,
				.algorithm = TEXT("rsa:3072") },
			{ .role = ROLE_CA, .ca = CA_ROOT, .algorithm = TEXT("rsa:4096") } },
		.names = { TEXT("example.org"), TEXT("*.example.org"), TEXT("IP:192.0.2.1") },
		.m = { .vault_name = TEXT("Test"),
			.serial = 3,
			.created = 1795341600,
			.valid_until = 1826877600 },
	};
	for (int i = 0; i < 3; i++)
		memset(s->pins[i].pin.hash, 0x11 * (i + 1), PIN_LEN);
	s->domains[0] = (struct manifest_domain){ .domain = TEXT("example.org"),
		.names = s->names,
		.name_count = 3,
		.max_age = 5184000,
		.pins = s->pins,
		.pin_count = 3 };
	s->domains[1] = s->domains[0];
	s->domains[1].domain = TEXT("example.net");
	s->m.domains = s->domains;
	s->m.domain_count = 1;
}

void
support_renders(const struct support_render *s, const char *format, const struct render_options *o,
	const char *expected)
{
	const struct render_format *f = NULL;
	BUF_AUTO out = BUF_NONE;
	struct err e = { 0 };

	assert_ok(render_find(format, &f, &e), &e);
	assert_ok(render(f, &s->m, o, &out, &e), &e);
	assert_string_equal(out.data, expected);
}

void
support_fails(const struct support_render *s, const char *format, const struct render_options *o,
	enum err_code code, const char *why)
{
	const struct render_format *f = NULL;
	BUF_AUTO out = BUF_NONE;
	struct err e = { 0 };

	assert_ok(render_find(format, &f, &e), &e);
	assert_fails(render(f, &s->m, o, &out, &e), &e, code, why);
	assert_int_equal(out.len, 0);
}
