#include "model/attribute_value.h"

namespace tidemark::model {

bool operator==(const AttributeValue& a, const AttributeValue& b) { return a.data == b.data; }

}  // namespace tidemark::model
