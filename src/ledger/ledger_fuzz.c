/* Fuzz: the input is a script (script_int.h) of what a few accounts do, played as script_play_int.h says. */
#include "ledger/script_play_int.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    croft_err err = croft_crypto_start();
    CROFT_ASSERT(err == CROFT_OK);
    return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct script_play play = {script_tx, script_pause, 4};
    struct script s = {data, data + size};
    struct chain c;
    script_open(&c, &s);
    script_play(&c, &s, &play);
    return 0;
}
