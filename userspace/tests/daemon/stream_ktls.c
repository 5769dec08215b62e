// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Handshakes by OpenSSL after which the kernel goes on: whether it is told the right
 * keys and numbers (what the other side sends next is decrypted with them, and the
 * other way round), and, where this kernel has TLS, what it makes of them.
 */
#include <fcntl.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../ktap.h"
#include "proxy/stream_ktls.h"
#include "tls_pair.h"

#define SOL_TLS 282
#define HEADER 5
#define TAG 16

static struct ktap ktap;
static struct pki pki;
static struct site site;

/* What the kernel is told, in place of it. */
static bool pretend;
static int refused;
static struct traffic_secrets secrets;
static union {
	struct tls_crypto_info head;
	struct tls12_crypto_info_aes_gcm_128 gcm128;
	struct tls12_crypto_info_aes_gcm_256 gcm256;
	struct tls12_crypto_info_chacha20_poly1305 chacha;
} told[2];

int setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	if (pretend && (level == SOL_TLS || name == TCP_ULP)) {
		if (name == refused) {
			errno = ENOENT;
			return -1;
		}
		if (level == SOL_TLS)
			memcpy(&told[name == TLS_TX], value, size);
		return 0;
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

/* What was read last of a socket: without reading ahead, what a record holds. */
static uint8_t last[8];

ssize_t recv(int fd, void *to, size_t size, int flags)
{
	ssize_t got = recvfrom(fd, to, size, flags, NULL, NULL);

	if (got >= (ssize_t)sizeof(last))
		memcpy(last, to, sizeof(last));
	return got;
}

/* How one direction goes on, as RFC 5246, 8446, 5288 and 7905 say. */
struct seal {
	const EVP_CIPHER *cipher;
	const uint8_t *key;
	const uint8_t *sequence;
	const uint8_t *once;
	uint8_t nonce[12];
	bool is_new;
	bool in_record;
};

static struct seal seal_of(int way)
{
	struct seal seal = { .is_new = told[way].head.version ==
				       TLS_1_3_VERSION };
	const uint8_t *salt = NULL, *iv;
	bool mixed = true;

	switch (told[way].head.cipher_type) {
	case TLS_CIPHER_AES_GCM_128:
		seal.cipher = EVP_aes_128_gcm();
		seal.key = told[way].gcm128.key;
		seal.sequence = told[way].gcm128.rec_seq;
		salt = told[way].gcm128.salt;
		iv = told[way].gcm128.iv;
		mixed = seal.is_new;
		break;
	case TLS_CIPHER_AES_GCM_256:
		seal.cipher = EVP_aes_256_gcm();
		seal.key = told[way].gcm256.key;
		seal.sequence = told[way].gcm256.rec_seq;
		salt = told[way].gcm256.salt;
		iv = told[way].gcm256.iv;
		mixed = seal.is_new;
		break;
	default:
		seal.cipher = EVP_chacha20_poly1305();
		seal.key = told[way].chacha.key;
		seal.sequence = told[way].chacha.rec_seq;
		iv = told[way].chacha.iv;
	}
	if (salt) {
		memcpy(seal.nonce, salt, 4);
		memcpy(seal.nonce + 4, iv, 8);
	} else {
		memcpy(seal.nonce, iv, 12);
	}
	for (int i = 0; mixed && i < 8; i++)
		seal.nonce[4 + i] ^= seal.sequence[i];
	seal.in_record = !mixed;
	seal.once = iv;
	return seal;
}

static size_t aad_of(const struct seal *seal, const uint8_t *header,
		     size_t length, uint8_t aad[13])
{
	if (seal->is_new) {
		memcpy(aad, header, HEADER);
		return HEADER;
	}
	memcpy(aad, seal->sequence, 8);
	memcpy(aad + 8, header, 3);
	aad[11] = (uint8_t)(length >> 8);
	aad[12] = (uint8_t)length;
	return 13;
}

/* Return: whether a record says @text. */
static bool opens(const uint8_t *record, size_t size, const char *text)
{
	struct seal seal = seal_of(0);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	size_t before = HEADER + (seal.in_record ? 8 : 0);
	size_t length = size - before - TAG;
	uint8_t plain[256], aad[13];
	int count;
	bool good = size > before + TAG && length < sizeof(plain);

	if (seal.in_record)
		memcpy(seal.nonce + 4, record + HEADER, 8);
	good = good &&
	       EVP_DecryptInit_ex2(context, seal.cipher, seal.key, seal.nonce,
				   NULL) == 1 &&
	       EVP_DecryptUpdate(context, NULL, &count, aad,
				 (int)aad_of(&seal, record, length, aad)) ==
		       1 &&
	       EVP_DecryptUpdate(context, plain, &count, record + before,
				 (int)length) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG,
				   (void *)(record + size - TAG)) == 1 &&
	       EVP_DecryptFinal_ex(context, plain + count, &count) == 1 &&
	       memcmp(plain, text, strlen(text)) == 0;
	EVP_CIPHER_CTX_free(context);
	return good;
}

/* Return: bytes of a record with @text. */
static size_t close_record(uint8_t *record, const char *text)
{
	struct seal seal = seal_of(1);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	size_t before = HEADER + (seal.in_record ? 8 : 0);
	size_t length = strlen(text) + seal.is_new;
	size_t size = before + length + TAG;
	const uint8_t header[] = { 23, 3, 3, (uint8_t)((size - HEADER) >> 8),
				   (uint8_t)(size - HEADER) };
	uint8_t plain[256] = { 0 }, aad[13];
	int count;

	for (size_t i = 0; text[i]; i++)
		plain[i] = (uint8_t)text[i];
	if (seal.is_new)
		plain[length - 1] = 23;
	memcpy(record, header, HEADER);
	if (seal.in_record)
		memcpy(record + HEADER, seal.once, 8);
	pki_need(EVP_EncryptInit_ex2(context, seal.cipher, seal.key, seal.nonce,
				     NULL) == 1 &&
			 EVP_EncryptUpdate(context, NULL, &count, aad,
					   (int)aad_of(&seal, record, length,
						       aad)) == 1 &&
			 EVP_EncryptUpdate(context, record + before, &count,
					   plain, (int)length) == 1 &&
			 EVP_EncryptFinal_ex(context, record + before + count,
					     &count) == 1 &&
			 EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG,
					     TAG, record + size - TAG) == 1,
		 "cannot encrypt");
	EVP_CIPHER_CTX_free(context);
	return size;
}

/* A pair of sockets that a kernel can do TLS on. */
static void open_tcp(struct pair *pair)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int one = 1, client, server;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(pair, 0, sizeof(*pair));
	pair->loop = site.loop;
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pki_need(listener >= 0 && client >= 0, "no sockets");
	pki_need(bind(listener, (void *)&at, size) == 0 &&
			 listen(listener, 1) == 0 &&
			 getsockname(listener, (void *)&at, &size) == 0 &&
			 connect(client, (void *)&at, size) == 0,
		 "no sockets");
	server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	fcntl(client, F_SETFL, O_NONBLOCK);
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	close(listener);
	pair->client.fd.ready = pair_ready;
	pair->server.fd.ready = pair_ready;
	loop_fd_add(site.loop, &pair->client.fd, client, LOOP_STREAM);
	loop_fd_add(site.loop, &pair->server.fd, server, LOOP_STREAM);
}

struct suite {
	const char *name;
	int version;
	const char *ciphers;
	const char *suites;
};

static const struct suite suites[] = {
	{ "TLS 1.3, AES-128-GCM", TLS1_3_VERSION, NULL,
	  "TLS_AES_128_GCM_SHA256" },
	{ "TLS 1.3, AES-256-GCM", TLS1_3_VERSION, NULL,
	  "TLS_AES_256_GCM_SHA384" },
	{ "TLS 1.3, ChaCha20", TLS1_3_VERSION, NULL,
	  "TLS_CHACHA20_POLY1305_SHA256" },
	{ "TLS 1.2, AES-128-GCM", TLS1_2_VERSION,
	  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256", NULL },
	{ "TLS 1.2, AES-256-GCM", TLS1_2_VERSION,
	  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384", NULL },
	{ "TLS 1.2, ChaCha20", TLS1_2_VERSION,
	  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305", NULL },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static SSL_CTX *context_of(const struct suite *suite)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	SSL_CTX_set_min_proto_version(context, suite->version);
	SSL_CTX_set_max_proto_version(context, suite->version);
	if (suite->ciphers)
		SSL_CTX_set_cipher_list(context, suite->ciphers);
	if (suite->suites)
		SSL_CTX_set_ciphersuites(context, suite->suites);
	return context;
}

/* Return: what stream_ktls_begin() says on the server's side. */
static int begin(struct pair *pair, SSL_CTX *context)
{
	open_tcp(pair);
	tls_server_accept(site.server, &pair->server);
	pair_plain_client(pair, context, "s.test");
	if (stream_ktls_prepare(&pair->server) || !pair_shake(pair))
		return -1;
	return stream_ktls_begin(&pair->server, &secrets);
}

static void check_told(const struct suite *suite)
{
	SSL_CTX *context = context_of(suite);
	const struct iovec part = { "hello", 5 };
	uint8_t record[512];
	char name[128], got[16] = "";
	struct pair pair;
	ssize_t size;
	bool good;

	pretend = true;
	good = begin(&pair, context) == 0 && !pair.server.tls &&
	       pair.server.ktls;
	/* The number that the client has seen in the server's Finished is used up. */
	if (seal_of(1).in_record)
		good &= memcmp(last, seal_of(1).once, sizeof(last)) != 0;
	/* Tickets of TLS 1.3 are behind the keys that the kernel is told. */
	stream_event(&pair.client, EPOLLIN);
	good &= stream_read(&pair.client, got, sizeof(got)) == -EAGAIN;
	good &= stream_write(&pair.client, &part, 1, false) == 5;
	size = recv(pair.server.fd.fd, record, sizeof(record), 0);
	good &= size > 0 && opens(record, (size_t)size, "hello");
	size = (ssize_t)close_record(record, "answer");
	good &= send(pair.server.fd.fd, record, (size_t)size, 0) == size;
	for (int i = 0; i < 1000 && !got[0]; i++) {
		loop_turn(site.loop, 1);
		stream_read(&pair.client, got, sizeof(got));
	}
	good &= strcmp(got, "answer") == 0;
	pretend = false;
	snprintf(name, sizeof(name), "keys: %s", suite->name);
	ktap_result(&ktap, good, name);
	pair_close(&pair);
	SSL_CTX_free(context);
}

/* The client changes its keys: what it sends next opens with those that follow. */
static void check_next(const struct suite *suite)
{
	SSL_CTX *context = context_of(suite);
	const struct iovec part = { "hello", 5 };
	union traffic_keys next;
	uint8_t records[512];
	struct pair pair;
	char name[128];
	ssize_t size;
	size_t first;
	bool good;

	pretend = true;
	good = begin(&pair, context) == 0 && secrets.cipher &&
	       secrets.cipher == told[0].head.cipher_type &&
	       secrets.cipher == told[1].head.cipher_type;
	/* The keys that hold now are made of these secrets. */
	for (int way = 0; good && way < 2; way++) {
		good = traffic_keys_make(secrets.cipher, secrets.ways[way],
					 &next) == 0;
		if (secrets.cipher == TLS_CIPHER_CHACHA20_POLY1305)
			good &= !memcmp(next.chacha.key, told[way].chacha.key,
					32);
		else
			good &= !memcmp(next.gcm128.key, told[way].gcm128.key,
					16);
	}
	good = good &&
	       SSL_key_update(pair.client.tls, SSL_KEY_UPDATE_REQUESTED) == 1 &&
	       stream_write(&pair.client, &part, 1, false) == 5;
	size = recv(pair.server.fd.fd, records, sizeof(records), 0);
	first = HEADER + ((size_t)records[3] << 8 | records[4]);
	good = good && size > (ssize_t)first &&
	       opens(records, first, "\x18\x00\x00\x01\x01") &&
	       traffic_secret_update(secrets.cipher, secrets.ways[0]) == 0 &&
	       traffic_keys_make(secrets.cipher, secrets.ways[0], &next) == 0;
	if (good)
		memcpy(&told[0], &next, sizeof(next));
	good = good && opens(records + first, (size_t)size - first, "hello");
	pretend = false;
	snprintf(name, sizeof(name), "keys that follow: %s", suite->name);
	ktap_result(&ktap, good, name);
	pair_close(&pair);
	SSL_CTX_free(context);
}

static void check_no_next(const struct suite *suite)
{
	SSL_CTX *context = context_of(suite);
	struct pair pair;
	bool good;

	pretend = true;
	secrets.cipher = 1;
	good = begin(&pair, context) == 0 && !secrets.cipher;
	pretend = false;
	ktap_result(&ktap, good, "none follow in TLS 1.2");
	pair_close(&pair);
	SSL_CTX_free(context);
}

/* Where the kernel does not want to, OpenSSL goes on. */
static void check_refused(int option, bool goes_on, const char *name)
{
	SSL_CTX *context = context_of(&suites[0]);
	struct pair pair;
	bool good;
	int err;

	pretend = true;
	refused = option;
	err = begin(&pair, context);
	good = goes_on ? err == -EOPNOTSUPP &&
				 pair_say(&pair, &pair.client, &pair.server,
					  "hello") &&
				 pair_say(&pair, &pair.server, &pair.client,
					  "answer") :
			 err < 0 && err != -EOPNOTSUPP &&
				 stream_read(&pair.server, &err, 1) < 0;
	pretend = false;
	refused = 0;
	ktap_result(&ktap, good, name);
	pair_close(&pair);
	SSL_CTX_free(context);
}

static bool has_tls(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = setsockopt(fd, SOL_TCP, TCP_ULP, "tls", 4) < 0 &&
		   errno == ENOTCONN;

	close(fd);
	return has;
}

static ssize_t read_on(struct stream *stream, char *to, size_t size)
{
	ssize_t count = -EAGAIN;

	for (int i = 0; i < 1000 && count == -EAGAIN; i++) {
		loop_turn(site.loop, 1);
		count = stream_read(stream, to, size);
	}
	return count;
}

static void check_kernel(const struct suite *suite)
{
	SSL_CTX *context = context_of(suite);
	char name[128], got[64];
	struct pair pair;
	bool good;

	good = begin(&pair, context) == 0 &&
	       pair_say(&pair, &pair.client, &pair.server, "hello") &&
	       pair_say(&pair, &pair.server, &pair.client, "answer") &&
	       pair_say(&pair, &pair.client, &pair.server, "more") &&
	       stream_shutdown(&pair.client) == 0 &&
	       read_on(&pair.server, got, sizeof(got)) == 0 &&
	       pair.server.ended &&
	       pair_say(&pair, &pair.server, &pair.client, "rest") &&
	       stream_shutdown(&pair.server) == 0 &&
	       read_on(&pair.client, got, sizeof(got)) == 0;
	snprintf(name, sizeof(name), "kernel: %s", suite->name);
	ktap_result(&ktap, good, name);
	pair_close(&pair);
	SSL_CTX_free(context);
}

static void check_kernel_ends(void)
{
	SSL_CTX *context = context_of(&suites[0]);
	struct pair pair;
	char got[64];
	bool good;

	good = begin(&pair, context) == 0 &&
	       pair_say(&pair, &pair.client, &pair.server, "hello");
	shutdown(pair.client.fd.fd, SHUT_WR);
	ktap_result(&ktap,
		    good && read_on(&pair.server, got, sizeof(got)) == -EPIPE,
		    "kernel: an end without notice is none");
	pair_close(&pair);

	good = begin(&pair, context) == 0 &&
	       SSL_key_update(pair.client.tls, SSL_KEY_UPDATE_NOT_REQUESTED) ==
		       1 &&
	       stream_write(&pair.client, &(struct iovec){ (void *)"x", 1 }, 1,
			    false) == 1;
	ktap_result(&ktap,
		    good && read_on(&pair.server, got, sizeof(got)) == 0 &&
			    pair.server.ended &&
			    pair_say(&pair, &pair.server, &pair.client,
				     "answer"),
		    "kernel: new keys end what is read");
	pair_close(&pair);
	SSL_CTX_free(context);
}

int main(void)
{
	ktap_begin();
	pki_begin(&pki, "authority");
	pki_issue(&pki, "s.pem", (struct pki_wish){ .names = "DNS:s.test" });
	site_begin(&site, &pki, "s: {file: %/s.pem}", "certificates: [s]",
		   "ca: %/ca");
	pki_need(!site.wrong, site.wrong);
	for (size_t i = 0; i < COUNT(suites); i++)
		check_told(&suites[i]);
	for (size_t i = 0; i < 3; i++)
		check_next(&suites[i]);
	check_no_next(&suites[3]);
	check_refused(TCP_ULP, true, "a kernel without TLS");
	check_refused(TLS_RX, true, "a kernel that does not take a key");
	check_refused(TLS_TX, false, "a kernel that takes one of two");
	if (has_tls()) {
		for (size_t i = 0; i < COUNT(suites); i++)
			check_kernel(&suites[i]);
		check_kernel_ends();
	}
	site_end(&site);
	pki_end(&pki);
	return ktap_end(&ktap);
}
