// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines that say where a message begins and ends, and how long a connection lasts. */
#include "forward_parts.h"

void forward_framing_write(struct sluice_http_out *out,
			   enum forward_framing framing, uint64_t length)
{
	if (framing == FORWARD_CHUNKED)
		out_put(out, OUT_TEXT("Transfer-Encoding: chunked\r\n"));
	if (framing != FORWARD_LENGTH)
		return;
	out_put(out, OUT_TEXT("Content-Length: "));
	out_number(out, length);
	out_put(out, OUT_TEXT("\r\n"));
}

void forward_begin_write(struct sluice_http_out *out, unsigned int status,
			 const char *reason, size_t length)
{
	const char digits[] = { (char)('0' + status / 100 % 10),
				(char)('0' + status / 10 % 10),
				(char)('0' + status % 10), ' ' };

	out_put(out, OUT_TEXT("HTTP/1.1 "));
	out_put(out, digits, sizeof(digits));
	out_put(out, reason, length);
	out_put(out, OUT_TEXT("\r\n"));
}

void forward_persist_write(struct sluice_http_out *out, bool keep_alive,
			   uint8_t minor)
{
	if (!keep_alive)
		out_put(out, OUT_TEXT("Connection: close\r\n"));
	else if (!minor)
		out_put(out, OUT_TEXT("Connection: keep-alive\r\n"));
}
