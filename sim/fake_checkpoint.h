/* sim/fake_checkpoint.h - a checkpoint in memory whose commits are atomic and may fail. */
#ifndef CROFT_SIM_FAKE_CHECKPOINT_H
#define CROFT_SIM_FAKE_CHECKPOINT_H

#include "store/checkpoint.h"

struct croft_fake_checkpoint;

/* Memory is malloc's; running out of it is an assert. */
struct croft_fake_checkpoint *croft_fake_checkpoint_make(void);
void croft_fake_checkpoint_free(struct croft_fake_checkpoint *f);
struct croft_checkpoint *croft_fake_checkpoint_of(struct croft_fake_checkpoint *f);

/* The next commit returns err and changes nothing. */
void croft_fake_checkpoint_fail(struct croft_fake_checkpoint *f, croft_err err);

/* Empties it, as if it had never been committed to. */
void croft_fake_checkpoint_wipe(struct croft_fake_checkpoint *f);

#endif
