// SPDX-License-Identifier: GPL-2.0-or-later
/* A route to words, as -R and the command line take them. */
#include <arpa/inet.h>
#include <string.h>

#include "route.h"

/* Longest "name=value". */
#define WORD_MAX (2 * SLUICE_MATCH_TEXT_MAX + 2)

static bool needs_quotes(const char *word, size_t length)
{
	if (length == 0 || word[0] == '"')
		return true;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)word[i] <= ' ' || word[i] == 0x7f)
			return true;
	return false;
}

void print_word(FILE *to, const char *word, size_t length)
{
	if (!needs_quotes(word, length)) {
		fwrite(word, 1, length, to);
		return;
	}
	fputc('"', to);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)word[i];

		if (byte < ' ' || byte == 0x7f)
			fprintf(to, "\\x%02x", byte);
		else if (byte == '"' || byte == '\\')
			fprintf(to, "\\%c", byte);
		else
			fputc(byte, to);
	}
	fputc('"', to);
}

static void print_text(FILE *to, const char *keyword, struct sluice_text text)
{
	if (!text.len)
		return;
	fprintf(to, " %s ", keyword);
	print_word(to, text.data, text.len);
}

static void print_condition(FILE *to,
			    const struct sluice_route_condition *condition)
{
	static const char *const names[SLUICE_ROUTE_WHATS] = {
		[SLUICE_ROUTE_METHOD] = "method",
		[SLUICE_ROUTE_QUERY] = "query",
		[SLUICE_ROUTE_HEADER] = "header",
		[SLUICE_ROUTE_COOKIE] = "cookie",
		[SLUICE_ROUTE_ALPN] = "alpn",
	};
	size_t name = condition->name.len;
	size_t value = condition->value.len;
	char word[WORD_MAX];

	if (condition->what >= SLUICE_ROUTE_WHATS ||
	    name + value + 1 > sizeof(word))
		return;
	fprintf(to, " %s%s ", names[condition->what],
		condition->how == SLUICE_ROUTE_PREFIX ? "-prefix" : "");
	if (name)
		memcpy(word, condition->name.data, name);
	if (name && condition->how != SLUICE_ROUTE_PRESENT)
		word[name++] = '=';
	if (value)
		memcpy(word + name, condition->value.data, value);
	print_word(to, word, name + value);
}

static void print_source(FILE *to, const struct sluice_route_source *source)
{
	char text[INET6_ADDRSTRLEN] = "?";

	inet_ntop(source->address_len == 4 ? AF_INET : AF_INET6,
		  source->address, text, sizeof(text));
	if (source->bits == source->address_len * 8)
		fprintf(to, " source %s", text);
	else
		fprintf(to, " source %s/%u", text, source->bits);
}

static void print_share(FILE *to, unsigned int share)
{
	if (share % 100 == 0)
		fprintf(to, " share %u%%", share / 100);
	else if (share % 10 == 0)
		fprintf(to, " share %u.%u%%", share / 100, share % 100 / 10);
	else
		fprintf(to, " share %u.%02u%%", share / 100, share % 100);
}

static void print_match(FILE *to, const struct sluice_route_rule *rule)
{
	print_text(to, "host", rule->host);
	if (rule->port)
		fprintf(to, " port %u", rule->port);
	print_text(to,
		   rule->path_how == SLUICE_ROUTE_PATH_EXACT ? "path" :
							       "prefix",
		   rule->path);
	for (u32 i = 0; i < rule->condition_count; i++)
		print_condition(to, &rule->conditions[i]);
	for (u32 i = 0; i < rule->source_count; i++)
		print_source(to, &rule->sources[i]);
	if (rule->share != SLUICE_ROUTE_SHARE_ALL)
		print_share(to, rule->share);
	if (rule->salt)
		fprintf(to, " salt %u", rule->salt);
}

static void print_action(FILE *to, const struct sluice_route *route)
{
	switch (route->action) {
	case SLUICE_ROUTE_ACTION_POOL:
		for (size_t i = 0; i < route->pools_count; i++) {
			const struct sluice_route_pool *pool = &route->pools[i];

			fputs(" pool ", to);
			print_word(to, pool->name, strlen(pool->name));
			if (pool->weight != 1)
				fprintf(to, " weight %u", pool->weight);
		}
		break;
	case SLUICE_ROUTE_ACTION_REJECT:
		fputs(" reject", to);
		if (route->status)
			fprintf(to, " %u", route->status);
		break;
	case SLUICE_ROUTE_ACTION_REDIRECT:
		fprintf(to, " redirect %u", route->status);
		break;
	case SLUICE_ROUTE_ACTION_PROXY:
		fputs(" proxy", to);
		if (route->proxy_port)
			fprintf(to, " %u", route->proxy_port);
		break;
	default:
		fputs(" ?", to);
	}
}

void print_route(FILE *to, const struct sluice_route *route)
{
	print_match(to, &route->match);
	print_action(to, route);
}
