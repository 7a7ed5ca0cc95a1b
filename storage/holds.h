// Holds: what somebody needs of the past, by name, kept until he lets go of it. Running exports, restores,
// backups, branches and streams take them; what may be dropped is decided by them and by the windows of
// point-in-time recovery alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/table.h"
#include "wal/record.h"

namespace tidemark::storage {

// A moment later than every other: to hold the history of a table from now on.
inline constexpr Timestamp kFromNowOn{INT64_MAX};

struct Hold {
  // Unique, without zero bytes, and telling: `export/<arn>`.
  std::string who;
  TableId table{};
  // Every moment of the table from this one on stays readable, this one exactly. While it lasts, history is
  // recorded with or without point-in-time recovery.
  std::optional<Timestamp> history_from;
  // The records of the change log from this one on stay.
  std::optional<wal::SequenceNumber> log_from;
  // The log of the last so many seconds stays, by the commit times of its records.
  std::optional<std::int64_t> log_seconds;

  bool operator==(const Hold&) const = default;
};

// Who holds the last state of a table that was deleted with point-in-time recovery on. Nobody asks for this
// hold: it is there from the moment of the deletion on, until it is released.
std::string deleted_table_hold(TableId table);

// Holds are durable, and outlive the table that they name: as long as there is one that begins somewhere in
// its history, a deleted table is retired (catalog.h), and can be read and held further. Thread-safety: all methods may be called
// concurrently. Errors besides those named: kIo, kNoSpace, kUnavailable.
class Holds {
 public:
  virtual ~Holds() = default;

  // What is held stays from before this returns. Returns the hold as it is: `history_from` is where history
  // truly begins to be held, at most now, and at or before the moment asked for: older history is exact to
  // the second only. Errors: kAlreadyExists; kNotFound when there is no such table, not even a retired one,
  // or the log does not reach back so far; kInvalidArgument when the history does not.
  virtual Result<Hold> hold(Hold hold) = 0;

  // Lets go of what is before these points, those that are given; never goes back. Returns the hold as it is
  // then, with a moment that is no longer exact to the microsecond rounded down. Errors: kNotFound.
  virtual Result<Hold> move_forward(std::string_view who, std::optional<Timestamp> history_from,
                                    std::optional<wal::SequenceNumber> log_from) = 0;

  // Nothing happens when there is no such hold.
  virtual Result<void> release(std::string_view who) = 0;

  [[nodiscard]] virtual std::optional<Hold> find(std::string_view who) const = 0;
  // In order of their names.
  [[nodiscard]] virtual std::vector<Hold> list() const = 0;
};

}  // namespace tidemark::storage
