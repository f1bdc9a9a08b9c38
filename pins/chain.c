/* SPDX-License-Identifier: ISC */
#include "pins/chain.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

/* Each certificate that was given, once. */
struct pool {
	const struct pubfile_item **items;
	size_t count;
};
#define POOL_AUTO __attribute__((cleanup(free_pool))) struct pool

static void
free_pool(struct pool *p)
{
	free(p->items);
}

void
chain_free(struct chain *c)
{
	free(c->paths);
	*c = (struct chain){ 0 };
}

static void
add_items(struct pool *pool, const struct pubfile *file)
{
	for (size_t i = 0; i < file->count; i++) {
		X509 *certificate = file->items[i].certificate;
		bool known = !certificate;
		for (size_t j = 0; j < pool->count && !known; j++)
			known = X509_cmp(pool->items[j]->certificate, certificate) == 0;
		if (!known)
			pool->items[pool->count++] = &file->items[i];
	}
}

FALLIBLE static bool
fill(struct pool *pool, const struct pubfile *served, const struct pubfile *known, struct err *e)
{
	size_t most = served->count + (known ? known->count : 0);
	pool->items = calloc(most + 1, sizeof *pool->items);
	if (!pool->items)
		return err_set(e, ERR_MEMORY, "out of memory");
	add_items(pool, served);
	if (pool->count == 0)
		return err_set(e, ERR_FORMAT, "no certificate in it");
	if (known)
		add_items(pool, known);
	return true;
}

static bool
has_issued(const struct pubfile_item *upper, const struct pubfile_item *lower)
{
	bool issued = X509_check_issued(upper->certificate, lower->certificate) == X509_V_OK &&
		      X509_verify(lower->certificate, upper->key) == 1;
	ERR_clear_error();
	return issued;
}

/* The same name and key once more would be a ring of cross signatures. */
static bool
is_on(const struct chain_path *path, const struct pubfile_item *item)
{
	for (size_t i = 0; i < path->count; i++) {
		const struct pubfile_item *other = path->certificates[i];
		if (pin_equal(&other->pin, &item->pin) &&
			X509_NAME_cmp(X509_get_subject_name(other->certificate),
				X509_get_subject_name(item->certificate)) == 0)
			return true;
	}
	return false;
}

FALLIBLE static bool
add_path(struct chain *c, const struct chain_path *path, bool complete, struct err *e)
{
	if (c->count == CHAIN_PATHS_MAX)
		return err_set(
			e, ERR_FORMAT, "more than %d paths lead up from the leaf", CHAIN_PATHS_MAX);
	struct chain_path *paths = reallocarray(c->paths, c->count + 1, sizeof *paths);
	if (!paths)
		return err_set(e, ERR_MEMORY, "out of memory");
	c->paths = paths;
	c->paths[c->count] = *path;
	c->paths[c->count++].complete = complete;
	return true;
}

/* Depth first, `path` holding the way to here; its depth is bounded. */
FALLIBLE static bool
climb(const struct pool *pool, struct chain_path *path, struct chain *out, struct err *e)
{
	const struct pubfile_item *top = path->certificates[path->count - 1];
	bool found = false;
	if (X509_self_signed(top->certificate, 1) == 1)
		return add_path(out, path, true, e);
	ERR_clear_error();
	for (size_t i = 0; i < pool->count && path->count < CHAIN_DEPTH_MAX; i++) {
		const struct pubfile_item *upper = pool->items[i];
		if (is_on(path, upper) || !has_issued(upper, top))
			continue;
		found = true;
		path->certificates[path->count++] = upper;
		if (!climb(pool, path, out, e))
			return false;
		path->count--;
	}
	return found || add_path(out, path, false, e);
}

bool
chain_find(
	const struct pubfile *served, const struct pubfile *known, struct chain *out, struct err *e)
{
	POOL_AUTO pool = { 0 };
	CHAIN_AUTO found = { 0 };
	struct chain_path path = { .count = 1 };
	if (!fill(&pool, served, known, e))
		return false;
	path.certificates[0] = pool.items[0];
	if (!climb(&pool, &path, &found, e))
		return false;
	*out = found;
	found = (struct chain){ 0 };
	return true;
}
