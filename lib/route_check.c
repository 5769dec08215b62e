// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether the rule of a route is right. What could never hold is wrong, too: an
 * administrator who wrote it meant something else.
 */
#include <sluice/route_match.h>

#define LABEL_MAX 63

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

/* RFC 9110 section 5.6.2: names of methods, fields and cookies. */
static bool is_token(struct sluice_text text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";
	u32 i;

	for (i = 0; i < text.len; i++)
		if (!is_alnum(text.data[i]) &&
		    !memchr(others, text.data[i], sizeof(others) - 1))
			return false;
	return text.len > 0;
}

static bool is_same(struct sluice_text text, const char *lower)
{
	u32 i;

	for (i = 0; i < text.len && lower[i]; i++)
		if ((text.data[i] | 0x20) != lower[i])
			return false;
	return i == text.len && !lower[i];
}

static bool has_control(struct sluice_text text, bool spaces)
{
	u32 i;

	for (i = 0; i < text.len; i++) {
		u8 c = text.data[i];

		if (c == 0x7f || (c < ' ' && !(spaces && c == '\t')) ||
		    (c == ' ' && !spaces))
			return true;
	}
	return false;
}

/* RFC 3986 section 3.2.2: an IPv6 address is in brackets. */
static const char *check_literal(struct sluice_text host)
{
	bool colon = false;
	u32 i;

	for (i = 1; i + 1 < host.len; i++) {
		char c = host.data[i];

		colon = colon || c == ':';
		if (c != ':' && c != '.' && !(c >= '0' && c <= '9') &&
		    !((c | 0x20) >= 'a' && (c | 0x20) <= 'f'))
			break;
	}
	if (!colon || i + 1 != host.len || host.data[i] != ']')
		return "not an IPv6 address in brackets";
	return NULL;
}

static const char *check_host(struct sluice_text host)
{
	u32 i = 0, label = 0;

	if (!host.len)
		return NULL;
	if (host.len > SLUICE_ROUTE_HOST_MAX)
		return "more than 255 characters";
	if (host.data[0] == '[')
		return check_literal(host);
	if (host.data[0] == '*') {
		if (host.len < 3 || host.data[1] != '.')
			return "a wildcard alone, not as in *.example.com";
		i = 2;
	}
	if (host.data[host.len - 1] == '.')
		return "a dot at the end";
	for (; i < host.len; i++) {
		char c = host.data[i];

		if (c == '*')
			return "a wildcard that is not the first label";
		if (c == ':')
			return "a port, which is a condition of its own";
		if (c != '.' && !is_alnum(c) && c != '-' && c != '_')
			return "characters that no host name has";
		if (c == '.' && !label)
			return "an empty label";
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return "a label of more than 63 characters";
	}
	return NULL;
}

/* Whether a segment is "." or "..". */
static bool has_dots(struct sluice_text path)
{
	u32 i, from = 0;

	for (i = 0; i <= path.len; i++) {
		if (i < path.len && path.data[i] != '/')
			continue;
		if ((i - from == 1 && path.data[from] == '.') ||
		    (i - from == 2 && path.data[from] == '.' &&
		     path.data[from + 1] == '.'))
			return true;
		from = i + 1;
	}
	return false;
}

static const char *check_path(const struct sluice_route_rule *rule)
{
	struct sluice_text path = rule->path;

	if (rule->path_how > SLUICE_ROUTE_PATH_PREFIX)
		return "compared in an unknown way";
	if (rule->path_how == SLUICE_ROUTE_PATH_ANY)
		return path.len ? "a path that is not compared" : NULL;
	if (!path.len || path.data[0] != '/')
		return "no slash at the start";
	if (path.len > SLUICE_ROUTE_TEXT_MAX)
		return "more than 4096 characters";
	if (memchr(path.data, '?', path.len))
		return "a query, which is a condition of its own";
	if (memchr(path.data, '#', path.len))
		return "a fragment, which no request has";
	if (has_control(path, false))
		return "spaces or control characters";
	if (has_dots(path))
		return "a segment . or .., which no normalised path has";
	return NULL;
}

static const char *check_value(const struct sluice_route_condition *condition)
{
	struct sluice_text value = condition->value;

	if (value.len > SLUICE_ROUTE_TEXT_MAX)
		return "a value of more than 4096 characters";
	if (condition->how == SLUICE_ROUTE_PRESENT && value.len)
		return "a value that is not compared";
	if (condition->how == SLUICE_ROUTE_PREFIX && !value.len)
		return "an empty prefix: ask for presence";
	switch (condition->what) {
	case SLUICE_ROUTE_METHOD:
		return is_token(value) ? NULL : "not a method";
	case SLUICE_ROUTE_ALPN:
		return value.len && value.len < 256 ?
		       NULL : "not a protocol of 1 to 255 bytes";
	case SLUICE_ROUTE_QUERY:
		if (value.len && memchr(value.data, '&', value.len))
			return "a value with &, which parts parameters";
		return has_control(value, false) ?
		       "a value with spaces or control characters" : NULL;
	case SLUICE_ROUTE_COOKIE:
		if (value.len && memchr(value.data, ';', value.len))
			return "a value with ;, which parts cookies";
		break;
	}
	if (has_control(value, true))
		return "a value with control characters";
	if (value.len && (value.data[0] == ' ' || value.data[0] == '\t'))
		return "a value with a space at the start";
	if (value.len && condition->how == SLUICE_ROUTE_EXACT &&
	    (value.data[value.len - 1] == ' ' ||
	     value.data[value.len - 1] == '\t'))
		return "a value with a space at the end";
	return NULL;
}

static const char *
check_condition(const struct sluice_route_condition *condition)
{
	struct sluice_text name = condition->name;

	if (condition->what >= SLUICE_ROUTE_WHATS)
		return "about something unknown";
	if (condition->how >= SLUICE_ROUTE_HOWS)
		return "compared in an unknown way";
	if (name.len > SLUICE_ROUTE_TEXT_MAX)
		return "a name of more than 4096 characters";
	switch (condition->what) {
	case SLUICE_ROUTE_METHOD:
	case SLUICE_ROUTE_ALPN:
		if (name.len)
			return "a name, which a method or protocol has not";
		if (condition->how != SLUICE_ROUTE_EXACT)
			return "a method or protocol that is not compared as a whole";
		break;
	case SLUICE_ROUTE_QUERY:
		if (!name.len)
			return "no name";
		if (memchr(name.data, '&', name.len) ||
		    memchr(name.data, '=', name.len) ||
		    has_control(name, false))
			return "not the name of a parameter";
		break;
	default:
		if (!name.len)
			return "no name";
		if (!is_token(name))
			return "not the name of a header field or cookie";
		if (condition->what != SLUICE_ROUTE_HEADER)
			break;
		if (is_same(name, "host"))
			return "Host, which is a condition of its own";
		if (is_same(name, "cookie"))
			return "Cookie: name the cookie";
		break;
	}
	return check_value(condition);
}

static const char *check_source(const struct sluice_route_source *source)
{
	u32 bit;

	if (source->address_len != 4 && source->address_len != 16)
		return "not of IPv4 or IPv6";
	if (source->bits > source->address_len * 8)
		return "a prefix longer than the address";
	for (bit = source->bits; bit < source->address_len * 8U; bit++)
		if (source->address[bit / 8] & 0x80 >> bit % 8)
			return "bits that are not 0 after the prefix";
	return NULL;
}

bool sluice_route_check(const struct sluice_route_rule *rule,
			struct sluice_route_error *error)
{
	error->index = 0;
	error->field = "host";
	error->reason = check_host(rule->host);
	if (error->reason)
		return false;

	error->field = "path";
	error->reason = check_path(rule);
	if (error->reason)
		return false;

	error->field = "share";
	if (rule->share > SLUICE_ROUTE_SHARE_ALL) {
		error->reason = "more than 100 percent";
		return false;
	}

	error->field = "condition";
	if (rule->condition_count > SLUICE_ROUTE_CONDITIONS_MAX) {
		error->index = SLUICE_ROUTE_CONDITIONS_MAX;
		error->reason = "more than 64 of them";
		return false;
	}
	for (; error->index < rule->condition_count; error->index++) {
		error->reason = check_condition(rule->conditions +
						error->index);
		if (error->reason)
			return false;
	}

	error->index = 0;
	error->field = "source";
	if (rule->source_count > SLUICE_ROUTE_SOURCES_MAX) {
		error->index = SLUICE_ROUTE_SOURCES_MAX;
		error->reason = "more than 4096 of them";
		return false;
	}
	for (; error->index < rule->source_count; error->index++) {
		error->reason = check_source(rule->sources + error->index);
		if (error->reason)
			return false;
	}
	return true;
}
