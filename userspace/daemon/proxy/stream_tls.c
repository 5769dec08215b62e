// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLS on a socket, through a BIO of our own: reads go where OpenSSL reads ahead,
 * and what it writes is gathered (stream_records.h). So OpenSSL itself never waits
 * for room, and has no half-written record that it would have to be reminded of.
 *
 * Its queue of errors belongs to the thread. It is emptied before a call that can
 * add to it, and left after one that failed, for tls_error().
 */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "stream_keys.h"
#include "stream_records.h"
#include "stream_tls.h"

/* So small are records at first, so that the first can be used at once... */
#define RECORD_FIRST 4096
#define RECORD_MAX SSL3_RT_MAX_PLAIN_LENGTH
/* ... until so many bytes are sent. */
#define FIRST_BYTES (8 * RECORD_FIRST)
/* What TLS adds to a record, generously. */
#define OVERHEAD 256

/* Records in a row that bring no data; more have no purpose but to keep us busy. */
#define EMPTY_MAX 32

/* By which OpenSSL offers keys to a socket; its number has no name in its headers. */
#define BIO_CTRL_SET_KTLS 72

static pthread_once_t method_once = PTHREAD_ONCE_INIT;
static BIO_METHOD *method;

/*
 * The socket had nothing for the call that this thread is in. OpenSSL wants to read,
 * too, after a record of another kind than it was to read.
 */
static _Thread_local bool starved;

/* Parts that are joined to one record. */
static _Thread_local uint8_t joined[RECORD_MAX];

static int bio_read(BIO *bio, char *to, int size)
{
	struct stream *stream = BIO_get_data(bio);
	ssize_t count;

	BIO_clear_retry_flags(bio);
	if (stream->drained) {
		starved = true;
		BIO_set_retry_read(bio);
		return -1;
	}
	do
		count = recv(stream->fd.fd, to, (size_t)size, 0);
	while (count < 0 && errno == EINTR);
	if (count < 0 && errno == EAGAIN) {
		stream->drained = true;
		starved = true;
		BIO_set_retry_read(bio);
	} else if (count < 0) {
		ERR_raise(ERR_LIB_SYS, errno);
	} else if (count == 0) {
		stream->ended = true;
	} else if (count < size && !stream->hangup) {
		stream->drained = true;
	}
	if (count > 0 && stream->keys)
		stream_keys_pass(stream->keys, STREAM_KEYS_READ, to,
				 (size_t)count);
	return (int)count;
}

static int bio_write(BIO *bio, const char *data, int size)
{
	struct stream *stream = BIO_get_data(bio);
	int err = stream_records_add(stream, data, (size_t)size);

	BIO_clear_retry_flags(bio);
	if (err == -EAGAIN)
		BIO_set_retry_write(bio);
	else if (err)
		ERR_raise(ERR_LIB_SYS, -err);
	else if (stream->keys)
		stream_keys_pass(stream->keys, STREAM_KEYS_WRITE, data,
				 (size_t)size);
	return err ? -1 : size;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	const struct stream *stream = BIO_get_data(bio);

	switch (command) {
	case BIO_CTRL_SET_KTLS:
		/* Not yet: stream_keys.h. */
		if (stream->keys)
			stream_keys_note(stream->keys,
					 number ? STREAM_KEYS_WRITE :
						  STREAM_KEYS_READ,
					 pointer);
		return 0;
	case BIO_CTRL_EOF:
		return stream->ended;
	case BIO_CTRL_FLUSH:
		/* Done at the end of the call that we are in. */
		return 1;
	default:
		return 0;
	}
}

/* Return: bytes of digits in pairs, up to what is none; 0: they do not fit. */
static size_t take_digits(uint8_t *to, size_t size, const char *digits)
{
	size_t count = 0;

	while (OPENSSL_hexchar2int((unsigned char)digits[0]) >= 0 &&
	       OPENSSL_hexchar2int((unsigned char)digits[1]) >= 0) {
		if (count == size)
			return 0;
		to[count++] =
			(uint8_t)(OPENSSL_hexchar2int((unsigned char)digits[0])
					  << 4 |
				  OPENSSL_hexchar2int(
					  (unsigned char)digits[1]));
		digits += 2;
	}
	return count;
}

void stream_tls_secret(const SSL *tls, const char *line)
{
	static const char *const names[STREAM_KEYS_WAYS] = {
		[STREAM_KEYS_READ] = "CLIENT_TRAFFIC_SECRET_0 ",
		[STREAM_KEYS_WRITE] = "SERVER_TRAFFIC_SECRET_0 ",
	};
	const struct stream *stream = BIO_get_data(SSL_get_rbio(tls));
	uint8_t secret[TRAFFIC_SECRET_MAX];

	if (!stream->keys)
		return;
	for (int i = 0; i < STREAM_KEYS_WAYS; i++) {
		const char *digits = strrchr(line, ' ');

		if (!digits || strncmp(line, names[i], strlen(names[i])) != 0)
			continue;
		stream_keys_secret(
			stream->keys, (enum stream_keys_way)i, secret,
			take_digits(secret, sizeof(secret), digits + 1));
	}
	explicit_bzero(secret, sizeof(secret));
}

static void make_method(void)
{
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
			      "stream");
	if (method && (!BIO_meth_set_read(method, bio_read) ||
		       !BIO_meth_set_write(method, bio_write) ||
		       !BIO_meth_set_ctrl(method, bio_ctrl))) {
		BIO_meth_free(method);
		method = NULL;
	}
}

int stream_secure(struct stream *stream, SSL *tls)
{
	BIO *bio = NULL;

	stream->tls = tls;
	pthread_once(&method_once, make_method);
	if (method)
		bio = BIO_new(method);
	if (!bio)
		return -ENOMEM;
	BIO_set_data(bio, stream);
	BIO_set_init(bio, 1);
	SSL_set_bio(tls, bio, bio);
	return 0;
}

static void forget_errors(void)
{
	if (ERR_peek_error())
		ERR_clear_error();
}

/* What a call that failed means, where it was not for want of bytes or room. */
static int failure(void)
{
	unsigned long error = ERR_peek_error();

	if (ERR_SYSTEM_ERROR(error))
		return -ERR_GET_REASON(error);
	if (!error ||
	    ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return -EPIPE;
	return -EPROTO;
}

static bool is_fatal(int err)
{
	return err && err != -EAGAIN && err != -ENODATA;
}

/*
 * The end of each call: what it made is sent, also the alert that says why it
 * failed. Return: @err, or what went wrong with sending.
 */
static int finish(struct stream *stream, int err, bool more)
{
	int sent = stream_records_send(stream, more);

	if (is_fatal(err))
		stream->error = err;
	else if (is_fatal(sent) || !err)
		err = sent;
	return err;
}

/*
 * Whether there is anything that a read could take. Not to be asked where keys have
 * just changed: then OpenSSL has bytes aside that it does not count.
 */
static bool has_input(const struct stream *stream)
{
	return !stream->drained || SSL_has_pending(stream->tls);
}

static int shake(struct stream *stream)
{
	unsigned int turns = 0;
	int result, error;

	forget_errors();
	do {
		starved = false;
		result = SSL_do_handshake(stream->tls);
		if (result == 1)
			return 0;
		error = SSL_get_error(stream->tls, result);
	} while (error == SSL_ERROR_WANT_READ && !starved &&
		 ++turns < EMPTY_MAX);
	if (turns == EMPTY_MAX)
		ERR_raise(ERR_LIB_SSL, SSL_R_TOO_MANY_KEY_UPDATES);
	else if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	return failure();
}

/*
 * What OpenSSL would keep as long as the session lives, though nobody asks for it:
 * the peer's key of the exchange (6 kB with ML-KEM), whose place is taken by an
 * empty one, and the response of OCSP.
 */
static void forget_handshake(SSL *tls)
{
	EVP_PKEY *key = NULL;

	if (SSL_get_peer_tmp_key(tls, &key) == 1) {
		EVP_PKEY_set_type(key, EVP_PKEY_X25519);
		EVP_PKEY_free(key);
	}
	if (SSL_is_server(tls))
		SSL_set_tlsext_status_ocsp_resp(tls, NULL, 0);
	forget_errors();
}

int stream_handshake(struct stream *stream)
{
	int err;

	if (stream->error)
		return stream->error;
	/* It is over when the peer can know: not before our part is sent. */
	err = finish(stream, shake(stream), false);
	stream->readable = err != -EAGAIN;
	if (err)
		return err;
	forget_handshake(stream->tls);
	stream->drained = false;
	stream->secured = true;
	return 0;
}

/*
 * As much as fits. Return: 0: @to is full, or what was there is read; -ENODATA: the
 * peer's end; or another negative errno.
 */
static int read_records(struct stream *stream, uint8_t *to, size_t size,
			size_t *got)
{
	unsigned int empty = 0;

	while (*got < size && (empty || has_input(stream))) {
		size_t count;
		int error;

		starved = false;
		if (SSL_read_ex(stream->tls, to + *got, size - *got, &count)) {
			*got += count;
			empty = 0;
			continue;
		}
		error = SSL_get_error(stream->tls, 0);
		if (error == SSL_ERROR_ZERO_RETURN)
			return -ENODATA;
		if (error == SSL_ERROR_WANT_WRITE)
			return 0;
		if (error != SSL_ERROR_WANT_READ)
			return failure();
		/* Another kind of record: there may be data behind it. */
		if (starved)
			return 0;
		if (++empty == EMPTY_MAX) {
			ERR_raise(ERR_LIB_SSL, SSL_R_TOO_MANY_KEY_UPDATES);
			return failure();
		}
	}
	return 0;
}

ssize_t stream_tls_read(struct stream *stream, void *to, size_t size)
{
	size_t got = 0;
	int err, sent;

	if (stream->error)
		return stream->error;
	if (SSL_get_shutdown(stream->tls) & SSL_RECEIVED_SHUTDOWN)
		return 0;
	forget_errors();
	err = read_records(stream, to, size, &got);
	if (err == -ENODATA)
		stream->ended = true;
	/* What a read may have to answer. */
	sent = finish(stream, err, false);
	if (!err && is_fatal(sent))
		err = sent;
	stream->readable = err || (got && has_input(stream));
	if (got)
		return (ssize_t)got;
	if (err == -ENODATA)
		return 0;
	return err ? err : -EAGAIN;
}

/* A place in parts. */
struct place {
	const struct iovec *part;
	const struct iovec *end;
	size_t offset;
};

static void skip(struct place *at, size_t bytes)
{
	while (at->part < at->end) {
		size_t left = at->part->iov_len - at->offset;

		if (bytes < left) {
			at->offset += bytes;
			return;
		}
		bytes -= left;
		at->part++;
		at->offset = 0;
	}
}

/*
 * The next bytes for one record, at most @size of them; from one part as they are,
 * from several by copying.
 */
static size_t next_record(struct place *at, size_t size, const uint8_t **data)
{
	size_t left, count = 0;

	left = at->part->iov_len - at->offset;
	if (left >= size || at->part + 1 == at->end) {
		count = left < size ? left : size;
		*data = (const uint8_t *)at->part->iov_base + at->offset;
		skip(at, count);
		return count;
	}
	while (at->part < at->end && count < size) {
		left = at->part->iov_len - at->offset;
		if (left > size - count)
			left = size - count;
		memcpy(joined + count,
		       (const uint8_t *)at->part->iov_base + at->offset, left);
		count += left;
		skip(at, left);
	}
	*data = joined;
	return count;
}

/* Bytes that are in no record yet become records. */
static int write_records(struct stream *stream, struct place *at)
{
	while (at->part < at->end) {
		size_t size = stream->sent < FIRST_BYTES ? RECORD_FIRST :
							   RECORD_MAX;
		const uint8_t *data;
		size_t count, written;

		if (!stream_records_room(stream, size + OVERHEAD)) {
			int err = stream_records_send(stream, true);

			if (err)
				return err;
		}
		count = next_record(at, size, &data);
		if (!count)
			break;
		if (!SSL_write_ex(stream->tls, data, count, &written))
			return failure();
		stream_records_mark(stream, (uint32_t)written);
		stream->begun += (uint32_t)written;
		if (stream->sent < FIRST_BYTES)
			stream->sent += (uint32_t)written;
	}
	return 0;
}

ssize_t stream_tls_write(struct stream *stream, const struct iovec *parts,
			 int count, bool more)
{
	struct place at = { parts, parts + count, 0 };
	size_t total = 0;
	int err;

	for (int i = 0; i < count; i++)
		total += parts[i].iov_len;
	err = stream_records_send(stream, more);
	if (!err && stream->begun < total) {
		forget_errors();
		skip(&at, stream->begun);
		err = write_records(stream, &at);
		err = finish(stream, err, more);
	}
	if (stream->taken) {
		uint32_t taken = stream->taken < total ? stream->taken :
							 (uint32_t)total;

		stream->taken -= taken;
		stream->begun -= taken;
		return taken;
	}
	return err ? err : -EAGAIN;
}

int stream_tls_shutdown(struct stream *stream)
{
	int err = 0;

	if (stream->error)
		return stream->error;
	forget_errors();
	if (SSL_is_init_finished(stream->tls) &&
	    !(SSL_get_shutdown(stream->tls) & SSL_SENT_SHUTDOWN) &&
	    SSL_shutdown(stream->tls) < 0)
		err = failure();
	return finish(stream, err, false);
}

void stream_tls_free(struct stream *stream)
{
	/* A session without a formal end may be resumed all the same. */
	if (stream->secured && !stream->error)
		SSL_set_shutdown(stream->tls,
				 SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(stream->tls);
	stream->tls = NULL;
	stream_keys_free(stream->keys);
	stream->keys = NULL;
	stream_records_free(stream);
}
