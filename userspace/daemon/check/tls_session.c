// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "tls_session.h"

/* Certificates between a server's and an authority's. */
#define CHAIN_MAX 10

/* What OpenSSL says of the first error in its queue, or @other. */
static const char *ssl_reason(const char *other)
{
	unsigned long error = ERR_peek_error();
	const char *text;

	if (ERR_SYSTEM_ERROR(error))
		return strerror(ERR_GET_REASON(error));
	text = ERR_reason_error_string(error);
	return text ? text : other;
}

/* The list of protocols in the form of the wire. */
static int set_protocols(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;
	unsigned char list[1024];
	size_t used = 0;

	for (size_t i = 0; i < spec->alpn_count; i++) {
		size_t length = strlen(spec->alpn[i]);

		if (length < 1 || length > 255 ||
		    used + 1 + length > sizeof(list))
			return check_refuse(
				error,
				"alpn: a protocol has 1 to 255 bytes, all have 1024 at most");
		list[used] = (unsigned char)length;
		memcpy(list + used + 1, spec->alpn[i], length);
		used += 1 + length;
	}
	if (used && SSL_CTX_set_alpn_protos(check->tls, list, (unsigned)used))
		return check_refuse(error, "alpn: %s",
				    ssl_reason("not taken by OpenSSL"));
	return 0;
}

static int load_authorities(struct check *check, struct check_error *error)
{
	const char *file = check->spec->ca_file;

	ERR_clear_error();
	if (file && SSL_CTX_load_verify_file(check->tls, file) != 1)
		return check_refuse(error, "ca: %s: %s; a PEM file is expected",
				    file, ssl_reason("no certificate in it"));
	if (!file && SSL_CTX_set_default_verify_paths(check->tls) != 1)
		return check_refuse(error, "the system's authorities: %s",
				    ssl_reason("cannot be read"));
	return 0;
}

int check_tls_prepare(struct check *check, struct check_error *error)
{
	const struct check_spec *spec = check->spec;
	struct in6_addr address;
	int err;

	if (spec->sni && (inet_pton(AF_INET, spec->sni, &address) == 1 ||
			  inet_pton(AF_INET6, spec->sni, &address) == 1))
		return check_refuse(
			error,
			"sni: %s is an address; a host name is expected, and without one the certificate is compared with the server's address",
			spec->sni);
	if (spec->sni && (!*spec->sni || strlen(spec->sni) > 253))
		return check_refuse(error,
				    "sni: a host name has 1 to 253 bytes");
	check->tls = SSL_CTX_new(TLS_client_method());
	if (!check->tls)
		return check_refuse(error, "TLS: %s",
				    ssl_reason("out of memory"));
	/*
	 * One record an SSL_read(), so that a server cannot keep it busy with
	 * records without data. A close without notice is a close: the length of
	 * what matters is in the protocol.
	 */
	SSL_CTX_clear_mode(check->tls, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_mode(check->tls,
			 SSL_MODE_ENABLE_PARTIAL_WRITE |
				 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				 SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(check->tls, SSL_OP_NO_RENEGOTIATION |
						SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(check->tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify_depth(check->tls, CHAIN_MAX);
	err = set_protocols(check, error);
	if (!err && spec->verify) {
		SSL_CTX_set_verify(check->tls, SSL_VERIFY_PEER, NULL);
		err = load_authorities(check, error);
	}
	return err;
}

/* Whose certificate it has to be. */
static bool set_name(struct check_run *run)
{
	const struct sockaddr_storage *address = run->address;
	const char *sni = run->check->spec->sni;
	X509_VERIFY_PARAM *param = SSL_get0_param(run->ssl);
	const void *ip;

	if (sni)
		return SSL_set_tlsext_host_name(run->ssl, sni) == 1 &&
		       SSL_set1_host(run->ssl, sni) == 1;
	if (address->ss_family == AF_INET6) {
		ip = &((const struct sockaddr_in6 *)address)->sin6_addr;
		return X509_VERIFY_PARAM_set1_ip(param, ip, 16) == 1;
	}
	ip = &((const struct sockaddr_in *)address)->sin_addr;
	return X509_VERIFY_PARAM_set1_ip(param, ip, 4) == 1;
}

void check_tls_start(struct check_run *run)
{
	ERR_clear_error();
	run->waiting_for = "the TLS handshake";
	run->ssl = SSL_new(run->check->tls);
	if (!run->ssl || SSL_set_fd(run->ssl, run->fd.fd) != 1 ||
	    !set_name(run)) {
		check_break(run, "TLS: %s", ssl_reason("out of memory"));
		return;
	}
	SSL_set_connect_state(run->ssl);
}

static int days_until(const ASN1_TIME *time)
{
	int days, seconds;

	if (!ASN1_TIME_diff(&days, &seconds, NULL, time))
		return CHECK_NO_DAYS;
	/* Down, for what is past, too. */
	return seconds < 0 ? days - 1 : days;
}

/* Of the chain that was verified, the certificate that ends first. */
static int days_left(const struct check_run *run)
{
	X509 *own = SSL_get0_peer_certificate(run->ssl);
	STACK_OF(X509) * chain;
	int left, days;

	if (!own)
		return CHECK_NO_DAYS;
	left = days_until(X509_get0_notAfter(own));
	if (!run->check->spec->verify)
		return left;
	chain = SSL_get0_verified_chain(run->ssl);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		days = days_until(X509_get0_notAfter(sk_X509_value(chain, i)));
		if (days != CHECK_NO_DAYS && days < left)
			left = days;
	}
	return left;
}

/* Return: whether the server took one of the protocols, if some were offered. */
static bool protocol_taken(struct check_run *run)
{
	const unsigned char *name;
	unsigned int length;

	if (!run->check->spec->alpn_count)
		return true;
	SSL_get0_alpn_selected(run->ssl, &name, &length);
	if (length)
		return true;
	check_fail(run, "the server took no protocol of alpn");
	return false;
}

/* What was not done, and not for want of bytes. */
static void failed(struct check_run *run, int error, int error_number)
{
	long why = SSL_get_verify_result(run->ssl);

	if (run->check->spec->verify && !run->begun && why != X509_V_OK)
		check_fail(run, "certificate: %s",
			   X509_verify_cert_error_string(why));
	else if (error == SSL_ERROR_SYSCALL && error_number)
		check_fail(run, "%s, waiting for %s", strerror(error_number),
			   run->waiting_for);
	else if (error == SSL_ERROR_SYSCALL || error == SSL_ERROR_ZERO_RETURN)
		check_fail(run, "closed by the server, waiting for %s",
			   run->waiting_for);
	else
		check_fail(run, "TLS: %s, waiting for %s", ssl_reason("error"),
			   run->waiting_for);
}

bool check_tls_handshake(struct check_run *run)
{
	int result, error;

	ERR_clear_error();
	errno = 0;
	result = SSL_do_handshake(run->ssl);
	if (result == 1) {
		run->report.days_left = days_left(run);
		return protocol_taken(run);
	}
	error = SSL_get_error(run->ssl, result);
	if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
		failed(run, error, errno);
	return false;
}

static uint64_t bytes_read(const struct check_run *run)
{
	return BIO_number_read(SSL_get_rbio(run->ssl));
}

/*
 * Return: one of CHECK_TLS_*, for a call that did not do anything; @before is what
 * had been read from the socket before it
 */
static int not_done(struct check_run *run, int result, uint64_t before)
{
	int error_number = errno;
	int error = SSL_get_error(run->ssl, result);

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		/* A record came that is no data: there may be more behind it. */
		return bytes_read(run) == before ? CHECK_TLS_WAIT :
						   CHECK_TLS_AGAIN;
	}
	failed(run, error, error_number);
	return CHECK_TLS_OVER;
}

int check_tls_read(struct check_run *run, void *to, size_t room)
{
	uint64_t before = bytes_read(run);
	int count;

	ERR_clear_error();
	errno = 0;
	count = SSL_read(run->ssl, to, room > INT_MAX ? INT_MAX : (int)room);
	if (count > 0)
		return count;
	if (SSL_get_error(run->ssl, count) == SSL_ERROR_ZERO_RETURN)
		return 0;
	return not_done(run, count, before);
}

int check_tls_write(struct check_run *run, const void *data, size_t length)
{
	uint64_t before = bytes_read(run);
	int count;

	ERR_clear_error();
	errno = 0;
	count = SSL_write(run->ssl, data,
			  length > INT_MAX ? INT_MAX : (int)length);
	if (count > 0)
		return count;
	count = not_done(run, count, before);
	return count == CHECK_TLS_AGAIN ? CHECK_TLS_WAIT : count;
}
