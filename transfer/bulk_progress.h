// How far a bulk operation is in each object that it reads. It is written down with the items themselves, as
// a receipt in the transaction that puts them, so that no record is put, counted or judged by its condition
// twice, whenever the process ends.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/receipts.h"

namespace tidemark::transfer {

struct ObjectProgress {
  std::uint64_t records = 0;             // done with, from the beginning of the object
  std::uint64_t errors = 0;              // of them
  std::uint64_t condition_failures = 0;  // of them
  std::uint64_t written_bytes = 0;       // of items
  bool is_done = false;
  std::uint64_t read_bytes = 0;  // of the object as it is stored

  // ON DISK: numbers between blanks, in this order. Those of earlier builds lack the last.
  [[nodiscard]] std::string to_text() const;
  // Errors: kCorruption.
  static Result<ObjectProgress> from_text(std::string_view text);
};

// By the key of the object.
using BulkProgress = std::map<std::string, ObjectProgress, std::less<>>;

// The receipts of a bulk operation begin with this; the key of the object follows. Those of all: with
// `bulk_id` empty.
std::string receipt_prefix(std::string_view bulk_id);

// Errors: kIo, kCorruption.
Result<BulkProgress> read_bulk_progress(const storage::Receipts& receipts, std::string_view bulk_id);

}  // namespace tidemark::transfer
