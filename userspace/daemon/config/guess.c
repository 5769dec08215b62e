// SPDX-License-Identifier: GPL-2.0-or-later
/* "Did you mean": the word that takes the fewest changes of letters. */
#include <string.h>

#include "schema.h"

/* Longer words are not looked at. */
#define WORD_MAX 64

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int d = a < b ? a : b;

	return d < c ? d : c;
}

/* Letters to insert, take out, replace, or swap with the next one. */
static unsigned int distance_of(const char *a, size_t a_len, const char *b,
				size_t b_len)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= b_len; j++)
		last[j] = (unsigned int)j;
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = least(last[j] + 1, row[j - 1] + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_len];
}

void config_guess(const char **guess, unsigned int *distance,
		  const char *written, const char *word)
{
	size_t written_len = strnlen(written, WORD_MAX + 1);
	size_t word_len = strnlen(word, WORD_MAX + 1);
	unsigned int found;

	if (written_len > WORD_MAX || word_len > WORD_MAX)
		return;
	found = distance_of(written, written_len, word, word_len);
	/* A third of the letters may be wrong, or there is no likeness. */
	if (found > (word_len + 2) / 3 || (*guess && found >= *distance))
		return;
	*guess = word;
	*distance = found;
}
