#include "model/value_error.h"

#include "model/item_size.h"

namespace tidemark::model {

std::string classic_message(const ValueError& error) {
  static const std::string kInvalidValues = "One or more parameter values were invalid: ";
  switch (error.defect) {
    case ValueDefect::kSerialization:
      return error.detail;
    case ValueDefect::kEmptyValue:
      return "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
    case ValueDefect::kMultipleTypes:
      return "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
             "supported datatypes";
    case ValueDefect::kNullNotTrue:
      return kInvalidValues + "Null attribute value types must have the value of true";
    case ValueDefect::kEmptyStringSet:
      return kInvalidValues + "An string set  may not be empty";
    case ValueDefect::kEmptyNumberSet:
      return kInvalidValues + "An number set  may not be empty";
    case ValueDefect::kEmptyBinarySet:
      return kInvalidValues + "Binary sets should not be empty";
    case ValueDefect::kDuplicateInStringSet:
      return kInvalidValues + "Input collection " + error.detail + " contains duplicates.";
    case ValueDefect::kDuplicateInNumberSet:
      return "Input collection contains duplicates";
    case ValueDefect::kDuplicateInBinarySet:
      return kInvalidValues + "Input collection " + error.detail + "of type BS contains duplicates.";
    case ValueDefect::kNotANumber:
      if (error.detail.empty()) return "The parameter cannot be converted to a numeric value";
      return "The parameter cannot be converted to a numeric value: " + error.detail;
    case ValueDefect::kNumberOverflow:
      return "Number overflow. Attempting to store a number with magnitude larger than supported range";
    case ValueDefect::kNumberUnderflow:
      return "Number underflow. Attempting to store a number with magnitude smaller than supported range";
    case ValueDefect::kNumberTooManyDigits:
      return "Attempting to store more than 38 significant digits in a Number";
    case ValueDefect::kNestingTooDeep:
      return "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
             "beyond "
             "supported limit";
    case ValueDefect::kEmptyAttributeName:
      return kInvalidValues + "Empty attribute name";
    case ValueDefect::kAttributeNameTooLong:
      return kInvalidValues + "Attribute name is longer than " + std::to_string(kAttributeNameBytesMax) +
             " bytes";
  }
  return error.detail;
}

}  // namespace tidemark::model
