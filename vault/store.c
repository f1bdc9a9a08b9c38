/* SPDX-License-Identifier: ISC */
#include "vault/store.h"

#include "base/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDENTITY_FILE "vault.json"
#define PUBLIC_FILE "vault.pub"

/* Opening ---------------------------------------------------------------------------------- */

static bool
start(const char *dir, enum store_mode mode, struct store *s, struct err *e)
{
	*s = (struct store){ .lock_fd = -1, .mode = mode };
	return file_path(&s->dir, e, "%s", dir) && state_init(&s->state, e);
}

void
store_close(struct store *s)
{
	if (s->dir && s->lock_fd >= 0)
		close(s->lock_fd);
	free(s->dir);
	journal_free(&s->journal);
	state_free(&s->state);
	*s = (struct store){ .lock_fd = -1 };
}

static void
move(struct store *to, struct store *from)
{
	*to = *from;
	*from = (struct store){ .lock_fd = -1 };
}

bool
store_find(const char *dir, struct err *e)
{
	AUTO_STR journal = NULL;
	AUTO_STR identity = NULL;

	if (!file_path(&journal, e, "%s/%s", dir, JOURNAL_FILE) ||
		!file_path(&identity, e, "%s/%s", dir, IDENTITY_FILE))
		return false;
	if (file_exists(journal))
		return true;
	if (file_exists(identity)) {
		err_set(e, ERR_MISSING, "the vault %s has lost its journal, %s", dir, JOURNAL_FILE);
		return err_hint(e, "restore the folder from its backup");
	}
	err_set(e, ERR_MISSING, "there is no vault in %s", dir);
	return err_hint(e, "`coldspare init` makes one; --vault says where it is");
}

/* vault.json says what the journal's first line says. */
static bool
check_name(const struct store *s, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	JSON_AUTO identity = NULL;
	const char *format, *name, *key;
	char own[MINISIGN_PUB_TEXT];

	if (!store_read_file(s, IDENTITY_FILE, FILE_LIMIT, &text, e))
		return false;
	if (!json_parse(text.data, text.len, &identity, e) ||
		!json_get_str(identity, "format", &format, e) ||
		!json_get_str(identity, "name", &name, e) ||
		!json_get_str(identity, "key", &key, e))
		return err_wrap(e, "%s/%s", s->dir, IDENTITY_FILE);
	if (strcmp(format, STORE_FORMAT) != 0)
		return err_set(e, ERR_FORMAT, "%s/%s: the format \"%s\" is unknown", s->dir,
			IDENTITY_FILE, format);
	minisign_pub_encode(&s->state.first, own);
	if (strcmp(name, s->state.name) != 0 || strcmp(key, own) != 0)
		return err_set(e, ERR_AUTH, "%s/%s names another vault than the journal", s->dir,
			IDENTITY_FILE);
	return true;
}

static bool
check_public_key(const struct store *s, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	AUTO_STR path = NULL;
	struct minisign_pub pub;

	if (!store_read_file(s, PUBLIC_FILE, FILE_LIMIT, &text, e) ||
		!file_path(&path, e, "%s/%s", s->dir, PUBLIC_FILE) ||
		!minisign_pub_load(path, &pub, e))
		return false;
	if (!minisign_pub_equal(&pub, &s->state.first))
		return err_set(e, ERR_AUTH, "%s is not the key that the journal names", path);
	return true;
}

bool
store_identity(const struct store *s, struct err *e)
{
	return check_name(s, e) && check_public_key(s, e);
}

static bool
check_complete(const struct store *s, struct err *e)
{
	if (s->state.ready)
		return true;
	err_set(e, ERR_REFUSED, "the making of the vault %s was not finished", s->dir);
	if (s->state.plan)
		return err_hint(e, "run `coldspare ceremony` again with the same plan");
	return err_hint(e, "move the folder away and run `coldspare %s` again",
		s->state.rebuilt.serial > 0 ? "rebuild" : "init");
}

/* An init that is cut short leaves an empty journal, and so does a damaged file system: advice for
 * the one must not cost the other its keys. */
bool
store_no_line(const struct store *s, struct err *e)
{
	AUTO_STR keys = NULL;

	if (!file_path(&keys, e, "%s/keys", s->dir))
		return false;
	err_set(e, ERR_FORMAT, "the journal in %s has no line", s->dir);
	if (file_exists(keys))
		return err_hint(
			e, "it had: there are keys in keys/. Restore the folder from its backup");
	return err_hint(e, "an init that was cut short leaves this: move the folder away and run "
			   "`coldspare init` again");
}

static bool
load(struct store *s, struct err *e)
{
	if (!journal_read(s->dir, state_apply, &s->state, &s->journal, e)) {
		if (e->hint[0] == '\0')
			err_hint(e, "`coldspare audit` looks at everything; the folder's backup "
				    "may hold it whole");
		return false;
	}
	if (s->journal.entries == 0)
		return store_no_line(s, e);
	return store_identity(s, e);
}

bool
store_open(const char *dir, enum store_mode mode, bool online, struct store *out, struct err *e)
{
	STORE_AUTO s = { .lock_fd = -1 };
	bool write = mode != STORE_READ;
	struct err ignored;

	if (!store_find(dir, e) || !start(dir, mode, &s, e) ||
		!file_lock(dir, write, &s.lock_fd, e) || !load(&s, e))
		return false;
	s.journal.online = online;
	if ((mode == STORE_WRITE && !check_complete(&s, e)) ||
		(write && (!journal_clock(&s.journal, e) ||
				  !journal_repair(&s.journal, state_apply, &s.state, e))))
		return false;
	s.mode = write ? STORE_WRITE : STORE_READ;
	/* What cannot be removed is no reason to stop: audit says so. */
	if (write && !store_sweep(&s, &ignored))
		ignored.code = ERR_NONE;
	move(out, &s);
	return true;
}

/* Making ----------------------------------------------------------------------------------- */

static bool
check_empty(const char *dir, struct err *e)
{
	return file_check_empty(dir, e) ||
	       err_hint(e, "a vault is made in a new folder or an empty one");
}

bool
store_create(const char *dir, bool online, struct store *out, struct err *e)
{
	STORE_AUTO s = { .lock_fd = -1 };
	bool made = !file_is_dir(dir);

	if (!start(dir, STORE_WRITE, &s, e) || (made && !file_mkdir(dir, 0700, e)))
		return false;
	s.made = made;
	if (!file_lock(dir, true, &s.lock_fd, e) || !check_empty(dir, e) ||
		!journal_new(dir, &s.journal, e)) {
		store_discard(&s);
		return false;
	}
	/* A folder that was there is closed to others from now on; FAT has no modes to change. */
	if (fchmod(s.lock_fd, 0700) != 0 && errno != EPERM) {
		err_errno(e, "closing %s to others", dir);
		store_discard(&s);
		return false;
	}
	s.journal.online = online;
	move(out, &s);
	return true;
}

void
store_discard(struct store *s)
{
	AUTO_STR path = NULL;
	struct err ignored;

	if (s->journal.dir && file_path(&path, &ignored, "%s/%s", s->dir, JOURNAL_FILE))
		unlink(path);
	if (s->made)
		rmdir(s->dir);
	s->journal.failed = true;
}

/* Changing --------------------------------------------------------------------------------- */

bool
store_append(struct store *s, const char *event, json_t *body, struct err *e)
{
	if (s->mode != STORE_WRITE) {
		json_decref(body);
		return err_set(e, ERR_INTERNAL, "the vault is open for reading");
	}
	return journal_append(&s->journal, event, body, state_apply, &s->state, e);
}

static bool
make_folders(const struct store *s, struct filebatch *b, const char *relative, struct err *e)
{
	for (const char *slash = strchr(relative, '/'); slash; slash = strchr(slash + 1, '/')) {
		AUTO_STR path = NULL;
		if (!file_path(&path, e, "%s/%.*s", s->dir, (int)(slash - relative), relative))
			return false;
		if (!file_is_dir(path) && !filebatch_mkdir(b, path, 0700, e))
			return false;
	}
	return true;
}

/* What a killed command left where this one has to write: no line of the journal names it. */
static bool
remove_leftover(const struct store *s, const char *relative, const char *path, struct err *e)
{
	if (json_object_get(s->state.files, relative))
		return err_set(e, ERR_EXISTS, "the vault has a file %s already", relative);
	return !file_exists(path) || file_remove(path, e);
}

bool
store_add_file(struct store *s, struct filebatch *b, json_t *files, const char *relative,
	mode_t mode, const void *data, size_t len, struct err *e)
{
	AUTO_STR path = NULL;
	char hash[ENCODE_HASH_HEX];

	if (json_object_get(files, relative))
		return err_set(e, ERR_INTERNAL, "%s is added twice", relative);
	if (!file_path(&path, e, "%s/%s", s->dir, relative) ||
		!remove_leftover(s, relative, path, e) || !make_folders(s, b, relative, e) ||
		!filebatch_add(b, path, mode, data, len, e))
		return false;
	encode_hash_hex(hash, data, len);
	if (json_object_set_new(files, relative, json_string(hash)) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

bool
store_sweep(const struct store *s, struct err *e)
{
	const char *path;
	json_t *hash;

	json_object_foreach(s->state.destroyed, path, hash)
	{
		AUTO_STR full = NULL;
		if (strncmp(path, "vault-", 6) != 0)
			continue;
		if (!file_path(&full, e, "%s/%s", s->dir, path) ||
			(file_exists(full) && !file_remove(full, e)))
			return false;
	}
	return true;
}

/* Reading ---------------------------------------------------------------------------------- */

static bool
check_hash(const struct store *s, const char *relative, const void *data, size_t len, struct err *e)
{
	const char *want = json_string_value(json_object_get(s->state.files, relative));
	char hash[ENCODE_HASH_HEX];

	if (!want)
		return err_set(
			e, ERR_AUTH, "%s/%s is named by no line of the journal", s->dir, relative);
	encode_hash_hex(hash, data, len);
	if (strcmp(hash, want) == 0)
		return true;
	err_set(e, ERR_AUTH, "%s/%s was altered: its hash is not the journal's", s->dir, relative);
	return err_hint(e, "restore it from a backup of the vault");
}

bool
store_read_file(
	const struct store *s, const char *relative, size_t limit, struct buf *out, struct err *e)
{
	AUTO_STR path = NULL;
	BUF_AUTO text = BUF_NONE;

	if (!file_path(&path, e, "%s/%s", s->dir, relative) || !file_read(path, limit, &text, e) ||
		!check_hash(s, relative, text.data, text.len, e))
		return false;
	buf_move(out, &text);
	return true;
}

static bool
signer_is_there(const char *path, struct err *e)
{
	if (file_exists(path))
		return true;
	err_set(e, ERR_MISSING, "%s is not here, as in a backup without the signing key", path);
	return err_hint(e, "`passphrase --from MEDIUM ...` brings it back from k custodians");
}

bool
store_signer(
	const struct store *s, const struct secret *passphrase, struct signer *out, struct err *e)
{
	SIGNER_AUTO signer = { 0 };
	SECRET_AUTO file = SECRET_NONE;
	AUTO_STR relative = NULL;
	AUTO_STR path = NULL;

	if (!file_path(&relative, e, "vault-%u.sec", s->state.sec_number) ||
		!file_path(&path, e, "%s/%s", s->dir, relative) || !signer_is_there(path, e) ||
		!file_read_secret(path, FILE_LIMIT, &file, e) ||
		!check_hash(s, relative, file.data, file.len, e))
		return false;
	if (!signer_decode(&file, passphrase, &signer, e)) {
		if (e->code == ERR_AUTH)
			err_hint(e, "try again; where it is forgotten, k custodians set another: "
				    "`coldspare passphrase --from MEDIUM ...`");
		return err_wrap(e, "%s", path);
	}
	if (!minisign_pub_equal(&signer.pub, &s->state.key))
		return err_set(e, ERR_AUTH, "%s holds another key than the vault's", path);
	*out = signer;
	signer = (struct signer){ 0 };
	return true;
}

bool
store_sealed(const struct store *s, const struct state_key *k, const char *set_id,
	struct sealed *out, struct err *e)
{
	const struct state_set *current = state_current_set(k);
	const char *set = set_id ? set_id : current ? current->id : NULL;
	SEALED_AUTO record = { 0 };
	AUTO_STR relative = NULL;
	BUF_AUTO text = BUF_NONE;
	char pin[PIN_TEXT];

	if (!set)
		return err_set(e, ERR_MISSING, "%s is void: it was never committed", k->id);
	if (!file_path(&relative, e, "keys/%s/sealed-%s.txt", k->id, set) ||
		!store_read_file(s, relative, FILE_LIMIT, &text, e))
		return false;
	if (!sealed_parse(text.data, text.len, &record, e))
		return err_wrap(e, "%s/%s", s->dir, relative);
	pin_encode(&k->pin, pin);
	if (strcmp(record.key, k->id) != 0 || strcmp(record.pin, pin) != 0 ||
		strcmp(record.set, set) != 0)
		return err_set(e, ERR_AUTH, "%s/%s is another key's", s->dir, relative);
	*out = record;
	record = (struct sealed){ 0 };
	return true;
}

bool
store_manifest(const struct store *s, int64_t serial, struct manifest *out, struct err *e)
{
	AUTO_STR path = NULL;
	BUF_AUTO text = BUF_NONE;

	return file_path(&path, e, "manifests/%06lld.json", (long long)serial) &&
	       store_read_file(s, path, FILE_LIMIT_LARGE, &text, e) &&
	       manifest_parse(text.data, text.len, out, e);
}
