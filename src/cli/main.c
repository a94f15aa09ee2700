#include "cli/cli.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>

/* Address space for one run; pages get memory when they are used. */
enum { MEMORY_MAX = 512 << 20 };

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* The first signal asks the verb to end; a second one ends the program as it would any. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int main(int argc, char **argv)
{
    static struct croft_cli cli;
    struct croft_region memory CROFT_CLEANUP(croft_region_unmap) = {0};
    setlocale(LC_ALL, ""); /* libsmartcols measures text with it */
    setlocale(LC_NUMERIC, "C"); /* files and options have points, whatever the country writes */
    catch_signals();
    if (!croft_region_map(&memory, MEMORY_MAX)) {
        fputs("croft: the system gives no address space\n", stderr);
        return 1;
    }
    cli.world = croft_world_system();
    cli.interrupted = &interrupted;
    cli.mem = croft_region_arena(&memory);
    return croft_cli_main(&cli, argc, argv);
}
