// Shapes of the parameters that the operations on items share.
#pragma once

#include "api/core/shape.h"

namespace tidemark::api {

Shape return_values_of_write();                    // ReturnValues
Shape return_values_on_condition_check_failure();  // ReturnValuesOnConditionCheckFailure
Shape return_item_collection_metrics();            // ReturnItemCollectionMetrics
Shape select();                                    // Select
Shape conditional_operator();                      // ConditionalOperator of Query and Scan
Shape conditional_operator_of_write();             // and of the writes
Shape expected();                                  // Expected
Shape attribute_updates();                         // AttributeUpdates
Shape filter_conditions();                         // QueryFilter, ScanFilter, KeyConditions

}  // namespace tidemark::api
