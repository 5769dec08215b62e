// SPDX-License-Identifier: GPL-2.0-or-later
/* What a client's certificate says of its owner, RFC 5280 4.1.2.6 and 4.2.1.6. */
#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "tls.h"

typedef bool (*looker)(void *arg, const char *text, size_t length);

static void common_names(const X509 *certificate, looker look, void *arg)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	bool done = false;
	int at = -1;

	while (!done &&
	       (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >=
		       0) {
		unsigned char *text;
		int length = ASN1_STRING_to_UTF8(
			&text, X509_NAME_ENTRY_get_data(
				       X509_NAME_get_entry(subject, at)));

		if (length < 0)
			continue;
		done = look(arg, (const char *)text, (size_t)length);
		OPENSSL_free(text);
	}
}

static bool look_behind(const char *kind, const ASN1_STRING *value, looker look,
			void *arg)
{
	size_t before = strlen(kind);
	size_t length = (size_t)ASN1_STRING_length(value);
	char *text = malloc(before + length + 1);
	bool done;

	if (!text)
		return false;
	memcpy(text, kind, before + 1);
	memcpy(text + before, ASN1_STRING_get0_data(value), length);
	done = look(arg, text, before + length);
	free(text);
	return done;
}

static bool look_at_address(const ASN1_STRING *value, looker look, void *arg)
{
	char text[sizeof("IP:") + INET6_ADDRSTRLEN] = "IP:";
	int length = ASN1_STRING_length(value);

	if ((length != 4 && length != 16) ||
	    !inet_ntop(length == 4 ? AF_INET : AF_INET6,
		       ASN1_STRING_get0_data(value), text + 3,
		       INET6_ADDRSTRLEN))
		return false;
	return look(arg, text, strlen(text));
}

static bool look_at_name(const GENERAL_NAME *name, looker look, void *arg)
{
	switch (name->type) {
	case GEN_DNS:
		return look_behind("DNS:", name->d.dNSName, look, arg);
	case GEN_EMAIL:
		return look_behind("email:", name->d.rfc822Name, look, arg);
	case GEN_URI:
		return look_behind("URI:", name->d.uniformResourceIdentifier,
				   look, arg);
	case GEN_IPADD:
		return look_at_address(name->d.iPAddress, look, arg);
	default:
		return false;
	}
}

static void alternative_names(const X509 *certificate, looker look, void *arg)
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool done = false;

	for (int i = 0; !done && i < sk_GENERAL_NAME_num(names); i++)
		done = look_at_name(sk_GENERAL_NAME_value(names, i), look, arg);
	GENERAL_NAMES_free(names);
}

void tls_claims(SSL *session, enum config_claim what, looker look, void *arg)
{
	const X509 *certificate = SSL_get0_peer_certificate(session);
	struct tls_facts facts;

	if (!certificate)
		return;
	switch (what) {
	case CONFIG_CLAIM_CN:
		common_names(certificate, look, arg);
		break;
	case CONFIG_CLAIM_SAN:
		alternative_names(certificate, look, arg);
		break;
	default:
		tls_facts(session, &facts);
		if (facts.subject)
			look(arg, facts.subject, strlen(facts.subject));
	}
}
