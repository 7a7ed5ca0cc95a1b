#include "api/items/item_shapes.h"
#include "api/items/item_write.h"
#include "api/items/items.h"
#include "api/items/parameter_styles.h"
#include "api/legacy/expected.h"

namespace tidemark::api {
namespace {

Shape shape() {
  return structure("DeleteItemInput",
                   {
                       {"ReturnConsumedCapacity", return_consumed_capacity()},
                       {"TableName", table_name_or_arn_of_write(), Presence::kRequired},
                       {"ReturnValues", return_values_of_write()},
                       {"ReturnItemCollectionMetrics", return_item_collection_metrics()},
                       {"Key", attribute_map(), Presence::kRequired},
                       {"ConditionalOperator", conditional_operator_of_write()},
                       {"Expected", expected()},
                       {"ConditionExpression", string()},
                       {"ExpressionAttributeNames", expression_names()},
                       {"ExpressionAttributeValues", attribute_map()},
                       {"ReturnValuesOnConditionCheckFailure", return_values_on_condition_check_failure()},
                   });
}

ApiResult<WriteRequest> parse(const Input& input) {
  WriteRequest request = write_request_of(input, WriteKind::kDelete);
  Write& write = request.write;
  RETURN_IF_ERROR(check_one_parameter_style(input, {"Expected"}, {"ConditionExpression"}));
  ASSIGN_OR_RETURN(write.item, item_of(input, "Key"));
  ASSIGN_OR_RETURN(write.return_values, old_return_values_of(input));
  ASSIGN_OR_RETURN(write.condition, legacy_expected(input));
  RETURN_IF_ERROR(parse_write_expressions(input, &write));
  return request;
}

}  // namespace

Operation delete_item() {
  return make_operation("DeleteItem", Cost::kOneWrite, shape(), parse, execute_write, render_write)
      .read_by(Layer::kNewerEnveloped);
}

}  // namespace tidemark::api
