// SPDX-License-Identifier: GPL-2.0-or-later
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scram.h"

#define SALT_MAX 128

struct server_first {
	char text[SCRAM_TEXT_SIZE];
	char nonce[SCRAM_TEXT_SIZE];
	unsigned char salt[SALT_MAX];
	int salt_length;
	int rounds;
};

bool scram_first(struct scram *scram, char *to)
{
	unsigned char random[(SCRAM_NONCE_SIZE - 1) / 4 * 3];

	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	EVP_EncodeBlock((unsigned char *)scram->nonce, random, sizeof(random));
	snprintf(to, SCRAM_TEXT_SIZE, "n,,n=,r=%s", scram->nonce);
	return true;
}

/* Return: bytes, or -1: not base64, or more than @room */
static int decode(const char *text, size_t length, unsigned char *to,
		  size_t room)
{
	unsigned char all[SCRAM_TEXT_SIZE];
	int count;

	if (!length || length % 4 || length > sizeof(all) ||
	    memchr(text, '=', length - 2))
		return -1;
	count = EVP_DecodeBlock(all, (const unsigned char *)text, (int)length);
	if (count < 0)
		return -1;
	count -= (text[length - 1] == '=') + (text[length - 2] == '=');
	if (count < 0 || (size_t)count > room)
		return -1;
	memcpy(to, all, (size_t)count);
	return count;
}

/* r=NONCE,s=SALT,i=ROUNDS, and extensions that none has yet. */
static const char *parse(const struct scram *scram, const char *text,
			 size_t length, struct server_first *first)
{
	char *salt, *rounds, *end;
	size_t nonce = strlen(scram->nonce);
	long count;

	if (length >= sizeof(first->text) || memchr(text, '\0', length))
		return "a message of SCRAM that is too long";
	memcpy(first->text, text, length);
	first->text[length] = '\0';
	snprintf(first->nonce, sizeof(first->nonce), "%s", first->text);
	salt = strstr(first->nonce, ",s=");
	rounds = salt ? strstr(salt + 3, ",i=") : NULL;
	if (strncmp(first->nonce, "r=", 2) != 0 || !rounds)
		return "a message of SCRAM without nonce, salt and rounds";
	*salt = '\0';
	*rounds = '\0';
	/* The server's nonce is ours and more of its own. */
	if (strncmp(first->nonce + 2, scram->nonce, nonce) != 0 ||
	    !first->nonce[2 + nonce])
		return "a nonce of SCRAM that is not ours";
	first->salt_length = decode(salt + 3, strlen(salt + 3), first->salt,
				    sizeof(first->salt));
	if (first->salt_length < 0)
		return "a salt of SCRAM that is none";
	count = strtol(rounds + 3, &end, 10);
	if (count < 1 || (*end && *end != ','))
		return "no number of rounds of SCRAM";
	if (count > SCRAM_ROUNDS_MAX)
		return "more than 20000 rounds of SCRAM";
	first->rounds = (int)count;
	return NULL;
}

static bool sign(const unsigned char *key, const char *text, unsigned char *to)
{
	return HMAC(EVP_sha256(), key, SCRAM_KEY_SIZE,
		    (const unsigned char *)text, strlen(text), to, NULL);
}

/* The proof, and what the server's has to be: RFC 5802, 3. */
static bool prove(struct scram *scram, const char *password,
		  const struct server_first *first, const char *message,
		  unsigned char *proof)
{
	unsigned char salted[SCRAM_KEY_SIZE], client[SCRAM_KEY_SIZE];
	unsigned char stored[SCRAM_KEY_SIZE], server[SCRAM_KEY_SIZE];
	bool done;

	done = PKCS5_PBKDF2_HMAC(password, (int)strlen(password), first->salt,
				 first->salt_length, first->rounds,
				 EVP_sha256(), sizeof(salted), salted) == 1 &&
	       sign(salted, "Client Key", client) &&
	       SHA256(client, sizeof(client), stored) &&
	       sign(stored, message, proof) &&
	       sign(salted, "Server Key", server) &&
	       sign(server, message, scram->server_signature);
	for (int i = 0; done && i < SCRAM_KEY_SIZE; i++)
		proof[i] ^= client[i];
	OPENSSL_cleanse(salted, sizeof(salted));
	OPENSSL_cleanse(client, sizeof(client));
	return done;
}

const char *scram_final(struct scram *scram, const char *password,
			const char *first_text, size_t length, char *to)
{
	char message[3 * SCRAM_TEXT_SIZE], encoded[48];
	unsigned char proof[SCRAM_KEY_SIZE] = { 0 };
	struct server_first first;
	const char *why;

	why = parse(scram, first_text, length, &first);
	if (why)
		return why;
	if (strlen(first.nonce) > SCRAM_TEXT_SIZE - 80)
		return "a nonce of SCRAM that is too long";
	snprintf(message, sizeof(message), "n=,r=%s,%s,c=biws,%s", scram->nonce,
		 first.text, first.nonce);
	if (!prove(scram, password, &first, message, proof))
		return "SCRAM cannot be computed here";
	EVP_EncodeBlock((unsigned char *)encoded, proof, sizeof(proof));
	snprintf(to, SCRAM_TEXT_SIZE, "c=biws,%.*s,p=%s", SCRAM_TEXT_SIZE - 80,
		 first.nonce, encoded);
	return NULL;
}

bool scram_verify(const struct scram *scram, const char *final, size_t length)
{
	unsigned char signature[SCRAM_KEY_SIZE];
	const char *end;

	if (length < 2 || memcmp(final, "v=", 2) != 0)
		return false;
	end = memchr(final, ',', length);
	if (end)
		length = (size_t)(end - final);
	return decode(final + 2, length - 2, signature, sizeof(signature)) ==
		       SCRAM_KEY_SIZE &&
	       CRYPTO_memcmp(signature, scram->server_signature,
			     sizeof(signature)) == 0;
}
