#include "ledger/market_int.h"

#include "base/assert.h"

static bool class_find(const struct croft_ledger *l, u32 number, struct croft_class *out)
{
    CROFT_ASSERT(number >= 1 && number <= UINT16_MAX);
    out->key[0] = (u8)(number >> 8);
    out->key[1] = (u8)number;
    out->slot = croft_state_find(l->state, CROFT_TABLE_CLASSES, out->key);
    if (out->slot != CROFT_SLOT_NONE)
        croft_record_load(l, CROFT_TABLE_CLASSES, out->slot, &out->r);
    return out->slot != CROFT_SLOT_NONE;
}

bool croft_class_load(const struct croft_ledger *l, u32 number, struct croft_class *out)
{
    return class_find(l, number, out) && out->r.name[0] != 0;
}

void croft_class_store(struct croft_ledger *l, const struct croft_class *k)
{
    CROFT_ASSERT(k->slot != CROFT_SLOT_NONE);
    croft_record_store(l, CROFT_TABLE_CLASSES, k->slot, &k->r);
}

void croft_class_count(struct croft_ledger *l, u32 number, int change)
{
    struct croft_class k;
    CROFT_ASSERT(change == 1 || change == -1);
    if (number == 0)
        return;
    bool is = croft_class_load(l, number, &k);
    CROFT_ASSERT(is && (change > 0 || k.r.devices > 0)); /* a class stays */
    k.r.devices += (u32)change;
    croft_class_store(l, &k);
}

/* Until its operator sets it the class has no name, and so no device and no order: what it asks for can still be
 * decided. */
croft_err croft_class_assign(struct croft_op *o, u32 number, const struct croft_address *to)
{
    struct croft_class k;
    CROFT_ASSERT(number < CROFT_CLASS_OPEN_MIN);
    if (croft_account_find(o->l, to) == CROFT_SLOT_NONE)
        return CROFT_ERR_OP_NOT_FOUND;
    if (class_find(o->l, number, &k)) {
        k.r.operator_address = *to;
        croft_class_store(o->l, &k);
        return CROFT_OK;
    }
    k.r = (struct croft_class_record){.operator_address = *to};
    return croft_record_insert(o->l, CROFT_TABLE_CLASSES, k.key, &k.r, &k.slot);
}

static void set_terms(struct croft_class_record *r, const Croft__V1__ClassSet *op)
{
    CROFT_ASSERT(op->name[0] != '\0' && op->price <= CROFT_PRICE_MAX); /* a name is what makes it one */
    croft_text_set(r->name, op->name);
    r->policy = (u8)op->policy;
    r->price = op->price;
    r->start_s = (u16)op->start_s;
}

/* Classes never go: a place for each that a vote may give stays free, whoever makes how many of the others. */
static bool is_open_room(const struct croft_ledger *l)
{
    u32 most = croft_state_records_max(l->state, CROFT_TABLE_CLASSES);
    CROFT_ASSERT(most > CROFT_CLASS_OPEN_MIN);
    return croft_state_count(l->state, CROFT_TABLE_CLASSES) < most - CROFT_CLASS_OPEN_MIN;
}

static croft_err class_make(struct croft_op *o, struct croft_class *k, const Croft__V1__ClassSet *op)
{
    if (op->number < CROFT_CLASS_OPEN_MIN)
        return CROFT_ERR_OP_NOT_YOURS; /* a vote gives these */
    k->r = (struct croft_class_record){.operator_address = o->tx->account};
    (void)croft_class_require(&k->r, op->requirement, op->machine_min);
    set_terms(&k->r, op);
    CROFT_TRY(croft_deposit_take(o, &k->r.deposit));
    if (!is_open_room(o->l))
        return CROFT_ERR_OP_FULL;
    return croft_record_insert(o->l, CROFT_TABLE_CLASSES, k->key, &k->r, &k->slot);
}

croft_err croft_class_set(struct croft_op *o, const Croft__V1__ClassSet *op)
{
    struct croft_class k;
    if (!class_find(o->l, op->number, &k))
        return class_make(o, &k, op);
    if (!croft_address_equal(&k.r.operator_address, &o->tx->account))
        return CROFT_ERR_OP_NOT_YOURS;
    bool other = croft_class_require(&k.r, op->requirement, op->machine_min);
    if (other && k.r.devices != 0)
        return CROFT_ERR_OP_STATE; /* they were checked against what it asked for */
    set_terms(&k.r, op);
    croft_class_store(o->l, &k);
    return CROFT_OK;
}
