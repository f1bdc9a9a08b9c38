/* SPDX-License-Identifier: ISC */
#include "hsm/p11.h"

#include "base/file.h"
#include "hsm/cryptoki.h"
#include "hsm/p11err.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Finding the file ------------------------------------------------------------------------- */

/* P11_MODULES: where p11-kit has them on this machine, from the Makefile. */
static const char *const folders[] = {
	P11_MODULES,
	P11_MODULES "/..",
	"/usr/lib/softhsm",
	"/usr/lib/pkcs11",
	"/usr/local/lib/pkcs11",
	"/usr/local/lib",
};

static bool
not_found(const char *name, struct err *e)
{
	err_set(e, ERR_MISSING, "there is no PKCS#11 module %s", name);
	return err_hint(e,
		"install its package (opensc-pkcs11, softhsm2), or give its absolute "
		"path; names are looked up in %s, its parent, /usr/lib/softhsm, "
		"/usr/lib/pkcs11 and /usr/local/lib",
		P11_MODULES);
}

static bool
find(const char *name, char **out, struct err *e)
{
	if (name[0] == '/') {
		*out = realpath(name, NULL);
		return *out || not_found(name, e);
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		AUTO_STR path = NULL;

		if (!file_path(&path, e, "%s/%s", folders[i], name))
			return false;
		*out = realpath(path, NULL);
		if (*out)
			return true;
	}
	return not_found(name, e);
}

/* The module ------------------------------------------------------------------------------- */

static struct p11 *loaded;

static bool
no_module(const char *path, const char *why, struct err *e)
{
	err_set(e, ERR_DEVICE, "%s is no PKCS#11 module: %s", path, why);
	return err_hint(e, "a module is a library such as opensc-pkcs11.so");
}

/* All that p11*.c call. */
static bool
has_calls(const struct ck_function_list *c)
{
	return c->C_Initialize && c->C_Finalize && c->C_GetInfo && c->C_GetSlotList &&
	       c->C_GetTokenInfo && c->C_OpenSession && c->C_CloseSession && c->C_Login &&
	       c->C_Logout && c->C_CreateObject && c->C_DestroyObject && c->C_GetAttributeValue &&
	       c->C_FindObjectsInit && c->C_FindObjects && c->C_FindObjectsFinal;
}

static bool
get_calls(struct p11 *m, struct err *e)
{
	CK_C_GetFunctionList get =
		(CK_C_GetFunctionList)(uintptr_t)dlsym(m->library, "C_GetFunctionList");

	if (!get)
		return no_module(m->path, "it has no C_GetFunctionList", e);
	if (get(&m->calls) != CKR_OK || !m->calls)
		return no_module(m->path, "it gives no list of functions", e);
	return (m->calls->version.major >= 2 && has_calls(m->calls)) ||
	       no_module(m->path, "it lacks functions of version 2", e);
}

static bool
start(struct p11 *m, struct err *e)
{
	struct ck_c_initialize_args args = { .flags = CKF_OS_LOCKING_OK };
	ck_rv_t rv = m->calls->C_Initialize(&args);

	if (rv == CKR_CANT_LOCK || rv == CKR_ARGUMENTS_BAD)
		rv = m->calls->C_Initialize(NULL);
	m->running = rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED;
	return m->running || (p11err_set(rv, "starting the module", e), err_wrap(e, "%s", m->path));
}

/* The library stays: what modules leave behind (threads, exit handlers) would be unmapped. */
static void
stop(struct p11 *m)
{
	if (m->running)
		(void)m->calls->C_Finalize(NULL);
	m->running = false;
}

static void
destroy(struct p11 **m)
{
	if (*m)
		free((*m)->path);
	free(*m);
	*m = NULL;
}
#define P11_NEW_AUTO __attribute__((cleanup(destroy))) struct p11

static bool
load_fresh(void *library, char **path, struct p11 **out, struct err *e)
{
	P11_NEW_AUTO *m = calloc(1, sizeof(*m));

	if (!m)
		return err_set(e, ERR_MEMORY, "out of memory");
	*m = (struct p11){ .library = library, .path = *path, .next = loaded };
	*path = NULL;
	if (!get_calls(m, e) || !start(m, e))
		return false;
	loaded = m;
	*out = m;
	m = NULL;
	return true;
}

bool
p11_load(const char *name, struct p11 **out, struct err *e)
{
	AUTO_STR path = NULL;
	struct p11 *m = loaded;

	if (!find(name, &path, e))
		return false;
	/* By its path: a bare name would be looked up as the environment says. */
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		const char *why = dlerror();
		return no_module(path, why ? why : "it cannot be loaded", e);
	}
	while (m && m->library != library)
		m = m->next;
	if (m ? !m->running && !start(m, e) : !load_fresh(library, &path, &m, e))
		return false;
	m->handles++;
	*out = m;
	return true;
}

void
p11_unload(struct p11 **m)
{
	if (*m && --(*m)->handles == 0)
		stop(*m);
	*m = NULL;
}

const char *
p11_path(const struct p11 *m)
{
	return m->path;
}

bool
p11_restart(struct p11 *m, struct err *e)
{
	stop(m);
	return start(m, e);
}
