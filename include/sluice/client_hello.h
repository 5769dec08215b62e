/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first message of a TLS client, read from the start of its TCP stream.
 *
 * The reader is fed the stream in pieces of any size, as the segments come, and
 * keeps what it needs of them; no piece has to stay. No byte is looked at more
 * than twice, and the answer depends on the bytes alone, not on the pieces.
 *
 * It is strict where a server could otherwise understand another name, protocol
 * or version than we did: each length has to agree exactly with what it counts,
 * nothing may come twice or follow the end. What it does not report (suites,
 * groups, keys) it leaves to the server.
 *
 * Sources: RFC 8446 and RFC 5246 (messages and records), RFC 6066 section 3
 * (server name), RFC 7301 (ALPN), RFC 8701 (GREASE), RFC 9849 (ECH).
 */
#ifndef SLUICE_CLIENT_HELLO_H
#define SLUICE_CLIENT_HELLO_H

#include <sluice/types.h>

/*
 * A message of 16 kB, in a hundred records. Clients of today send 200 to 2000
 * bytes in one.
 */
#define SLUICE_HELLO_LIMIT (16384 + 512)
/* RFC 1035's bound on a name, and more than any that resolves. */
#define SLUICE_HELLO_HOST_MAX 255
/* One protocol of the longest name, or all those of a usual client ten times. */
#define SLUICE_HELLO_ALPN_MAX 256
/* Types of extensions past 63 that are not GREASE: clients send three or four. */
#define SLUICE_HELLO_OTHERS_MAX 24

/**
 * enum sluice_hello_result - What a piece of the stream led to.
 * @SLUICE_HELLO_MORE: The hello is right so far and not complete.
 * @SLUICE_HELLO_DONE: The hello is complete, and its fields are valid.
 * @SLUICE_HELLO_REFUSED: No server should answer this; the reason is known.
 */
enum sluice_hello_result {
	SLUICE_HELLO_MORE,
	SLUICE_HELLO_DONE,
	SLUICE_HELLO_REFUSED,
};

/**
 * enum sluice_hello_refusal - Why a stream was refused.
 * @SLUICE_HELLO_FINE: It was not.
 * @SLUICE_HELLO_NOT_TLS: It starts with nothing known.
 * @SLUICE_HELLO_PLAIN_HTTP: It starts with a method of HTTP, or with HTTP/2's
 *	preface.
 * @SLUICE_HELLO_PROXY_HEADER: It starts with a header of the PROXY protocol.
 * @SLUICE_HELLO_SSLV2: It starts with a hello of SSL 2.0 (RFC 6176).
 * @SLUICE_HELLO_ALERT: The client sent an alert, at the start or in between.
 * @SLUICE_HELLO_RECORD_TYPE: A record of another type came before the end.
 * @SLUICE_HELLO_RECORD_VERSION: The major version of a record is not 3.
 * @SLUICE_HELLO_RECORD_EMPTY: A record without content.
 * @SLUICE_HELLO_RECORD_LONG: A record of more than 2^14 bytes.
 * @SLUICE_HELLO_MESSAGE_TYPE: A handshake message, but not a ClientHello.
 * @SLUICE_HELLO_TOO_LONG: The records with the hello pass the limit.
 * @SLUICE_HELLO_TRAILING: The record goes on after the end of the hello.
 * @SLUICE_HELLO_LENGTH: A field passes the end of the message.
 * @SLUICE_HELLO_VERSION: The hello offers no version of TLS.
 * @SLUICE_HELLO_SESSION_ID: A session ID of more than 32 bytes.
 * @SLUICE_HELLO_CIPHER_SUITES: No cipher suites, or half of one.
 * @SLUICE_HELLO_COMPRESSION: No compression is not offered, or with TLS 1.3
 *	another one is, too.
 * @SLUICE_HELLO_EXTENSIONS_LENGTH: The extensions do not end with the message.
 * @SLUICE_HELLO_EXTENSION_LENGTH: A length in an extension, or of one, does
 *	not agree with what is around it.
 * @SLUICE_HELLO_EXTENSION_TWICE: Two extensions of one type.
 * @SLUICE_HELLO_EXTENSIONS_MANY: More extensions of unusual types than
 *	%SLUICE_HELLO_OTHERS_MAX.
 * @SLUICE_HELLO_PSK_NOT_LAST: An extension after pre_shared_key.
 * @SLUICE_HELLO_SERVER_NAME: The server name is not one host name and nothing
 *	else.
 * @SLUICE_HELLO_HOST_LONG: A host name of more than %SLUICE_HELLO_HOST_MAX.
 * @SLUICE_HELLO_HOST_NAME: A host name with other characters than letters,
 *	digits, hyphens, underscores and dots, with an empty label or one of
 *	more than 63.
 * @SLUICE_HELLO_HOST_DOT: A host name that ends with a dot.
 * @SLUICE_HELLO_ALPN: An empty protocol name, or none.
 * @SLUICE_HELLO_ALPN_LONG: Protocol names of more than %SLUICE_HELLO_ALPN_MAX.
 * @SLUICE_HELLO_ECH: An encrypted ClientHello neither outer nor inner.
 * @SLUICE_HELLO_REFUSALS: How many there are.
 */
enum sluice_hello_refusal {
	SLUICE_HELLO_FINE,
	SLUICE_HELLO_NOT_TLS,
	SLUICE_HELLO_PLAIN_HTTP,
	SLUICE_HELLO_PROXY_HEADER,
	SLUICE_HELLO_SSLV2,
	SLUICE_HELLO_ALERT,
	SLUICE_HELLO_RECORD_TYPE,
	SLUICE_HELLO_RECORD_VERSION,
	SLUICE_HELLO_RECORD_EMPTY,
	SLUICE_HELLO_RECORD_LONG,
	SLUICE_HELLO_MESSAGE_TYPE,
	SLUICE_HELLO_TOO_LONG,
	SLUICE_HELLO_TRAILING,
	SLUICE_HELLO_LENGTH,
	SLUICE_HELLO_VERSION,
	SLUICE_HELLO_SESSION_ID,
	SLUICE_HELLO_CIPHER_SUITES,
	SLUICE_HELLO_COMPRESSION,
	SLUICE_HELLO_EXTENSIONS_LENGTH,
	SLUICE_HELLO_EXTENSION_LENGTH,
	SLUICE_HELLO_EXTENSION_TWICE,
	SLUICE_HELLO_EXTENSIONS_MANY,
	SLUICE_HELLO_PSK_NOT_LAST,
	SLUICE_HELLO_SERVER_NAME,
	SLUICE_HELLO_HOST_LONG,
	SLUICE_HELLO_HOST_NAME,
	SLUICE_HELLO_HOST_DOT,
	SLUICE_HELLO_ALPN,
	SLUICE_HELLO_ALPN_LONG,
	SLUICE_HELLO_ECH,
	SLUICE_HELLO_REFUSALS,
};

/* What a hello has, in flags of struct sluice_client_hello. */
/* server_name is there; its host is empty if %SLUICE_HELLO_HAS_ADDRESS. */
#define SLUICE_HELLO_HAS_SERVER_NAME 0x0001
/*
 * The name is an IP address. RFC 6066 forbids that, but clients that were given
 * an address for a name do it, and servers let them pass: they are treated as
 * if they had sent no name.
 */
#define SLUICE_HELLO_HAS_ADDRESS 0x0002
#define SLUICE_HELLO_HAS_ALPN 0x0004
#define SLUICE_HELLO_HAS_H2 0x0008
#define SLUICE_HELLO_HAS_HTTP11 0x0010
/* RFC 8737: the request of a certificate authority, not of a user. */
#define SLUICE_HELLO_HAS_ACME 0x0020
#define SLUICE_HELLO_HAS_VERSIONS 0x0040
/* The host is the outer name, of the server that can decrypt; or GREASE. */
#define SLUICE_HELLO_HAS_ECH_OUTER 0x0080
#define SLUICE_HELLO_HAS_ECH_INNER 0x0100
#define SLUICE_HELLO_HAS_EARLY_DATA 0x0200
/* A ticket that is not empty: an earlier session of TLS 1.2 (RFC 5077). */
#define SLUICE_HELLO_HAS_TICKET 0x0400
#define SLUICE_HELLO_HAS_PSK 0x0800
/* Of the first bytes, not of an extension: a session ID that is not empty. */
#define SLUICE_HELLO_HAS_SESSION_ID 0x1000

/**
 * struct sluice_client_hello - A hello and how far it was read.
 * @flags: %SLUICE_HELLO_HAS_SERVER_NAME and so on.
 * @version: Highest version offered, 0x0301 (TLS 1.0) to 0x03ff, GREASE and
 *	values that are not of TLS left out.
 * @host_len: Bytes of @host, 0 without a name.
 * @alpn_len: Bytes of @alpn.
 * @size: Bytes from the start of the stream to the end of the hello, record
 *	headers included. What follows is early data, if anything.
 * @host: Server name in lower case, ended by NUL; as the client sent it in
 *	clear, which with ECH is the outer name.
 * @alpn: Protocol names in the client's order, each after a byte with its
 *	length, GREASE left out. Ask with sluice_client_hello_protocol().
 *
 * The fields above are valid once sluice_client_hello_parse() has returned
 * %SLUICE_HELLO_DONE, and @host and @alpn nowhere past their lengths. All others
 * are the reader's own.
 */
struct sluice_client_hello {
	u16 flags;
	u16 version;
	u16 host_len;
	u16 alpn_len;
	u32 size;

	/* private: of all */
	u32 limit;
	u8 result;
	u8 refusal;

	/* private: of records; header is one that is not complete */
	u16 record_left;
	u8 record_have;
	u8 header[5];

	/* private: of the field; want is what is missing of it */
	u8 state;
	u8 kind;
	u8 have;
	u8 field[5];
	u32 want;

	/* private: what no field has claimed yet, from the outside in */
	u32 message_left;
	u32 extension_left;
	u32 list_left;

	/* private: to be compared at the end, and types of extensions seen */
	u16 legacy_version;
	u16 type;
	bool compression_null;
	bool compression_other;
	u16 seen_grease;
	u64 seen;
	u8 others;
	u16 other[SLUICE_HELLO_OTHERS_MAX];

	/* public: from here on not cleared at the start */
	char host[SLUICE_HELLO_HOST_MAX + 1];
	u8 alpn[SLUICE_HELLO_ALPN_MAX];
};

/**
 * sluice_client_hello_init() - Begin a stream.
 * @h: The hello, of any content.
 * @limit: Most bytes of the stream that a hello may take, record headers
 *	included; 0 for %SLUICE_HELLO_LIMIT.
 *
 * Context: Any.
 */
void sluice_client_hello_init(struct sluice_client_hello *h, u32 limit);

/**
 * sluice_client_hello_parse() - Read the next piece of the stream.
 * @h: The hello.
 * @data: What follows the piece before.
 * @len: Its length, which may be 0.
 *
 * Once the result is not %SLUICE_HELLO_MORE it stays, and later pieces are not
 * looked at. A stream is refused at its first byte that makes it wrong.
 *
 * Context: Any; the caller sees to it that one piece comes after another.
 * Return: Whether the hello is complete, refused, or neither.
 */
enum sluice_hello_result
sluice_client_hello_parse(struct sluice_client_hello *h, const u8 *data,
			  size_t len);

/**
 * sluice_client_hello_protocol() - Go through the protocols offered.
 * @h: A complete hello.
 * @pos: Where to go on; 0 at first, moved past what is returned.
 * @len: Length of the name returned, 1 to 255.
 *
 * Return: A protocol name, which may have any bytes and is not ended by NUL, or
 * NULL after the last.
 */
const u8 *sluice_client_hello_protocol(const struct sluice_client_hello *h,
				       u16 *pos, u8 *len);

/**
 * sluice_client_hello_offers() - Ask for a protocol.
 * @h: A complete hello.
 * @name: Protocol name as ALPN has it, such as "h2"; case matters (RFC 7301).
 * @len: Its length.
 *
 * Return: Whether the client offers it.
 */
bool sluice_client_hello_offers(const struct sluice_client_hello *h,
				const char *name, size_t len);

/**
 * sluice_client_hello_refusal() - Ask why a stream was refused.
 * @h: The hello.
 *
 * Return: The reason, %SLUICE_HELLO_FINE unless it was refused.
 */
enum sluice_hello_refusal
sluice_client_hello_refusal(const struct sluice_client_hello *h);

/**
 * sluice_hello_refusal_name() - Say why a stream was refused.
 * @refusal: The reason.
 *
 * Return: A few words without a full stop.
 */
const char *sluice_hello_refusal_name(enum sluice_hello_refusal refusal);

/**
 * sluice_hello_refusal_alert() - Get the alert that tells the client.
 * @refusal: The reason.
 *
 * Return: AlertDescription of RFC 8446 section 6 for a fatal alert; 0 if the
 * client does not speak TLS or has ended it, and would not understand one.
 */
u8 sluice_hello_refusal_alert(enum sluice_hello_refusal refusal);

#endif /* SLUICE_CLIENT_HELLO_H */
