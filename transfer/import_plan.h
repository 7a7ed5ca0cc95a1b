// What the load of an import keeps for the next process (storage/bulk_loader.h): the objects that the import
// reads, as they were listed when it began, and which of them are done. Bulk operations keep a plan of the
// same form (bulk_plan.h).
//
// ON DISK, numbers as varints, texts as their size and their bytes:
//   plan  1, number of objects, for each: key, size
//   note  for each object that is done: position in the plan, records, bytes, files, errors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/job_record.h"
#include "transfer/bucket/bucket.h"

namespace tidemark::transfer {

std::string plan_text(const std::vector<ListedObject>& sources);
// Nothing when it is of another version, or damaged.
std::optional<std::vector<ListedObject>> parse_plan(std::string_view text);

// An object that was read to its end, or to where it cannot be read any more.
struct DoneObject {
  std::uint64_t position = 0;
  jobs::JobCounts counts;
  bool operator==(const DoneObject&) const = default;
};

std::string note_text(const std::vector<DoneObject>& done);
// Nothing when it is damaged.
std::optional<std::vector<DoneObject>> parse_note(std::string_view text);

}  // namespace tidemark::transfer
