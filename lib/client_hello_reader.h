/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the ClientHello reader have in common. */
#ifndef SLUICE_CLIENT_HELLO_READER_H
#define SLUICE_CLIENT_HELLO_READER_H

#include <sluice/client_hello.h>

enum {
	TLS_1_0 = 0x0301,
	TLS_1_2 = 0x0303,
	TLS_1_3 = 0x0304,
	TLS_MAX = 0x03ff,
};

/* The field that is wanted. */
enum state {
	IN_MESSAGE_HEADER,
	IN_VERSION,
	IN_RANDOM,
	IN_SESSION_ID_LENGTH,
	IN_SESSION_ID,
	IN_SUITES_LENGTH,
	IN_SUITES,
	IN_COMPRESSION_LENGTH,
	IN_COMPRESSION,
	IN_EXTENSIONS_LENGTH,
	IN_EXTENSION_HEADER,
	IN_EXTENSION,
	IN_LIST_LENGTH,
	IN_LIST,
	IN_NAME_HEADER,
	IN_NAME,
	IN_PROTOCOL_LENGTH,
	IN_PROTOCOL,
	IN_OFFERED_VERSION,
	IN_SHARE_HEADER,
	IN_SHARE,
	IN_IDENTITY_LENGTH,
	IN_IDENTITY,
	IN_BINDERS_LENGTH,
	IN_BINDER_LENGTH,
	IN_BINDER,
	IN_ECH_TYPE,
	IN_ECH_SUITE,
	IN_ECH_KEY_LENGTH,
	IN_ECH_KEY,
	IN_ECH_PAYLOAD_LENGTH,
};

/* What is done with its bytes. */
enum kind {
	SKIP,
	/* To field[], where it is read when it is complete. */
	COLLECT,
	COPY_HOST,
	COPY_PROTOCOL,
	LOOK_FOR_NULL,
};

static inline u16 get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static inline void refuse(struct sluice_client_hello *h,
			  enum sluice_hello_refusal refusal)
{
	h->result = SLUICE_HELLO_REFUSED;
	h->refusal = refusal;
}

/* Want @n bytes of what @left has, for field @state; refuse if it has less. */
void sluice_hello_claim(struct sluice_client_hello *h, u32 *left, u32 n,
			enum state state, enum kind kind);

static inline void collect(struct sluice_client_hello *h, u32 *left, u32 n,
			   enum state state)
{
	sluice_hello_claim(h, left, n, state, COLLECT);
}

static inline void skip(struct sluice_client_hello *h, u32 *left, u32 n,
			enum state state)
{
	sluice_hello_claim(h, left, n, state, SKIP);
}

/* All bytes of the message have been read. */
void sluice_hello_finish(struct sluice_client_hello *h);
/* Want the next extension, or finish. */
void sluice_hello_next_extension(struct sluice_client_hello *h);
/* A field of an extension is complete. */
void sluice_hello_step_extension(struct sluice_client_hello *h);

#endif /* SLUICE_CLIENT_HELLO_READER_H */
