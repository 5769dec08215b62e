// SPDX-License-Identifier: GPL-2.0-or-later
/* Why something is refused: in words, and in the status to answer with. */
#include "http.h"

static const struct {
	const char *name;
	u16 status;
} errors[] = {
	[SLUICE_HTTP_ERROR_NONE] = { "no error", 200 },
	[SLUICE_HTTP_ERROR_TLS] = { "TLS where HTTP was expected", 400 },
	[SLUICE_HTTP_ERROR_HTTP2] = { "HTTP/2 where HTTP/1 was expected", 505 },
	[SLUICE_HTTP_ERROR_METHOD] = { "bad method", 400 },
	[SLUICE_HTTP_ERROR_METHOD_LONG] = { "method too long", 501 },
	[SLUICE_HTTP_ERROR_TARGET] = { "bad character in target", 400 },
	[SLUICE_HTTP_ERROR_PERCENT] = { "bad percent-encoding", 400 },
	[SLUICE_HTTP_ERROR_TARGET_FORM] = { "target does not go with method",
					    400 },
	[SLUICE_HTTP_ERROR_TARGET_LONG] = { "target too long", 414 },
	[SLUICE_HTTP_ERROR_AUTHORITY] = { "bad host or port in target", 400 },
	[SLUICE_HTTP_ERROR_VERSION_SYNTAX] = { "bad version", 400 },
	[SLUICE_HTTP_ERROR_VERSION] = { "version not supported", 505 },
	[SLUICE_HTTP_ERROR_BARE_CR] = { "CR without LF", 400 },
	[SLUICE_HTTP_ERROR_BARE_LF] = { "LF without CR", 400 },
	[SLUICE_HTTP_ERROR_LEADING_SPACE] = { "space before first header", 400 },
	[SLUICE_HTTP_ERROR_FOLDED] = { "folded header line", 400 },
	[SLUICE_HTTP_ERROR_NAME] = { "bad header name", 400 },
	[SLUICE_HTTP_ERROR_NAME_SPACE] = { "space before colon", 400 },
	[SLUICE_HTTP_ERROR_NAME_ALIAS] = { "underscore in framing header", 400 },
	[SLUICE_HTTP_ERROR_VALUE] = { "control character in header", 400 },
	[SLUICE_HTTP_ERROR_HEADERS_MANY] = { "too many headers", 431 },
	[SLUICE_HTTP_ERROR_HEAD_LONG] = { "head too long", 431 },
	[SLUICE_HTTP_ERROR_HOST] = { "bad Host", 400 },
	[SLUICE_HTTP_ERROR_HOST_MISSING] = { "no Host", 400 },
	[SLUICE_HTTP_ERROR_HOST_REPEATED] = { "more than one Host", 400 },
	[SLUICE_HTTP_ERROR_HOST_DIFFERS] = { "Host differs from target", 400 },
	[SLUICE_HTTP_ERROR_LENGTH] = { "bad Content-Length", 400 },
	[SLUICE_HTTP_ERROR_LENGTH_REPEATED] = { "more than one Content-Length",
						400 },
	[SLUICE_HTTP_ERROR_LENGTH_AND_CODING] = {
		"Content-Length with Transfer-Encoding", 400 },
	[SLUICE_HTTP_ERROR_CODING] = { "bad Transfer-Encoding", 400 },
	[SLUICE_HTTP_ERROR_CODING_UNKNOWN] = { "unknown transfer coding", 501 },
	[SLUICE_HTTP_ERROR_CODING_VERSION] = {
		"Transfer-Encoding in HTTP/1.0", 400 },
	[SLUICE_HTTP_ERROR_CONTENT] = { "CONNECT with content", 400 },
	[SLUICE_HTTP_ERROR_CONNECTION] = { "bad Connection", 400 },
	[SLUICE_HTTP_ERROR_EXPECT] = { "unknown expectation", 417 },
	[SLUICE_HTTP_ERROR_STATUS] = { "bad status", 502 },
	[SLUICE_HTTP_ERROR_STATUS_CONTENT] = { "1xx or 204 with content", 502 },
	[SLUICE_HTTP_ERROR_SWITCH] = { "101 without Upgrade", 502 },
	[SLUICE_HTTP_ERROR_CHUNK_SIZE] = { "bad chunk size", 400 },
	[SLUICE_HTTP_ERROR_CHUNK_EXTENSION] = { "bad chunk extension", 400 },
	[SLUICE_HTTP_ERROR_CHUNK_EXTENSIONS_LONG] = {
		"chunk extensions too long", 400 },
	[SLUICE_HTTP_ERROR_CHUNK_END] = { "no CR LF behind a chunk", 400 },
	[SLUICE_HTTP_ERROR_TRAILERS_LONG] = { "trailer section too long", 431 },
};

/**
 * sluice_http_error_name() - say why something is refused
 * @error: of a head, a response, chunks or trailers
 *
 * Return: some words, without newline.
 */
const char *sluice_http_error_name(enum sluice_http_error error)
{
	return (u32)error < SLUICE_HTTP_ERROR_COUNT ? errors[error].name :
						      "unknown error";
}

/**
 * sluice_http_error_status() - the answer to a request that is refused
 * @error: of its head, chunks or trailers
 *
 * For a response that is refused it is 502, whatever the error.
 *
 * Return: an HTTP status; 200 if there was no error. TLS is answered best by
 * closing the connection.
 */
u16 sluice_http_error_status(enum sluice_http_error error)
{
	return (u32)error < SLUICE_HTTP_ERROR_COUNT ? errors[error].status : 400;
}
