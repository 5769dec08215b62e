/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of an HTTP/1.x request: request line and header fields, up to and with
 * the empty line. One parser for the module and the daemon, strict by RFC 9112:
 * what two recipients could take for two things is refused.
 *
 * The head lies in one buffer that the caller fills as bytes arrive, and may grow
 * or move between calls: results are offsets into it. The buffer is never written
 * to, so lengths are as received and case is folded only where texts are
 * compared.
 *
 *	struct sluice_http_head head;
 *
 *	sluice_http_head_init(&head, NULL);
 *	do {
 *		length += more(buf + length);
 *		result = sluice_http_head_parse(&head, buf, length);
 *	} while (result == SLUICE_HTTP_MORE);
 */
#ifndef SLUICE_HTTP_HEAD_H
#define SLUICE_HTTP_HEAD_H

#include "types.h"

/* Header fields that a head can have at most, whatever the limits say. */
#define SLUICE_HTTP_HEADERS_MAX 100

/* Limits where the caller gives none, in bytes. */
#define SLUICE_HTTP_HEAD_DEFAULT 16384
#define SLUICE_HTTP_TARGET_DEFAULT 8192

/* Longest method and longest host that are taken, in bytes. */
#define SLUICE_HTTP_METHOD_MAX 32
#define SLUICE_HTTP_HOST_MAX 255

/**
 * enum sluice_http_result - what is known of a head
 * @SLUICE_HTTP_MORE: nothing is wrong so far, and the end has not come
 * @SLUICE_HTTP_DONE: complete and sound; all results are valid
 * @SLUICE_HTTP_REFUSED: not taken, for the reason in &sluice_http_head.error;
 *	nothing that follows on the connection can be told apart
 */
enum sluice_http_result {
	SLUICE_HTTP_MORE,
	SLUICE_HTTP_DONE,
	SLUICE_HTTP_REFUSED,
};

/**
 * enum sluice_http_error - why a request, a response or its content is refused
 * @SLUICE_HTTP_ERROR_NONE: it is not
 * @SLUICE_HTTP_ERROR_TLS: a TLS record where a request was expected
 * @SLUICE_HTTP_ERROR_HTTP2: the preface of HTTP/2
 * @SLUICE_HTTP_ERROR_METHOD: no method, or not a token with one space behind
 * @SLUICE_HTTP_ERROR_METHOD_LONG: longer than SLUICE_HTTP_METHOD_MAX
 * @SLUICE_HTTP_ERROR_TARGET: a character that no target has, or no target
 * @SLUICE_HTTP_ERROR_PERCENT: '%' without two hexadecimal digits
 * @SLUICE_HTTP_ERROR_TARGET_FORM: not a form of target that goes with the method
 * @SLUICE_HTTP_ERROR_TARGET_LONG: longer than the limit
 * @SLUICE_HTTP_ERROR_AUTHORITY: no host, not a host, or not a port in the target
 * @SLUICE_HTTP_ERROR_VERSION_SYNTAX: no version, or not one with CR LF behind
 * @SLUICE_HTTP_ERROR_VERSION: neither HTTP/1.0 nor HTTP/1.1
 * @SLUICE_HTTP_ERROR_BARE_CR: a CR that no LF follows
 * @SLUICE_HTTP_ERROR_BARE_LF: a line that ends in LF without CR
 * @SLUICE_HTTP_ERROR_LEADING_SPACE: the first header line begins with white space
 * @SLUICE_HTTP_ERROR_FOLDED: a later one does (obsolete line folding)
 * @SLUICE_HTTP_ERROR_NAME: no name, or not a token with a colon behind
 * @SLUICE_HTTP_ERROR_NAME_SPACE: white space between name and colon
 * @SLUICE_HTTP_ERROR_NAME_ALIAS: content_length, transfer_encoding: programs that
 *	get fields as variables cannot tell it from the name with '-'
 * @SLUICE_HTTP_ERROR_VALUE: a control character in a value
 * @SLUICE_HTTP_ERROR_HEADERS_MANY: more header fields than the limit
 * @SLUICE_HTTP_ERROR_HEAD_LONG: no end within the limit
 * @SLUICE_HTTP_ERROR_HOST: Host is not a host, or its port not a port
 * @SLUICE_HTTP_ERROR_HOST_MISSING: HTTP/1.1 without Host
 * @SLUICE_HTTP_ERROR_HOST_REPEATED: more than one Host
 * @SLUICE_HTTP_ERROR_HOST_DIFFERS: Host says other than the target
 * @SLUICE_HTTP_ERROR_LENGTH: Content-Length is not a number below 2^63
 * @SLUICE_HTTP_ERROR_LENGTH_REPEATED: more than one Content-Length
 * @SLUICE_HTTP_ERROR_LENGTH_AND_CODING: Content-Length and Transfer-Encoding
 * @SLUICE_HTTP_ERROR_CODING: Transfer-Encoding is not a list of codings of which
 *	only the last is chunked
 * @SLUICE_HTTP_ERROR_CODING_UNKNOWN: a transfer coding before chunked
 * @SLUICE_HTTP_ERROR_CODING_VERSION: Transfer-Encoding in HTTP/1.0
 * @SLUICE_HTTP_ERROR_CONTENT: CONNECT with content
 * @SLUICE_HTTP_ERROR_CONNECTION: Connection is not a list of tokens, or names a
 *	field on which the bounds or the way of the request depend
 * @SLUICE_HTTP_ERROR_EXPECT: an expectation other than 100-continue
 * @SLUICE_HTTP_ERROR_STATUS: not three digits from 100 on with a space or the end of
 *	the line behind, or a control character in the reason
 * @SLUICE_HTTP_ERROR_STATUS_CONTENT: 1xx or 204 that announces content
 * @SLUICE_HTTP_ERROR_SWITCH: 101 without Upgrade, or without that in Connection
 * @SLUICE_HTTP_ERROR_CHUNK_SIZE: not 1 to 16 hexadecimal digits, below 2^63, with an
 *	extension or the end of the line behind
 * @SLUICE_HTTP_ERROR_CHUNK_EXTENSION: one that is not a token, with or without a
 *	token or a quoted string as its value
 * @SLUICE_HTTP_ERROR_CHUNK_EXTENSIONS_LONG: more of them in a message than
 *	SLUICE_HTTP_EXTENSIONS_MAX bytes
 * @SLUICE_HTTP_ERROR_CHUNK_END: other than CR LF behind the data of a chunk
 * @SLUICE_HTTP_ERROR_TRAILERS_LONG: no end of a trailer section within the limit
 */
enum sluice_http_error {
	SLUICE_HTTP_ERROR_NONE,
	SLUICE_HTTP_ERROR_TLS,
	SLUICE_HTTP_ERROR_HTTP2,
	SLUICE_HTTP_ERROR_METHOD,
	SLUICE_HTTP_ERROR_METHOD_LONG,
	SLUICE_HTTP_ERROR_TARGET,
	SLUICE_HTTP_ERROR_PERCENT,
	SLUICE_HTTP_ERROR_TARGET_FORM,
	SLUICE_HTTP_ERROR_TARGET_LONG,
	SLUICE_HTTP_ERROR_AUTHORITY,
	SLUICE_HTTP_ERROR_VERSION_SYNTAX,
	SLUICE_HTTP_ERROR_VERSION,
	SLUICE_HTTP_ERROR_BARE_CR,
	SLUICE_HTTP_ERROR_BARE_LF,
	SLUICE_HTTP_ERROR_LEADING_SPACE,
	SLUICE_HTTP_ERROR_FOLDED,
	SLUICE_HTTP_ERROR_NAME,
	SLUICE_HTTP_ERROR_NAME_SPACE,
	SLUICE_HTTP_ERROR_NAME_ALIAS,
	SLUICE_HTTP_ERROR_VALUE,
	SLUICE_HTTP_ERROR_HEADERS_MANY,
	SLUICE_HTTP_ERROR_HEAD_LONG,
	SLUICE_HTTP_ERROR_HOST,
	SLUICE_HTTP_ERROR_HOST_MISSING,
	SLUICE_HTTP_ERROR_HOST_REPEATED,
	SLUICE_HTTP_ERROR_HOST_DIFFERS,
	SLUICE_HTTP_ERROR_LENGTH,
	SLUICE_HTTP_ERROR_LENGTH_REPEATED,
	SLUICE_HTTP_ERROR_LENGTH_AND_CODING,
	SLUICE_HTTP_ERROR_CODING,
	SLUICE_HTTP_ERROR_CODING_UNKNOWN,
	SLUICE_HTTP_ERROR_CODING_VERSION,
	SLUICE_HTTP_ERROR_CONTENT,
	SLUICE_HTTP_ERROR_CONNECTION,
	SLUICE_HTTP_ERROR_EXPECT,
	SLUICE_HTTP_ERROR_STATUS,
	SLUICE_HTTP_ERROR_STATUS_CONTENT,
	SLUICE_HTTP_ERROR_SWITCH,
	SLUICE_HTTP_ERROR_CHUNK_SIZE,
	SLUICE_HTTP_ERROR_CHUNK_EXTENSION,
	SLUICE_HTTP_ERROR_CHUNK_EXTENSIONS_LONG,
	SLUICE_HTTP_ERROR_CHUNK_END,
	SLUICE_HTTP_ERROR_TRAILERS_LONG,
	/* private: */
	SLUICE_HTTP_ERROR_COUNT,
};

/**
 * enum sluice_http_method - methods with a number
 * @SLUICE_HTTP_METHOD_OTHER: any other token; the slice has it
 * @SLUICE_HTTP_METHOD_GET: RFC 9110 9.3.1
 * @SLUICE_HTTP_METHOD_HEAD: RFC 9110 9.3.2
 * @SLUICE_HTTP_METHOD_POST: RFC 9110 9.3.3
 * @SLUICE_HTTP_METHOD_PUT: RFC 9110 9.3.4
 * @SLUICE_HTTP_METHOD_DELETE: RFC 9110 9.3.5
 * @SLUICE_HTTP_METHOD_CONNECT: RFC 9110 9.3.6
 * @SLUICE_HTTP_METHOD_OPTIONS: RFC 9110 9.3.7
 * @SLUICE_HTTP_METHOD_TRACE: RFC 9110 9.3.8
 * @SLUICE_HTTP_METHOD_PATCH: RFC 5789
 *
 * Their case counts: "get" is another method.
 */
enum sluice_http_method {
	SLUICE_HTTP_METHOD_OTHER,
	SLUICE_HTTP_METHOD_GET,
	SLUICE_HTTP_METHOD_HEAD,
	SLUICE_HTTP_METHOD_POST,
	SLUICE_HTTP_METHOD_PUT,
	SLUICE_HTTP_METHOD_DELETE,
	SLUICE_HTTP_METHOD_CONNECT,
	SLUICE_HTTP_METHOD_OPTIONS,
	SLUICE_HTTP_METHOD_TRACE,
	SLUICE_HTTP_METHOD_PATCH,
};

/**
 * enum sluice_http_form - forms of a target, RFC 9112 3.2
 * @SLUICE_HTTP_FORM_ORIGIN: path and query: any method but CONNECT
 * @SLUICE_HTTP_FORM_ABSOLUTE: with scheme http or https: any but CONNECT
 * @SLUICE_HTTP_FORM_AUTHORITY: host and port: CONNECT
 * @SLUICE_HTTP_FORM_ASTERISK: "*": OPTIONS
 */
enum sluice_http_form {
	SLUICE_HTTP_FORM_ORIGIN,
	SLUICE_HTTP_FORM_ABSOLUTE,
	SLUICE_HTTP_FORM_AUTHORITY,
	SLUICE_HTTP_FORM_ASTERISK,
};

/**
 * enum sluice_http_scheme - schemes of a target in absolute form
 * @SLUICE_HTTP_SCHEME_NONE: it is in another form
 * @SLUICE_HTTP_SCHEME_HTTP: http
 * @SLUICE_HTTP_SCHEME_HTTPS: https
 */
enum sluice_http_scheme {
	SLUICE_HTTP_SCHEME_NONE,
	SLUICE_HTTP_SCHEME_HTTP,
	SLUICE_HTTP_SCHEME_HTTPS,
};

/**
 * enum sluice_http_host_kind - what a host is
 * @SLUICE_HTTP_HOST_NONE: empty
 * @SLUICE_HTTP_HOST_NAME: a name: letters, digits and "-._~" in labels that are
 *	not empty, with or without a dot at the end
 * @SLUICE_HTTP_HOST_IPV4: four decimal numbers
 * @SLUICE_HTTP_HOST_IPV6: an IPv6 address in brackets
 *
 * RFC 3986 3.2.2 allows more in a name: "!$&'()*+,;=" and "%" with two digits.
 * No name in DNS has these; a list or a parameter made of the host would be
 * changed by the former (RFC 7239), and the latter is one name written in two
 * ways, for a route to miss. Both are refused.
 */
enum sluice_http_host_kind {
	SLUICE_HTTP_HOST_NONE,
	SLUICE_HTTP_HOST_NAME,
	SLUICE_HTTP_HOST_IPV4,
	SLUICE_HTTP_HOST_IPV6,
};

/**
 * enum sluice_http_field - header fields that the parser knows
 * @SLUICE_HTTP_FIELD_OTHER: all others
 * @SLUICE_HTTP_FIELD_HOST: Host
 * @SLUICE_HTTP_FIELD_COOKIE: Cookie
 * @SLUICE_HTTP_FIELD_CONTENT_LENGTH: Content-Length
 * @SLUICE_HTTP_FIELD_TRANSFER_ENCODING: Transfer-Encoding
 * @SLUICE_HTTP_FIELD_EXPECT: Expect
 * @SLUICE_HTTP_FIELD_CONNECTION: Connection
 * @SLUICE_HTTP_FIELD_UPGRADE: Upgrade
 * @SLUICE_HTTP_FIELD_TE: TE
 * @SLUICE_HTTP_FIELD_KEEP_ALIVE: Keep-Alive
 * @SLUICE_HTTP_FIELD_PROXY_CONNECTION: Proxy-Connection
 *
 * From @SLUICE_HTTP_FIELD_CONNECTION on, and @SLUICE_HTTP_FIELD_TRANSFER_ENCODING,
 * they are about one connection, as sluice_http_header_hop() says.
 */
enum sluice_http_field {
	SLUICE_HTTP_FIELD_OTHER,
	SLUICE_HTTP_FIELD_HOST,
	SLUICE_HTTP_FIELD_COOKIE,
	SLUICE_HTTP_FIELD_CONTENT_LENGTH,
	SLUICE_HTTP_FIELD_TRANSFER_ENCODING,
	SLUICE_HTTP_FIELD_EXPECT,
	SLUICE_HTTP_FIELD_CONNECTION,
	SLUICE_HTTP_FIELD_UPGRADE,
	SLUICE_HTTP_FIELD_TE,
	SLUICE_HTTP_FIELD_KEEP_ALIVE,
	SLUICE_HTTP_FIELD_PROXY_CONNECTION,
};

/**
 * struct sluice_http_slice - a part of the caller's buffer
 * @offset: of its first byte
 * @length: in bytes, may be 0
 */
struct sluice_http_slice {
	u16 offset;
	u16 length;
};

/**
 * struct sluice_http_header - one header field
 * @name: as received, at least one byte
 * @value: without the white space around it, may be empty; no controls but tabs,
 *	while bytes from 0x80 on may occur
 * @field: which one it is (&enum sluice_http_field)
 */
struct sluice_http_header {
	struct sluice_http_slice name;
	struct sluice_http_slice value;
	u16 field;
};

/**
 * struct sluice_http_limits - what a head may have
 * @head: bytes, with the empty line; 0 is SLUICE_HTTP_HEAD_DEFAULT
 * @target: bytes of the target; 0 is SLUICE_HTTP_TARGET_DEFAULT
 * @headers: header fields; 0, and what is above, is SLUICE_HTTP_HEADERS_MAX
 */
struct sluice_http_limits {
	u16 head;
	u16 target;
	u16 headers;
};

/**
 * struct sluice_http_head - a head, and how far it has been parsed
 * @content_length: bytes of content, if @has_content_length
 * @length: bytes of the head, where content begins
 * @method: as received
 * @target: as received, in the form that @form says
 * @host: of the target or, if it names none, of Host; IPv6 addresses with their
 *	brackets; in upper or lower case
 * @path: of the target, not normalised (sluice_http_path_normalise()); empty in
 *	authority and asterisk form, and in absolute form where it stands for "/"
 * @query: what follows '?' in the target
 * @port: that goes with @host, from 1 to 65535, or 0 if none is given
 * @header_count: number of @header
 * @error: why it was refused, or SLUICE_HTTP_ERROR_NONE
 * @method_id: which method it is
 * @form: form of the target
 * @scheme: that the target names
 * @host_kind: what @host is; empty in HTTP/1.0 without Host and where Host is
 *	empty, which is for a target without host (RFC 9112 3.2)
 * @minor: of HTTP/1.x, 0 or 1
 * @has_query: there is a '?', though @query may be empty
 * @has_content_length: Content-Length is there
 * @chunked: content comes in chunks; without this and @has_content_length there
 *	is none (RFC 9112 6.3)
 * @keep_alive: the client will have the connection persist (RFC 9112 9.3)
 * @upgrade: the client asks for other protocols (RFC 9110 7.8)
 * @websocket: it asks for WebSocket and for nothing else
 * @expect_continue: it waits for 100 (Continue) before it sends content
 * @limits: what was given to sluice_http_head_init(), completed
 * @seen: flags of the parser
 * @state: where in the head it is
 * @pos: bytes that need not be looked at again to go on
 * @mark: where the part began that @pos is in
 * @header: header fields in their order, the first @header_count
 *
 * Results are valid once the parser said SLUICE_HTTP_DONE. Offsets are from the
 * begin of the buffer, where an empty line may come before the request.
 */
struct sluice_http_head {
	u64 content_length;
	u32 length;
	struct sluice_http_slice method;
	struct sluice_http_slice target;
	struct sluice_http_slice host;
	struct sluice_http_slice path;
	struct sluice_http_slice query;
	u16 port;
	u16 header_count;
	enum sluice_http_error error;
	enum sluice_http_method method_id;
	enum sluice_http_form form;
	enum sluice_http_scheme scheme;
	enum sluice_http_host_kind host_kind;
	u8 minor;
	bool has_query;
	bool has_content_length;
	bool chunked;
	bool keep_alive;
	bool upgrade;
	bool websocket;
	bool expect_continue;
	struct sluice_http_limits limits;
	u16 seen;
	u32 state;
	u32 pos;
	u32 mark;
	struct sluice_http_header header[SLUICE_HTTP_HEADERS_MAX];
};

/**
 * struct sluice_http_cursor - a place between two cookies; all zero at the begin
 * @header: index of the header field
 * @offset: of what comes next in its value, from the begin of the value
 */
struct sluice_http_cursor {
	u16 header;
	u16 offset;
};

/**
 * struct sluice_http_pair - a cookie
 * @name: as received, may be empty
 * @value: with its quotes, if it has any
 */
struct sluice_http_pair {
	struct sluice_http_slice name;
	struct sluice_http_slice value;
};

void sluice_http_head_init(struct sluice_http_head *head,
			   const struct sluice_http_limits *limits);
enum sluice_http_result sluice_http_head_parse(struct sluice_http_head *head,
					       const u8 *buf, u32 len);

const char *sluice_http_error_name(enum sluice_http_error error);
u16 sluice_http_error_status(enum sluice_http_error error);

bool sluice_http_slice_is(const u8 *buf, struct sluice_http_slice slice,
			  const char *text, u32 len);
bool sluice_http_list_next(const u8 *buf, struct sluice_http_slice *rest,
			   struct sluice_http_slice *item);
const struct sluice_http_header *
sluice_http_header_next(const struct sluice_http_head *head, const u8 *buf,
			const char *name, u32 len,
			const struct sluice_http_header *last);
bool sluice_http_header_hop(const struct sluice_http_head *head, const u8 *buf,
			    const struct sluice_http_header *header);

bool sluice_http_cookie_next(const struct sluice_http_head *head, const u8 *buf,
			     struct sluice_http_cursor *cursor,
			     struct sluice_http_pair *cookie);
bool sluice_http_cookie_find(const struct sluice_http_head *head, const u8 *buf,
			     const char *name, u32 len,
			     struct sluice_http_slice *value);

u32 sluice_http_path_normalise(const u8 *path, u32 len, u8 *out, u32 size);

#endif /* SLUICE_HTTP_HEAD_H */
