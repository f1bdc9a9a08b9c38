/* SPDX-License-Identifier: ISC */
/*
 * cryptoki: the one file that includes the PKCS#11 header; for the files p11*.c alone.
 */
#ifndef HSM_CRYPTOKI_H
#define HSM_CRYPTOKI_H

#include "hsm/p11.h"

#define CRYPTOKI_GNU
#include <p11-kit/pkcs11.h>

/* A loaded module, shared by all handles on it. */
struct p11 {
	struct p11 *next;
	void *library;
	unsigned handles;
	bool running;                   /* between C_Initialize and C_Finalize */
	struct ck_function_list *calls; /* all that p11*.c call are there */
	char *path;
};

struct p11_session {
	struct p11 *module;
	ck_slot_id_t slot;
	ck_session_handle_t handle;
	bool logged_in;
	struct p11_token token; /* as it was before the login */
};

#endif
