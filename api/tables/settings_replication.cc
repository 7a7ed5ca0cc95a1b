// Sources: DynamoDB API reference, CreateTable and UpdateTable; DynamoDB developer guide, "How DynamoDB
// global tables work" of multi-account global tables. How the service words a refusal is not known.
#include "api/tables/settings_replication.h"

#include <string>
#include <string_view>

#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

tl::unexpected<ApiError> invalid(std::string_view text) {
  return fail(validation(words::invalid_parameter(text)));
}

}  // namespace

Shape settings_replication_mode() { return enumeration({"ENABLED", "DISABLED", "ENABLED_WITH_OVERRIDES"}); }

ApiResult<void> check_settings_replication(const Input& input) {
  const bool is_new = input.has("GlobalTableSourceArn");
  if (is_new || input.string("GlobalTableSettingsReplicationMode") == "ENABLED") {
    return invalid(
        std::string(is_new ? "GlobalTableSourceArn" : "GlobalTableSettingsReplicationMode ENABLED") +
        " is for global tables with replicas in several accounts, which are not available in this "
        "Region. Use ReplicaUpdates of UpdateTable");
  }
  return {};
}

}  // namespace tidemark::api
