/* cli/groups.h - one group of verbs for each file that has some; verbs.c puts them in order. */
#ifndef CROFT_CLI_GROUPS_H
#define CROFT_CLI_GROUPS_H

#include "cli/cli.h"

extern const struct croft_verb_group croft_key_verbs, croft_key_chain_verbs, croft_balance_verbs,
    croft_send_verbs, croft_deposit_verbs, croft_withdraw_verbs, croft_tx_verbs, croft_params_verbs,
    croft_watch_verbs, croft_status_verbs, croft_chain_verbs, croft_bench_verbs, croft_bench_pay_verbs,
    croft_sim_verbs, croft_completion_verbs, croft_issuer_verbs, croft_tx_file_verbs, croft_pending_verbs,
    croft_recovery_verbs, croft_account_verbs, croft_history_verbs, croft_govern_verbs, croft_advise_verbs,
    croft_provider_verbs, croft_node_verbs, croft_offer_verbs, croft_class_verbs, croft_market_verbs, croft_order_verbs,
    croft_explain_verbs, croft_lease_verbs, croft_voucher_verbs, croft_task_verbs, croft_bid_verbs, croft_token_verbs;

#endif
