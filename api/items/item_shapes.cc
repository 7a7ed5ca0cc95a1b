#include "api/items/item_shapes.h"

namespace tidemark::api {
namespace {

Shape comparison_operator() {
  return enumeration({"IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE",
                      "BEGINS_WITH", "GE", "CONTAINS"});
}

}  // namespace

// Sic: UPDATE_NEW.
Shape return_values_of_write() {
  return enumeration({"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"})
      .current_enum({"ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATE_NEW", "NONE"});
}

Shape return_values_on_condition_check_failure() { return enumeration({"ALL_OLD", "NONE"}); }

Shape return_item_collection_metrics() { return enumeration({"SIZE", "NONE"}); }

Shape select() {
  return enumeration({"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"});
}

Shape conditional_operator() { return enumeration({"OR", "AND"}); }

// Sic: ALL.
Shape conditional_operator_of_write() { return conditional_operator().current_enum({"ALL", "OR"}); }

Shape expected() {
  return map_of(structure("ExpectedAttributeValue", {
                                                        {"Value", attribute_value()},
                                                        {"Exists", boolean()},
                                                        {"ComparisonOperator", comparison_operator()},
                                                        {"AttributeValueList", list_of(attribute_value())},
                                                    }));
}

Shape attribute_updates() {
  return map_of(structure("AttributeValueUpdate", {
                                                      {"Value", attribute_value()},
                                                      {"Action", enumeration({"ADD", "DELETE", "PUT"})},
                                                  }));
}

Shape filter_conditions() {
  return map_of(structure("Condition", {
                                           {"AttributeValueList", list_of(attribute_value())},
                                           {"ComparisonOperator", comparison_operator(), Presence::kRequired},
                                       }));
}

}  // namespace tidemark::api
