// Source: DynamoDB API reference, DescribeBulkOperation.
#include <string>
#include <utility>

#include "api/bulk/bulk.h"
#include "api/bulk/bulk_description.h"
#include "api/bulk/bulk_lookup.h"
#include "transfer/transfers.h"

namespace tidemark::api {
namespace {

Shape shape() {
  return structure("DescribeBulkOperationInput",
                   {{"BulkOperationArn", string().length(37, 1024), Presence::kRequired}});
}

ApiResult<std::string> parse(const Input& input) {
  std::string arn = input.required_string("BulkOperationArn");
  RETURN_IF_ERROR(check_bulk_arn(arn));
  return arn;
}

ApiResult<BulkState> execute(const std::string& arn, OperationContext& context) {
  ASSIGN_OR_RETURN(auto record, find_bulk_operation(context, arn));
  const auto numbers = context.transfers->bulk.numbers(record);
  return BulkState{std::move(record), numbers};
}

void render(const std::string&, const BulkState& state, JsonWriter& json) {
  render_bulk_description(state, json);
}

}  // namespace

Operation describe_bulk_operation() {
  return make_operation("DescribeBulkOperation", Cost::kSlow, shape(), parse, execute, render);
}

}  // namespace tidemark::api
