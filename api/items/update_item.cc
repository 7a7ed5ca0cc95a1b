#include "api/items/item_shapes.h"
#include "api/items/item_write.h"
#include "api/items/items.h"
#include "api/items/parameter_styles.h"
#include "api/legacy/attribute_updates.h"
#include "api/legacy/expected.h"

namespace tidemark::api {
namespace {

Shape shape() {
  return structure("UpdateItemInput",
                   {
                       {"ReturnConsumedCapacity", return_consumed_capacity()},
                       {"TableName", table_name_or_arn_of_write(), Presence::kRequired},
                       {"ReturnItemCollectionMetrics", return_item_collection_metrics()},
                       {"ReturnValues", return_values_of_write()},
                       {"ConditionalOperator", conditional_operator_of_write()},
                       {"Key", attribute_map(), Presence::kRequired},
                       {"Expected", expected()},
                       {"AttributeUpdates", attribute_updates()},
                       {"UpdateExpression", string()},
                       {"ConditionExpression", string()},
                       {"ExpressionAttributeNames", expression_names()},
                       {"ExpressionAttributeValues", attribute_map()},
                       {"ReturnValuesOnConditionCheckFailure", return_values_on_condition_check_failure()},
                   })
      .telling_all_without("Key");
}

ApiResult<WriteRequest> parse(const Input& input) {
  WriteRequest request = write_request_of(input, WriteKind::kUpdate);
  Write& write = request.write;
  RETURN_IF_ERROR(check_one_parameter_style(input, {"AttributeUpdates", "Expected"},
                                            {"UpdateExpression", "ConditionExpression"}));
  ASSIGN_OR_RETURN(write.item, item_of(input, "Key"));
  ASSIGN_OR_RETURN(write.update, legacy_updates(input));
  ASSIGN_OR_RETURN(write.condition, legacy_expected(input));
  write.return_values = return_values_of(input);
  RETURN_IF_ERROR(parse_write_expressions(input, &write));
  return request;
}

}  // namespace

Operation update_item() {
  return make_operation("UpdateItem", Cost::kOneWrite, shape(), parse, execute_write, render_write)
      .read_by(Layer::kNewerEnveloped);
}

}  // namespace tidemark::api
