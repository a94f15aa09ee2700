/* Operations in sentences.  What is told comes from the body alone, because that is what is signed. */
#include "cli/describe.h"

#include "base/assert.h"
#include "chain/payments.h"
#include "chain/wallet_unsent.h"
#include "cli/tell_int.h"
#include "crypto/bech32m.h"
#include "wire/param.h"
#include "json/hex.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LEGS_TOLD = 20, REFERENCE_MAX = 64, QUOTED_MAX = 2 * REFERENCE_MAX + 8 };

void croft_tell_line(struct croft_telling *t, const char *fmt, ...)
{
    size_t len = strlen(t->out);
    va_list args;
    va_start(args, fmt);
    if (len > 0)
        len += (size_t)snprintf(t->out + len, t->size - len, "\n");
    if (len < t->size)
        vsnprintf(t->out + len, t->size - len, fmt, args);
    va_end(args);
}

/* ---- pieces ---- */

struct address_text {
    char b[CROFT_BECH32M_TEXT_MAX];
};

static struct address_text bech32m_text(const char *prefix, ProtobufCBinaryData bytes)
{
    struct address_text text = {"?"};
    if (bytes.len == 32)
        croft_bech32m_encode(prefix, bytes.data, text.b);
    return text;
}

static struct address_text address_text(ProtobufCBinaryData bytes)
{
    return bech32m_text(CROFT_HRP_ADDRESS, bytes);
}

struct money_text {
    char b[CROFT_AMT_TEXT_MAX + 8];
};

static struct money_text money_text(u64 units, u32 asset)
{
    struct money_text text;
    char amount[CROFT_AMT_TEXT_MAX];
    croft_amt_format(croft_amt_of(units), amount);
    snprintf(text.b, sizeof text.b, "%s %s", amount, croft_asset_name(asset));
    return text;
}

struct quoted {
    char b[QUOTED_MAX];
};

/* Somebody's own bytes: as text when they are text, else as hex. */
static struct quoted quote(ProtobufCBinaryData bytes)
{
    struct quoted text = {""};
    bool plain = true;
    for (size_t i = 0; i < bytes.len; i++)
        plain = plain && bytes.data[i] >= ' ' && bytes.data[i] <= '~';
    if (plain)
        snprintf(text.b, sizeof text.b, "\"%.*s\"", (int)bytes.len, (const char *)bytes.data);
    else if (bytes.len <= REFERENCE_MAX)
        croft_hex_encode((struct croft_bytes){bytes.data, bytes.len}, text.b);
    return text;
}

static void tell_reference(struct croft_telling *t, ProtobufCBinaryData reference)
{
    if (reference.len > 0)
        croft_tell_line(t, "reference %s", quote(reference).b);
}

struct time_text {
    char b[CROFT_TIME_TEXT_MAX];
};

static struct time_text time_text(u64 seconds)
{
    struct time_text text;
    croft_time_text(seconds, text.b);
    return text;
}

void croft_scopes_text(u32 scopes, char out[CROFT_SCOPES_TEXT_MAX])
{
    out[0] = '\0';
    if (scopes == CROFT_SCOPES_ALL) {
        snprintf(out, CROFT_SCOPES_TEXT_MAX, "all");
        return;
    }
    for (u32 i = 0; i < CROFT_SCOPE_COUNT; i++) {
        size_t len = strlen(out);
        if ((scopes >> i & 1) != 0)
            snprintf(out + len, CROFT_SCOPES_TEXT_MAX - len, "%s%s", len > 0 ? "," : "",
                     croft_scope_name((enum croft_scope)i));
    }
}

void croft_param_text(u32 number, char out[CROFT_PARAM_TEXT_MAX])
{
    const struct croft_param_info *info = croft_param_by_number(number);
    snprintf(out, CROFT_PARAM_TEXT_MAX, "%s", info != NULL ? info->name : "");
    for (char *c = out; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    if (info == NULL)
        snprintf(out, CROFT_PARAM_TEXT_MAX, "parameter %u", number);
}

/* ---- money ---- */

static void tell_transfer(struct croft_telling *t, const Croft__V1__Transfer *op)
{
    struct croft_amt total[CROFT_ASSET_COUNT] = {{0}};
    for (size_t i = 0; i < op->n_legs; i++) {
        const Croft__V1__Leg *leg = op->legs[i];
        u32 asset = leg->asset < CROFT_ASSET_COUNT ? leg->asset : CROFT_ASSET_CREDIT;
        bool fits = croft_amt_add(&total[asset], total[asset], croft_amt_of(leg->amount));
        if (i < LEGS_TOLD)
            croft_tell_line(t, "pays %s to %s%s", money_text(leg->amount, leg->asset).b, address_text(leg->to_address).b,
                 fits ? "" : " (more than there can be)");
    }
    if (op->n_legs > LEGS_TOLD)
        croft_tell_line(t, "and %zu more, which --json shows", op->n_legs - LEGS_TOLD);
    for (u32 i = 0; op->n_legs > 1 && i < CROFT_ASSET_COUNT; i++)
        if (!croft_amt_is_zero(total[i]))
            croft_tell_line(t, "%s in all, %zu payments", money_text(croft_amt_units(total[i]), i).b, op->n_legs);
    tell_reference(t, op->reference);
}

static void tell_pending_open(struct croft_telling *t, const Croft__V1__PendingOpen *op)
{
    croft_tell_line(t, "holds %s for %s until %s UTC, as pending transfer %" PRIu64, money_text(op->amount, op->asset).b,
         address_text(op->payee_address).b, time_text(op->expires_s).b, op->id);
    if (op->arbiter_address.len > 0)
        croft_tell_line(t, "the arbiter %s decides", address_text(op->arbiter_address).b);
}

/* The operation does not say the asset: the pending transfer has it. */
static void tell_pending_post(struct croft_telling *t, const Croft__V1__PendingPost *op)
{
    char amount[CROFT_AMT_TEXT_MAX];
    croft_amt_format(croft_amt_of(op->amount), amount);
    croft_tell_line(t, "pays %s of pending transfer %s:%" PRIu64 " to its payee, the rest back to the payer", amount,
         address_text(op->payer_address).b, op->id);
}

static void tell_issue(struct croft_telling *t, const Croft__V1__Issue *op)
{
    croft_tell_line(t, "issues %s to %s", money_text(op->amount, op->asset).b, address_text(op->to_address).b);
    tell_reference(t, op->reference);
}

static void tell_redeem(struct croft_telling *t, const Croft__V1__Redeem *op)
{
    croft_tell_line(t, "destroys %s of the issuer %s", money_text(op->amount, op->asset).b,
         address_text(op->issuer_address).b);
    tell_reference(t, op->reference);
}

static void tell_withdraw(struct croft_telling *t, const Croft__V1__Withdraw *op)
{
    croft_tell_line(t, "withdraws %s through the issuer %s to %s, as withdrawal %" PRIu64,
         money_text(op->amount, op->asset).b, address_text(op->issuer_address).b,
         quote(op->payout_reference).b, op->id);
}

/* ---- keys ---- */

static void tell_key(struct croft_telling *t, const char *lead, const Croft__V1__Key *key)
{
    char scopes[CROFT_SCOPES_TEXT_MAX];
    croft_scopes_text(key->scopes, scopes);
    croft_tell_line(t, "%s %s with weight %u for %s", lead, bech32m_text(CROFT_HRP_PUBLIC_KEY, key->public_key).b,
         key->weight, scopes);
    if (key->cap_credit != 0)
        croft_tell_line(t, "  at most %s a day", money_text(key->cap_credit, CROFT_ASSET_CREDIT).b);
    if (key->cap_token != 0)
        croft_tell_line(t, "  at most %s a day", money_text(key->cap_token, CROFT_ASSET_CROFT).b);
    if (key->expires_s != 0)
        croft_tell_line(t, "  until %s UTC", time_text(key->expires_s).b);
}

static void tell_thresholds(struct croft_telling *t, ProtobufCBinaryData thresholds)
{
    char list[128] = "";
    for (size_t i = 0; i < thresholds.len && i < CROFT_SCOPE_COUNT; i++) {
        size_t len = strlen(list);
        snprintf(list + len, sizeof list - len, "%s%s=%u", len > 0 ? " " : "",
                 croft_scope_name((enum croft_scope)i), thresholds.data[i]);
    }
    croft_tell_line(t, "weight needed from now on: %s", list);
}

static void tell_guardian(struct croft_telling *t, const Croft__V1__SetGuardian *op)
{
    if (op->guardian_address.len == 0)
        croft_tell_line(t, "takes the guardian away: nobody can recover the account");
    else
        croft_tell_line(t, "lets %s recover the account, %" PRIu64 " hours after it starts to",
             address_text(op->guardian_address).b, op->delay_s / 3600);
}

static void tell_recover(struct croft_telling *t, const Croft__V1__RecoverStart *op)
{
    croft_tell_line(t, "as its guardian, replaces all keys of %s after its delay by",
         address_text(op->account_address).b);
    for (size_t i = 0; op->key_set != NULL && i < op->key_set->n_keys; i++)
        tell_key(t, " ", op->key_set->keys[i]);
    if (op->key_set != NULL)
        tell_thresholds(t, op->key_set->thresholds);
}

/* ---- votes ---- */

void croft_tell_change(const struct croft_proposal_record *p, char out[CROFT_CHANGE_TEXT_MAX])
{
    char name[CROFT_PARAM_TEXT_MAX];
    ProtobufCBinaryData subject = {32, (u8 *)(uintptr_t)p->subject.b};
    ProtobufCBinaryData key = {32, (u8 *)(uintptr_t)p->public_key};
    switch (p->kind) {
    case CROFT_CHANGE_PARAM:
        croft_param_text(p->number, name);
        snprintf(out, CROFT_CHANGE_TEXT_MAX, "%s = %" PRIu64, name, p->value);
        return;
    case CROFT_CHANGE_PROTOCOL:
        snprintf(out, CROFT_CHANGE_TEXT_MAX, "protocol %u from block %" PRIu64 " on, release %.31s",
                 p->number, p->value, (const char *)p->release);
        return;
    case CROFT_CHANGE_VALIDATOR:
        if (p->value == 0)
            snprintf(out, CROFT_CHANGE_TEXT_MAX, "validator %s goes",
                     bech32m_text(CROFT_HRP_PUBLIC_KEY, key).b);
        else
            snprintf(out, CROFT_CHANGE_TEXT_MAX, "validator %s has power %" PRIu64 ", operator %s",
                     bech32m_text(CROFT_HRP_PUBLIC_KEY, key).b, p->value, address_text(subject).b);
        return;
    case CROFT_CHANGE_ISSUER:
        snprintf(out, CROFT_CHANGE_TEXT_MAX, "issuer %s may have %s outstanding", address_text(subject).b,
                 money_text(p->value, p->asset).b);
        return;
    case CROFT_CHANGE_CLASS:
        snprintf(out, CROFT_CHANGE_TEXT_MAX, "class %u is operated by %s", p->number, address_text(subject).b);
        return;
    case CROFT_CHANGE_QUOTA:
        snprintf(out, CROFT_CHANGE_TEXT_MAX, "quota of %s is %" PRIu64 " cost units a day",
                 address_text(subject).b, p->value);
        return;
    default:
        snprintf(out, CROFT_CHANGE_TEXT_MAX, "a change that this release does not know");
    }
}

static void take_address(ProtobufCBinaryData from, u8 out[32])
{
    if (from.len == 32)
        memcpy(out, from.data, 32);
}

/* The message's change as its record will have it. */
static struct croft_proposal_record record_of(const Croft__V1__Propose *op)
{
    struct croft_proposal_record p = {.expires_s = op->expires_s};
    switch ((u32)op->change_case) {
    case CROFT__V1__PROPOSE__CHANGE_PARAM:
        p.kind = CROFT_CHANGE_PARAM;
        p.number = op->param->param;
        p.value = op->param->value;
        break;
    case CROFT__V1__PROPOSE__CHANGE_PROTOCOL:
        p.kind = CROFT_CHANGE_PROTOCOL;
        p.number = op->protocol->protocol;
        p.value = op->protocol->height;
        snprintf((char *)p.release, sizeof p.release, "%s", op->protocol->release);
        break;
    case CROFT__V1__PROPOSE__CHANGE_VALIDATOR:
        p.kind = CROFT_CHANGE_VALIDATOR;
        p.value = op->validator->power;
        take_address(op->validator->public_key, p.public_key);
        take_address(op->validator->operator_address, p.subject.b);
        break;
    case CROFT__V1__PROPOSE__CHANGE_ISSUER:
        p.kind = CROFT_CHANGE_ISSUER;
        p.asset = (u8)op->issuer->asset;
        p.value = op->issuer->cap;
        take_address(op->issuer->issuer_address, p.subject.b);
        break;
    case CROFT__V1__PROPOSE__CHANGE_QUOTA:
        p.kind = CROFT_CHANGE_QUOTA;
        p.value = op->quota->cost_per_day;
        take_address(op->quota->account_address, p.subject.b);
        break;
    case CROFT__V1__PROPOSE__CHANGE_CLASS:
        p.kind = CROFT_CHANGE_CLASS;
        p.number = op->class_->number;
        take_address(op->class_->operator_address, p.subject.b);
        break;
    default:
        break;
    }
    return p;
}

static void tell_propose(struct croft_telling *t, const Croft__V1__Propose *op)
{
    char change[CROFT_CHANGE_TEXT_MAX];
    const struct croft_proposal_record record = record_of(op);
    croft_tell_change(&record, change);
    croft_tell_line(t, "proposes, as number %" PRIu64 " and open until %s UTC: %s", op->id, time_text(op->expires_s).b,
         change);
}

/* ---- all of them ---- */

static void tell_money(struct croft_telling *t, const Croft__V1__TxBody *body)
{
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_TRANSFER:
        tell_transfer(t, body->transfer);
        break;
    case CROFT__V1__TX_BODY__OP_PENDING_OPEN:
        tell_pending_open(t, body->pending_open);
        break;
    case CROFT__V1__TX_BODY__OP_PENDING_POST:
        tell_pending_post(t, body->pending_post);
        break;
    case CROFT__V1__TX_BODY__OP_PENDING_VOID:
        croft_tell_line(t, "gives pending transfer %s:%" PRIu64 " back to its payer",
             address_text(body->pending_void->payer_address).b, body->pending_void->id);
        break;
    case CROFT__V1__TX_BODY__OP_ISSUE:
        tell_issue(t, body->issue);
        break;
    case CROFT__V1__TX_BODY__OP_REDEEM:
        tell_redeem(t, body->redeem);
        break;
    case CROFT__V1__TX_BODY__OP_WITHDRAW:
        tell_withdraw(t, body->withdraw);
        break;
    case CROFT__V1__TX_BODY__OP_WITHDRAW_PAID:
        croft_tell_line(t, "marks withdrawal %s:%" PRIu64 " as paid out",
             address_text(body->withdraw_paid->account_address).b, body->withdraw_paid->id);
        break;
    case CROFT__V1__TX_BODY__OP_WITHDRAW_RETURN:
        croft_tell_line(t, "gives withdrawal %s:%" PRIu64 " back",
             address_text(body->withdraw_return->account_address).b, body->withdraw_return->id);
        break;
    default:
        if (!croft_tell_market(t, body))
            croft_tell_line(t, "does what this release does not know: do not sign it");
    }
}

static void tell_account(struct croft_telling *t, const Croft__V1__TxBody *body)
{
    switch ((u32)body->op_case) {
    case CROFT__V1__TX_BODY__OP_KEY_ADD:
        tell_key(t, "adds the key", body->key_add->key);
        break;
    case CROFT__V1__TX_BODY__OP_KEY_REVOKE:
        croft_tell_line(t, "revokes the key at place %u", body->key_revoke->key);
        break;
    case CROFT__V1__TX_BODY__OP_KEY_ROTATE:
        croft_tell_line(t, "replaces the key at place %u by %s", body->key_rotate->key,
             bech32m_text(CROFT_HRP_PUBLIC_KEY, body->key_rotate->public_key).b);
        break;
    case CROFT__V1__TX_BODY__OP_KEY_THRESHOLDS:
        tell_thresholds(t, body->key_thresholds->thresholds);
        break;
    case CROFT__V1__TX_BODY__OP_SET_GUARDIAN:
        tell_guardian(t, body->set_guardian);
        break;
    case CROFT__V1__TX_BODY__OP_RECOVER_START:
        tell_recover(t, body->recover_start);
        break;
    case CROFT__V1__TX_BODY__OP_RECOVER_CANCEL:
        croft_tell_line(t, "cancels the recovery of the account: its keys stay");
        break;
    case CROFT__V1__TX_BODY__OP_CLOSE_ACCOUNT:
        croft_tell_line(t, "closes the account; what is left goes to %s",
             address_text(body->close_account->to_address).b);
        break;
    case CROFT__V1__TX_BODY__OP_PROPOSE:
        tell_propose(t, body->propose);
        break;
    case CROFT__V1__TX_BODY__OP_VOTE:
        croft_tell_line(t, "votes %s on proposal %" PRIu64, body->vote->yes ? "yes" : "no", body->vote->proposal);
        break;
    default:
        tell_money(t, body);
    }
}

void croft_tell_op(const Croft__V1__TxBody *body, char out[CROFT_TELL_MAX])
{
    struct croft_telling t = {out, CROFT_TELL_MAX};
    out[0] = '\0';
    tell_account(&t, body);
}
