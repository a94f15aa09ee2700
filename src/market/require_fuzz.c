/* Fuzz: a text that is a requirement is the same one again in its canonical form, and decides about offers
 * alike; any other is refused with a reason. */
#include "base/assert.h"
#include "market/require.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static u32 word(struct croft_words *w, u32 space, const char *text)
{
    return croft_word(w, space, (struct croft_bytes){(const u8 *)text, strlen(text)});
}

static struct croft_words *make_words(struct croft_arena *mem, struct croft_offer *o)
{
    const struct croft_words_limits limits = {
        .words_max = 32, .text_bytes_max = 512, .sets_max = 4, .members_max = 16};
    struct croft_words *w;
    croft_err err = croft_words_init(&w, mem, &limits);
    CROFT_ASSERT(err == CROFT_OK);
    u32 claim[] = {word(w, CROFT_SPACE_AUDITOR, "croft1a/identity"),
                   word(w, CROFT_SPACE_AUDITOR, "croft1b/country")};
    u32 attribute[] = {word(w, CROFT_SPACE_ATTRIBUTE, "region=eu-1"),
                       word(w, CROFT_SPACE_ATTRIBUTE, "cuda=12")};
    *o = (struct croft_offer){
        .id = 1, .price = {350000000, 0, 7, 0}, .flags = CROFT_FLAG_GPU | CROFT_FLAG_SPOT};
    o->word[CROFT_SPACE_VENDOR] = word(w, CROFT_SPACE_VENDOR, "nvidia");
    o->word[CROFT_SPACE_MODEL] = word(w, CROFT_SPACE_MODEL, "rtx4090");
    o->word[CROFT_SPACE_COUNTRY] = word(w, CROFT_SPACE_COUNTRY, "DE");
    o->number[CROFT_NUMBER_GPUS] = 4;
    o->number[CROFT_NUMBER_VRAM_MIB] = 24576;
    bool ok = croft_word_set(w, claim, 2, &o->auditors) && croft_word_set(w, attribute, 2, &o->attributes);
    CROFT_ASSERT(ok);
    return w;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static u8 room[1 << 14], text[CROFT_REQUIREMENT_TEXT_MAX + 1], again_text[CROFT_REQUIREMENT_TEXT_MAX + 2];
    static struct croft_requirement r, again;
    struct croft_arena mem = {room, room + sizeof room};
    struct croft_offer offer;
    struct croft_why why = {""};
    struct croft_words *w = make_words(&mem, &offer);
    struct croft_bytes in = {data, size};
    if (croft_requirement_parse(in, w, &r, &why) != CROFT_OK) {
        CROFT_ASSERT(why.text[0] != '\0');
        return 0;
    }
    CROFT_ASSERT(r.count >= 1 && r.test[r.count - 1].field == CROFT_TRAIT_PRICE);
    struct croft_bytes canonical = {text, croft_requirement_canonical(&r, in, text)};
    if (canonical.len > CROFT_REQUIREMENT_TEXT_MAX)
        return 0; /* a text of the greatest length gained its last newline */
    croft_err err = croft_requirement_parse(canonical, w, &again, &why);
    CROFT_ASSERT(err == CROFT_OK && again.count == r.count);
    CROFT_ASSERT(croft_requirement_canonical(&again, canonical, again_text) == canonical.len);
    CROFT_ASSERT(memcmp(text, again_text, canonical.len) == 0);
    u32 place = croft_requirement_test(&r, w, &offer);
    CROFT_ASSERT(place == croft_requirement_test(&again, w, &offer));
    if (place < r.count) {
        u32 shortfall = croft_test_shortfall(&r, place, &offer);
        CROFT_ASSERT(shortfall >= 1 && shortfall <= 1000000);
    }
    return 0;
}
