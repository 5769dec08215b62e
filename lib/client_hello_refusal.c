// SPDX-License-Identifier: GPL-2.0-or-later
/* Why a ClientHello was refused: in words, and as an alert. */
#include <sluice/client_hello.h>

enum {
	ALERT_NONE = 0,
	ALERT_UNEXPECTED_MESSAGE = 10,
	ALERT_RECORD_OVERFLOW = 22,
	ALERT_ILLEGAL_PARAMETER = 47,
	ALERT_DECODE_ERROR = 50,
	ALERT_PROTOCOL_VERSION = 70,
};

static const struct {
	const char *name;
	u8 alert;
} refusals[SLUICE_HELLO_REFUSALS] = {
	[SLUICE_HELLO_FINE] = { "not refused", ALERT_NONE },
	[SLUICE_HELLO_NOT_TLS] = { "not TLS", ALERT_NONE },
	[SLUICE_HELLO_PLAIN_HTTP] = { "plain HTTP, not TLS", ALERT_NONE },
	[SLUICE_HELLO_PROXY_HEADER] = {
		"a header of the PROXY protocol, not TLS", ALERT_NONE },
	[SLUICE_HELLO_SSLV2] = { "a hello of SSL 2.0", ALERT_NONE },
	[SLUICE_HELLO_ALERT] = { "an alert instead of a hello", ALERT_NONE },
	[SLUICE_HELLO_RECORD_TYPE] = {
		"a record of another type inside the hello",
		ALERT_UNEXPECTED_MESSAGE },
	[SLUICE_HELLO_RECORD_VERSION] = {
		"a record that is not of TLS 1", ALERT_PROTOCOL_VERSION },
	[SLUICE_HELLO_RECORD_EMPTY] = {
		"an empty record", ALERT_UNEXPECTED_MESSAGE },
	[SLUICE_HELLO_RECORD_LONG] = {
		"a record of more than 16384 bytes", ALERT_RECORD_OVERFLOW },
	[SLUICE_HELLO_MESSAGE_TYPE] = {
		"a handshake message that is not a hello",
		ALERT_UNEXPECTED_MESSAGE },
	[SLUICE_HELLO_TOO_LONG] = {
		"a hello longer than the limit", ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_TRAILING] = {
		"more after the hello in its record",
		ALERT_UNEXPECTED_MESSAGE },
	[SLUICE_HELLO_LENGTH] = {
		"a field past the end of the hello", ALERT_DECODE_ERROR },
	[SLUICE_HELLO_VERSION] = {
		"no version of TLS offered", ALERT_PROTOCOL_VERSION },
	[SLUICE_HELLO_SESSION_ID] = {
		"a session ID of more than 32 bytes", ALERT_DECODE_ERROR },
	[SLUICE_HELLO_CIPHER_SUITES] = {
		"no cipher suites, or half of one", ALERT_DECODE_ERROR },
	[SLUICE_HELLO_COMPRESSION] = {
		"compression methods that TLS forbids",
		ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_EXTENSIONS_LENGTH] = {
		"extensions that do not end with the hello",
		ALERT_DECODE_ERROR },
	[SLUICE_HELLO_EXTENSION_LENGTH] = {
		"an extension with a wrong length", ALERT_DECODE_ERROR },
	[SLUICE_HELLO_EXTENSION_TWICE] = {
		"the same extension twice", ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_EXTENSIONS_MANY] = {
		"too many unusual extensions", ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_PSK_NOT_LAST] = {
		"an extension after the pre-shared key",
		ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_SERVER_NAME] = {
		"a server name that is not one host name", ALERT_DECODE_ERROR },
	[SLUICE_HELLO_HOST_LONG] = {
		"a host name of more than 255 bytes", ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_HOST_NAME] = {
		"a host name that no host can have", ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_HOST_DOT] = {
		"a host name that ends with a dot", ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_ALPN] = {
		"an empty protocol name", ALERT_DECODE_ERROR },
	[SLUICE_HELLO_ALPN_LONG] = {
		"protocol names of more than 256 bytes",
		ALERT_ILLEGAL_PARAMETER },
	[SLUICE_HELLO_ECH] = {
		"an encrypted hello of an unknown type",
		ALERT_ILLEGAL_PARAMETER },
};

const char *sluice_hello_refusal_name(enum sluice_hello_refusal refusal)
{
	return refusals[refusal].name;
}

u8 sluice_hello_refusal_alert(enum sluice_hello_refusal refusal)
{
	return refusals[refusal].alert;
}
