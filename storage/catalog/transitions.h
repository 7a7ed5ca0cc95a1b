// The rules by which a table and its indexes move through their states: functions on the value alone.
//
//   table          CREATING ──> ACTIVE <──> UPDATING,  ACTIVE ──> DELETING ──> gone
//   global index   CREATING ──> ACTIVE <──> UPDATING,  ACTIVE ──> DELETING ──> gone
//   vector index   CREATING ──> ACTIVE,                ACTIVE ──> DELETING ──> gone
//   time to live   DISABLED ──> ENABLING ──> ENABLED ──> DISABLING ──> DISABLED
//
// A passing state ends at a time, `status_until`, or, without one, when whoever fills the table or the index
// says so. Local indexes have no states of their own: they are always ACTIVE.
#pragma once

#include <optional>

#include "base/clock.h"
#include "storage/table.h"
#include "storage/table_states.h"

namespace tidemark::storage {

// A table is put together: it and its indexes are CREATING.
void begin_creation(Timestamp now, const TransitionTimes& times, Table* table);
void begin_update(const IndexChanges& indexes, Timestamp now, const TransitionTimes& times, Table* table);
void begin_deletion(Timestamp now, const TransitionTimes& times, Table* table);

void begin_enabling_ttl(model::TtlSettings ttl, Timestamp now, const TransitionTimes& times, Table* table);
void begin_disabling_ttl(Timestamp now, const TransitionTimes& times, Table* table);

// New settings with the states that were; a new index is CREATING.
void take_settings(model::TableSchema settings, Table* table);

// CREATING becomes ACTIVE, whatever time was set. False when there was nothing to do.
bool finish_creation(Table* table);
bool finish_index_creation(TableId index, Table* table);

// When the next state ends by time; nothing: all stay as they are.
std::optional<Timestamp> next_transition(const Table& table);
// Ends the states whose time has come. Answers whether the table is to stay.
bool make_transitions(Timestamp now, Table* table);

}  // namespace tidemark::storage
