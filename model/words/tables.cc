#include "model/words/tables.h"

namespace tidemark::model::words {

std::string no_such_index(std::string_view name) {
  return "The table does not have the specified index: " + std::string(name);
}

std::string backfilling_index(std::string_view name) {
  return "Cannot read from backfilling global secondary index: " + std::string(name);
}

std::string pitr_not_enabled(std::string_view table) {
  return "Point in time recovery is not enabled for table '" + std::string(table) + "'";
}

std::string too_many_jobs(std::size_t most, std::string_view jobs) {
  return "Subscriber limit exceeded: There is a limit of " + std::to_string(most) + " concurrent " +
         std::string(jobs);
}

}  // namespace tidemark::model::words
