// SPDX-License-Identifier: GPL-2.0
/*
 * What sluice_ktls.ko has of lib/: code that both modules need is linked into this
 * one, and cannot be linked twice.
 */

#include <sluice/http_describe.h>
#include <sluice/sticky.h>

#include "../lib/http_scan.h"
#include "compat.h"

/* Not beside what they name, as those of the rest are: that is for user space, too. */
#define EXPORT(symbol) EXPORT_SYMBOL_SLUICE(symbol)

/* Heads of requests. */
EXPORT(sluice_http_head_init);
EXPORT(sluice_http_head_parse);
EXPORT(sluice_http_error_name);
EXPORT(sluice_http_error_status);
EXPORT(sluice_http_describe);
EXPORT(sluice_http_describe_path);

/* What is in them. */
EXPORT(sluice_http_header_hop);
EXPORT(sluice_http_header_next);
EXPORT(sluice_http_list_next);
EXPORT(sluice_http_path_normalise);
EXPORT(sluice_http_slice_is);

/* For the parsers of responses, chunks and trailers. */
EXPORT(sluice_http_chars);
EXPORT(sluice_http_codings_end);
EXPORT(sluice_http_limits_complete);
EXPORT(sluice_http_message_field);
EXPORT(sluice_http_named);
EXPORT(sluice_http_section_scan);
EXPORT(sluice_http_text_read);

/* Cookies of ours. */
EXPORT(sluice_http_cookie_find);
EXPORT(sluice_sticky_read);
EXPORT(sluice_sticky_server);
EXPORT(sluice_sticky_signed);
EXPORT(sluice_sticky_write);
