/* Completion scripts, written from the table of verbs: they cannot fall behind it. */
#include "cli/groups.h"

#include "cli/help_int.h"

#include <stdio.h>
#include <string.h>

#define EACH_VERB(v)                                                           \
    for (size_t g_ = 0; g_ < croft_verb_group_count; g_++)                     \
        for (const struct croft_verb *v = croft_verb_groups[g_]->verb,         \
                                     *end_ = v + croft_verb_groups[g_]->count; \
             v < end_; v++)

static const char list_keys[] = "for f in \"${CROFT_HOME:-$HOME/.croft}\"/keys/*.key; do "
                                "[ -e \"$f\" ] && f=${f##*/} && echo \"${f%.key}\"; done";

/* Values that are one of few words, by the option, and arguments by the verb.  A list of scopes is completed
 * while it has one name. */
static const struct {
    const char *option, *verb, *words;
} few[] = {
    {"scopes", NULL, "pay trade node voucher audit vote admin all"},
    {"ack", NULL, "follower"},
    {"engine", NULL, "solo"},
    {"token", NULL, "croft none"},
    {"services", NULL, "spot firm reserved spot+firm spot+firm+reserved"},
    {"egress", NULL, "pull web direct"},
    {"machine", NULL, "consumer workstation data_centre"},
    {"policy", NULL, "free oldest_first"},
    {NULL, "completion", "bash zsh"},
    {NULL, "bench", "ledger advise"},
};

/* NULL: not one of few. */
static const char *few_of_option(const char *name)
{
    for (size_t i = 0; i < CROFT_COUNT(few); i++)
        if (few[i].option != NULL && strcmp(few[i].option, name) == 0)
            return few[i].words;
    return NULL;
}

static const char *few_of_verb(const char *name)
{
    for (size_t i = 0; i < CROFT_COUNT(few); i++)
        if (few[i].verb != NULL && strcmp(few[i].verb, name) == 0)
            return few[i].words;
    return NULL;
}

/* First words, each once: they come in families, one behind the other. */
static void print_first_words(void)
{
    char last[32] = "";
    EACH_VERB(v)
    {
        char word[32];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(v->name, " "), v->name);
        if (strcmp(word, last) != 0)
            printf(" %s", word);
        memcpy(last, word, sizeof last);
    }
    printf(" help");
}

/* What may follow a first word: verbs of its family, and words where it is a verb itself. */
static void print_second_words(const char *first)
{
    size_t len = strlen(first);
    if (few_of_verb(first) != NULL)
        printf(" %s", few_of_verb(first));
    EACH_VERB(v)
    if (strncmp(v->name, first, len) == 0 && v->name[len] == ' ')
        printf(" %s", v->name + len + 1);
}

static void print_family(const char *first)
{
    size_t len = strlen(first);
    EACH_VERB(v)
    if (strncmp(v->name, first, len) == 0 && v->name[len] == ' ')
        printf(" %s", v->name + len + 1);
}

static bool is_new_family(const struct croft_verb *v, char last[32])
{
    size_t len = strcspn(v->name, " ");
    if (v->name[len] == '\0' || (strlen(last) == len && strncmp(v->name, last, len) == 0))
        return false;
    snprintf(last, 32, "%.*s", (int)len, v->name);
    return true;
}

/* ---- bash ---- */

/* words: NULL, or what is offered instead. */
static void print_bash_offer(enum croft_hint offer, const char *words)
{
    if (words != NULL)
        printf("COMPREPLY=($(compgen -W \"%s\" -- \"$cur\"))", words);
    else if (offer == CROFT_OFFER_FILE)
        printf("COMPREPLY=($(compgen -f -- \"$cur\"))");
    else if (offer == CROFT_OFFER_KEY)
        printf("COMPREPLY=($(compgen -W \"$(%s)\" -- \"$cur\"))", list_keys);
    else if (offer == CROFT_OFFER_ASSET)
        printf("COMPREPLY=($(compgen -W \"credit croft\" -- \"$cur\"))");
    else
        printf(":");
}

static void print_bash_verb(const struct croft_verb *v)
{
    struct croft_option option[CROFT_OPTIONS_MAX];
    size_t count = croft_verb_options(v, option);
    printf("    \"%s\")\n        case $prev in\n", v->name);
    for (size_t i = 0; i < count; i++) {
        if (option[i].arg == NULL)
            continue;
        printf("        --%s) ", option[i].name);
        print_bash_offer(option[i].offer, few_of_option(option[i].name));
        printf("; return ;;\n");
    }
    printf("        esac\n        case $cur in -*) COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; i < count; i++)
        printf("%s--%s", i > 0 ? " " : "", option[i].name);
    printf("\" -- \"$cur\")); return ;; esac\n        ");
    print_bash_offer(v->offer, few_of_verb(v->name));
    printf(" ;;\n");
}

static void print_bash(void)
{
    char last[32] = "";
    printf("# bash completion for croft; made by \"croft completion bash\"\n_croft()\n{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb\n    COMPREPLY=()\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"");
    print_first_words();
    printf("\" -- \"$cur\")); return; fi\n    verb=${COMP_WORDS[1]}\n"
           "    if [ \"$verb\" = help ] && [ \"$COMP_CWORD\" -eq 2 ]; then COMPREPLY=($(compgen -W \"");
    print_first_words();
    printf("\" -- \"$cur\")); return; fi\n"
           "    local at=2\n    if [ \"$verb\" = help ]; then verb=${COMP_WORDS[2]}; at=3; fi\n    case $verb in\n");
    EACH_VERB(v)
    {
        if (!is_new_family(v, last))
            continue;
        printf("    %s)\n        if [ \"$COMP_CWORD\" -eq $at ]; then COMPREPLY=($(compgen -W \"", last);
        print_second_words(last);
        printf("\" -- \"$cur\")); [ ${#COMPREPLY[@]} -gt 0 ] && return; fi\n"
               "        case \" ");
        print_family(last);
        printf(" \" in *\" ${COMP_WORDS[$at]} \"*) verb=\"$verb ${COMP_WORDS[$at]}\" ;; esac ;;\n");
    }
    printf("    esac\n    [ \"$at\" -eq 3 ] && return\n    case $verb in\n");
    EACH_VERB(v)
    print_bash_verb(v);
    printf("    esac\n}\ncomplete -F _croft croft\n");
}

/* ---- zsh ---- */

/* In single quotes, with what _arguments reads as marks made harmless. */
static void print_zsh_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            printf("'\\''");
        else if (strchr("[]:\\", *text) != NULL)
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void print_zsh_offer(enum croft_hint offer, const char *words)
{
    if (words != NULL)
        printf("(%s)", words);
    else if (offer == CROFT_OFFER_FILE)
        printf("_files");
    else if (offer == CROFT_OFFER_KEY)
        printf("_croft_keys");
    else if (offer == CROFT_OFFER_ASSET)
        printf("(credit croft)");
    else
        putchar(' ');
}

static void print_zsh_verb(const struct croft_verb *v)
{
    struct croft_option option[CROFT_OPTIONS_MAX];
    size_t count = croft_verb_options(v, option);
    printf("    \"%s\") _arguments", v->name);
    for (size_t i = 0; i < count; i++) {
        printf(" \\\n        '--%s[", option[i].name);
        print_zsh_text(option[i].text);
        putchar(']');
        if (option[i].arg != NULL) {
            printf(":%s:", option[i].arg);
            print_zsh_offer(option[i].offer, few_of_option(option[i].name));
        }
        putchar('\'');
    }
    printf(" \\\n        '*::argument:");
    print_zsh_offer(v->offer, few_of_verb(v->name));
    printf("' ;;\n");
}

static void print_zsh(void)
{
    char last[32] = "";
    printf("#compdef croft\n# zsh completion for croft; made by \"croft completion zsh\"\n"
           "_croft_keys() {\n    local -a keys\n    keys=($(%s))\n    compadd -a keys\n}\n"
           "_croft() {\n    local verb=${words[2]}\n    if (( CURRENT == 2 )); then compadd --",
           list_keys);
    print_first_words();
    printf("; return; fi\n    if [[ $verb = help ]]; then words=(${words[1]} ${words[3,-1]}); (( CURRENT -= 1 )); "
           "verb=${words[2]}\n        if (( CURRENT == 2 )); then compadd --");
    print_first_words();
    printf("; return; fi; fi\n    case $verb in\n");
    EACH_VERB(v)
    {
        if (!is_new_family(v, last))
            continue;
        printf("    %s)\n        if (( CURRENT == 3 )); then compadd --", last);
        print_second_words(last);
        printf("; return; fi\n        verb=\"$verb ${words[3]}\"; words=(\"$verb\" ${words[4,-1]}); (( "
               "CURRENT -= 2 )) ;;\n");
    }
    printf("    *) words=(${words[2,-1]}); (( CURRENT -= 1 )) ;;\n    esac\n    case $verb in\n");
    EACH_VERB(v)
    print_zsh_verb(v);
    printf("    esac\n}\ncompdef _croft croft\n");
}

static croft_err run_completion(struct croft_cli *c)
{
    if (strcmp(c->arg[0], "bash") == 0)
        print_bash();
    else if (strcmp(c->arg[0], "zsh") == 0)
        print_zsh();
    else
        return croft_cli_usage(c, "completion is there for bash and zsh, not for \"%s\"", c->arg[0]);
    return CROFT_OK;
}

static const struct croft_verb verb[] = {
    {
        .name = "completion",
        .usage = "bash|zsh",
        .summary = "print a completion script for the shell",
        .about = "",
        .examples = "source <(croft completion bash)\n"
                    "croft completion bash > ~/.local/share/bash-completion/completions/croft\n"
                    "croft completion zsh > ~/.zsh/functions/_croft",
        .args_min = 1,
        .args_max = 1,
        .run = run_completion,
    },
};

const struct croft_verb_group croft_completion_verbs = {verb, CROFT_COUNT(verb)};
