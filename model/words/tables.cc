#include "model/words/tables.h"

namespace tidemark::model::words {

std::string no_such_table(std::string_view name_or_arn) {
  return "Table not found: " + std::string(name_or_arn);
}

std::string table_exists(std::string_view name) { return "Table already exists: " + std::string(name); }

std::string no_such_stream(std::string_view arn) {
  return "Requested resource not found: Stream: " + std::string(arn) + " not found";
}

std::string no_such_index(std::string_view name) {
  return "The table does not have the specified index: " + std::string(name);
}

std::string backfilling_index(std::string_view name) {
  return "Cannot read from backfilling global secondary index: " + std::string(name);
}

std::string index_in_use(std::string_view what, std::string_view name) {
  return "Attempt to change a resource which is still in use: Index is being " + std::string(what) + ": " +
         std::string(name);
}

std::string not_projected(std::string_view index, const std::vector<std::string>& attributes) {
  std::string names;
  for (const std::string& attribute : attributes) names += (names.empty() ? "" : ", ") + attribute;
  return "One or more parameter values were invalid: Global secondary index " + std::string(index) +
         " does not project [" + names + "]";
}

std::string pitr_not_enabled(std::string_view table) {
  return "Point in time recovery is not enabled for table '" + std::string(table) + "'";
}

std::string too_many_jobs(std::size_t most, std::string_view jobs) {
  return "Subscriber limit exceeded: There is a limit of " + std::to_string(most) + " concurrent " +
         std::string(jobs);
}

}  // namespace tidemark::model::words
