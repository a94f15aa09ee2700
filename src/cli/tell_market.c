/* Operations of the market in sentences: what is done, and below it every field of the message, whole. */
#include "cli/tell_int.h"

#include "wire/tx.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    u32 op;
    const char *text;
} lead[] = {
    {CROFT__V1__TX_BODY__OP_NODE_ADMIT, "as a provider, admits a node: its pay is the account's"},
    {CROFT__V1__TX_BODY__OP_NODE_REMOVE, "as a provider, removes a node and its devices"},
    {CROFT__V1__TX_BODY__OP_PROVIDER_LEAVE, "stops being a provider"},
    {CROFT__V1__TX_BODY__OP_STAKE_LOCK, "locks credits of the account as stake, which can be lost"},
    {CROFT__V1__TX_BODY__OP_STAKE_UNLOCK, "asks for stake back"},
    {CROFT__V1__TX_BODY__OP_SLASH, "proves that a node signed one result and committed to another"},
    {CROFT__V1__TX_BODY__OP_NODE_SET, "as a node, says of itself"},
    {CROFT__V1__TX_BODY__OP_CLAIM_SET, "as an auditor, vouches for a node, or revokes it without until_s"},
    {CROFT__V1__TX_BODY__OP_CLASS_SET, "makes or changes a class of devices"},
    {CROFT__V1__TX_BODY__OP_OFFER_POST, "as a node, offers a device; a bond is held"},
    {CROFT__V1__TX_BODY__OP_OFFER_WITHDRAW, "as a node, offers a device no more"},
    {CROFT__V1__TX_BODY__OP_ORDER_OPEN, "opens an order and puts its amount into escrow"},
    {CROFT__V1__TX_BODY__OP_ORDER_FUND, "puts money into an order's escrow"},
    {CROFT__V1__TX_BODY__OP_ORDER_TAKE, "takes offers for an order"},
    {CROFT__V1__TX_BODY__OP_ORDER_CLOSE, "closes an order: its leases end"},
    {CROFT__V1__TX_BODY__OP_LEASE_TAKE, "as a node, takes a waiting order or tasks of a batch"},
    {CROFT__V1__TX_BODY__OP_LEASE_ACK, "acknowledges a lease, or answers a call"},
    {CROFT__V1__TX_BODY__OP_SETTLE, "settles vouchers: the nodes' providers are paid"},
    {CROFT__V1__TX_BODY__OP_LEASE_STOP, "ends a lease"},
    {CROFT__V1__TX_BODY__OP_LEASE_NOTICE, "as a node, gives notice of a lease's end"},
    {CROFT__V1__TX_BODY__OP_LEASE_CALL, "calls the other side of a lease; a bond is held"},
    {CROFT__V1__TX_BODY__OP_LEASE_COMMIT, "as a node, commits to results"},
    {CROFT__V1__TX_BODY__OP_TASK_REVIEW, "accepts results but for those rejected, for which a bond is held"},
    {CROFT__V1__TX_BODY__OP_TASK_CONTEST, "as a node, contests a rejection; a bond is held"},
    {CROFT__V1__TX_BODY__OP_TASK_JUDGE, "as an arbiter, decides a contested rejection"},
    {CROFT__V1__TX_BODY__OP_BID_PLACE, "as a node, places a sealed bid; a deposit is held"},
    {CROFT__V1__TX_BODY__OP_BID_REVEAL, "as a node, opens its bid"},
    {CROFT__V1__TX_BODY__OP_ORACLE_REPORT,
     "as a validator's operator, reports what one CROFT is worth in credits"},
    {CROFT__V1__TX_BODY__OP_BUYBACK, "burns CROFT for credits of the fee pool"},
    {CROFT__V1__TX_BODY__OP_CLAIM_REWARD, "takes the CROFT that the provider's leases earned"},
};

/* A name and its value; objects and lists by the names that lead to their parts. */
static void tell_value(struct croft_telling *t, const char *path, const json_t *value)
{
    const char *name;
    json_t *inner;
    size_t i;
    char next[160];
    json_object_foreach((json_t *)(uintptr_t)value, name, inner)
    {
        snprintf(next, sizeof next, "%.80s%s%.70s", path, path[0] != '\0' ? "." : "", name);
        tell_value(t, next, inner);
    }
    json_array_foreach(value, i, inner)
    {
        snprintf(next, sizeof next, "%.120s[%zu]", path, i);
        tell_value(t, next, inner);
    }
    if (json_is_object(value) || json_is_array(value))
        return;
    char *text =
        json_is_string(value) ? strdup(json_string_value(value)) : json_dumps(value, JSON_ENCODE_ANY);
    for (char *c = text; c != NULL && *c != '\0'; c++) /* somebody else's text: no terminal codes */
        *c = *c == '\n' ? ' ' : (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
    croft_tell_line(t, "  %s %s", path, text != NULL ? text : "?");
    free(text);
}

bool croft_tell_market(struct croft_telling *t, const Croft__V1__TxBody *body)
{
    for (size_t i = 0; i < CROFT_COUNT(lead); i++) {
        if (lead[i].op != (u32)body->op_case)
            continue;
        json_t *whole CROFT_CLEANUP(croft_json_drop) = croft_json_of_message(&body->base);
        croft_tell_line(t, "%s", lead[i].text);
        tell_value(t, "", json_object_get(whole, croft_op_name((u32)body->op_case)));
        return true;
    }
    return false;
}
