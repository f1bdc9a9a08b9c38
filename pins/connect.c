/* SPDX-License-Identifier: ISC */
#include "pins/connect.h"

#include "base/file.h"
#include "pins/smtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct session {
	SSL_CTX *ctx;
	SSL *ssl;
};
#define SESSION_AUTO __attribute__((cleanup(free_session))) struct session

static void
free_session(struct session *s)
{
	SSL_free(s->ssl);
	SSL_CTX_free(s->ctx);
}

#define HOST_MAX 255

struct address {
	char host[HOST_MAX + 1];
	char port[8];
};

FALLIBLE static bool
parse_address(const char *text, struct address *out, struct err *e)
{
	const char *colon = strrchr(text, ':');
	bool bracketed = text[0] == '[' && colon && colon > text + 1 && colon[-1] == ']';
	const char *host = text + bracketed;
	size_t len = colon ? (size_t)(colon - host) - bracketed : 0;
	size_t port_len = colon ? strlen(colon + 1) : 0;
	bool one_colon = colon && (bracketed || memchr(host, ':', len) == NULL);
	if (!one_colon || len == 0 || len > HOST_MAX || port_len == 0 ||
		port_len >= sizeof out->port || strspn(colon + 1, "0123456789") != port_len) {
		err_set(e, ERR_USAGE, "%s is no HOST:PORT", text);
		return err_hint(e, "an IPv6 address stands in brackets: [2001:db8::1]:443");
	}
	memcpy(out->host, host, len);
	out->host[len] = '\0';
	memcpy(out->port, colon + 1, port_len + 1);
	return true;
}

/* A socket's timeouts bound connect(2), too. */
static int
dial(const struct addrinfo *to, int64_t timeout)
{
	const struct timeval limit = { .tv_sec = timeout };
	int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC, to->ai_protocol);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0 &&
		connect(fd, to->ai_addr, to->ai_addrlen) == 0)
		return fd;
	int error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

FALLIBLE static bool
open_socket(const struct address *a, int64_t timeout, int *out, struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *list = NULL;
	int status = getaddrinfo(a->host, a->port, &hints, &list);
	if (status != 0)
		return err_set(e, ERR_IO, "finding %s: %s", a->host, gai_strerror(status));
	int fd = -1;
	for (const struct addrinfo *to = list; to && fd < 0; to = to->ai_next)
		fd = dial(to, timeout);
	int error = errno;
	freeaddrinfo(list);
	if (fd < 0)
		return err_set(e, ERR_IO, "connecting to %s port %s: %s", a->host, a->port,
			strerror(error == EINPROGRESS ? ETIMEDOUT : error));
	*out = fd;
	return true;
}

static bool
is_address(const char *host)
{
	uint8_t bytes[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

FALLIBLE static bool
set_verify(const struct connect_wish *w, struct session *s, const char *name, struct err *e)
{
	if (!w->verify) {
		SSL_set_verify(s->ssl, SSL_VERIFY_NONE, NULL);
		return true;
	}
	SSL_set_verify(s->ssl, SSL_VERIFY_PEER, NULL);
	bool ok = w->roots ? SSL_CTX_load_verify_file(s->ctx, w->roots) == 1
			   : SSL_CTX_set_default_verify_paths(s->ctx) == 1;
	if (!ok)
		return err_openssl(e, ERR_MISSING, "loading the trusted roots%s%s",
			w->roots ? " of " : "", w->roots ? w->roots : "");
	ok = is_address(name) ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s->ssl), name) == 1
			      : SSL_set1_host(s->ssl, name) == 1;
	return ok || err_openssl(e, ERR_USAGE, "verifying %s", name);
}

FALLIBLE static bool
start(const struct connect_wish *w, struct session *s, const char *name, int fd, struct err *e)
{
	s->ctx = SSL_CTX_new(TLS_client_method());
	s->ssl = s->ctx ? SSL_new(s->ctx) : NULL;
	if (!s->ssl || SSL_set_fd(s->ssl, fd) != 1)
		return err_openssl(e, ERR_MEMORY, "starting TLS");
	if (!is_address(name) && SSL_set_tlsext_host_name(s->ssl, name) != 1)
		return err_openssl(e, ERR_USAGE, "%s as a server's name", name);
	return set_verify(w, s, name, e);
}

FALLIBLE static bool
shake_hands(const struct connect_wish *w, struct session *s, struct err *e)
{
	errno = 0;
	if (SSL_connect(s->ssl) == 1)
		return true;
	long why = SSL_get_verify_result(s->ssl);
	if (w->verify && why != X509_V_OK)
		return err_openssl(
			e, ERR_AUTH, "%s: %s", w->address, X509_verify_cert_error_string(why));
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return err_set(e, ERR_IO, "%s: no TLS handshake within %lld seconds", w->address,
			(long long)w->timeout);
	return err_openssl(e, ERR_IO, "%s: no TLS handshake", w->address);
}

/* Through PEM, so that there is one way into a pubfile. */
FALLIBLE static bool
take_chain(const struct session *s, struct pubfile *out, struct err *e)
{
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(s->ssl);
	BIO *bio = BIO_new(BIO_s_mem());
	uint8_t *text = NULL;
	bool ok = bio != NULL;
	for (int i = 0; ok && i < sk_X509_num(sent); i++)
		ok = PEM_write_bio_X509(bio, sk_X509_value(sent, i)) == 1;
	if (ok) {
		long len = BIO_get_mem_data(bio, &text);
		ok = pubfile_parse(text, (size_t)len, out, e) || err_wrap(e, "the chain sent");
	} else {
		err_openssl(e, ERR_MEMORY, "reading the chain");
	}
	BIO_free(bio);
	return ok;
}

bool
connect_chain(const struct connect_wish *w, struct pubfile *out, struct err *e)
{
	AUTO_FD fd = -1;
	SESSION_AUTO s = { 0 };
	struct address a;
	if (!parse_address(w->address, &a, e) || !open_socket(&a, w->timeout, &fd, e))
		return false;
	if (w->starttls && !smtp_starttls(fd, e))
		return err_wrap(e, "%s", w->address);
	return start(w, &s, w->name ? w->name : a.host, fd, e) && shake_hands(w, &s, e) &&
	       take_chain(&s, out, e);
}
