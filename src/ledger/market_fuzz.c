/* Fuzz: the input is a script (market_script_int.h) of what people of the market do on a network of protocol
 * 2, played as script_play_int.h says and audited after every block. */
#include "ledger/market_script_int.h"
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
    static const struct script_play play = {mscript_tx, mscript_pause, 1};
    struct script s = {data, data + size};
    struct chain c;
    mscript_open(&c, &s);
    script_play(&c, &s, &play);
    return 0;
}
