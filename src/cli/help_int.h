/* cli/help_int.h - help texts, made from the table of verbs. */
#ifndef CROFT_CLI_HELP_INT_H
#define CROFT_CLI_HELP_INT_H

#include "cli/cli.h"

/* The verb these words begin with, by two words and then by one; NULL.  *out_words: how many it took. */
const struct croft_verb *croft_verb_find(int count, char *const *word, int *out_words);

/* Whether any verb is "WORD something". */
bool croft_verb_is_family(const char *word);

/* The verb whose name is nearest to what was typed, by edit distance; NULL when none is near. */
const struct croft_verb *croft_verb_nearest(int count, char *const *word);

/* The first verb of two words of which this is the second ("status": "chain status"); NULL. */
const struct croft_verb *croft_verb_ending(const char *word);

/* Appends the options that every verb, and those that this verb has, to out; returns how many. */
size_t croft_verb_options(const struct croft_verb *verb, struct croft_option out[CROFT_OPTIONS_MAX]);

void croft_help_all(void);
void croft_help_family(const char *word);
void croft_help_verb(const struct croft_verb *verb);

#endif
