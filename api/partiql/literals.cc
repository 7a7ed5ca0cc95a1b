#include "api/partiql/literals.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "model/value_error.h"
#include "model/words/wording.h"

namespace tidemark::api::partiql {
namespace {

using model::AttributeMap;
using model::AttributeValue;
using model::Number;

constexpr const char* kWrongParameterCount = "Number of parameters in request and statement don't match.";

// Exponents, and places behind the point, have 32 bits.
bool fits_decimal(std::string_view text) {
  const std::size_t mark = std::min(text.find_first_of("eE"), text.size());
  if (mark == text.size()) return true;
  std::string_view exponent_text = text.substr(mark + 1);
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto [end, error] =
      std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  if (error != std::errc()) return false;
  const std::size_t point = std::min(text.find('.'), mark);
  const auto fraction = static_cast<std::int64_t>(point < mark ? mark - point - 1 : 0);
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  return exponent <= kMax && fraction - exponent <= kMax;
}

model::ValueDefect value_defect(model::NumberDefect defect) {
  switch (defect) {
    case model::NumberDefect::kNotANumber:
      return model::ValueDefect::kNotANumber;
    case model::NumberDefect::kOverflow:
      return model::ValueDefect::kNumberOverflow;
    case model::NumberDefect::kUnderflow:
      return model::ValueDefect::kNumberUnderflow;
    case model::NumberDefect::kTooManyDigits:
      break;
  }
  return model::ValueDefect::kNumberTooManyDigits;
}

std::string printed(const AttributeValue& value) {
  if (const auto* string = value.string()) return *string;
  if (const auto* binary = value.binary()) {
    std::string text;
    append_base64(&text, binary->bytes);
    return text;
  }
  return value.number()->to_string();
}

// Sorted, or which defect the members have as a set.
template <class Member, class Set, class MemberOf>
ApiResult<AttributeValue> make_set(const std::vector<AttributeValue>& values, model::ValueDefect duplicate,
                                   MemberOf member_of) {
  Set set;
  for (const AttributeValue& value : values) set.members.push_back(*member_of(value));
  std::ranges::sort(set.members);
  if (std::ranges::adjacent_find(set.members) == set.members.end()) return AttributeValue{std::move(set)};
  model::ValueError error{.defect = duplicate};
  for (const AttributeValue& value : values) error.members.push_back(printed(value));
  return fail(value_error(error, model::Wording::kClassic));
}

}  // namespace

bool Literals::is_next() const {
  switch (tokens_.kind()) {
    case TokenKind::kString:
    case TokenKind::kNumber:
      return true;
    case TokenKind::kPunctuation:
      return tokens_.is("?") || tokens_.is("[") || tokens_.is("{") || tokens_.is("<<") || tokens_.is_number();
    case TokenKind::kName:
      return tokens_.is_keyword("TRUE") || tokens_.is_keyword("FALSE") || tokens_.is_keyword("NULL");
    default:
      return false;
  }
}

ApiResult<AttributeValue> Literals::parameter() {
  tokens_.take();
  if (used_ == parameters_.size()) return fail(validation(kWrongParameterCount));
  return parameters_[used_++];
}

ApiResult<void> Literals::require_all_parameters_used() const {
  if (used_ == parameters_.size()) return {};
  return fail(validation(kWrongParameterCount));
}

ApiResult<AttributeValue> Literals::number(const std::string& place) {
  std::string text;
  if (tokens_.is("-") || tokens_.is("+")) text = tokens_.take().text;
  text += tokens_.take().text;
  if (!fits_decimal(text)) return fail(not_well_formed());
  const auto number = Number::parse(text);
  if (number) return AttributeValue{*number};
  const ApiError error =
      value_error({.defect = value_defect(number.error()), .detail = text}, model::Wording::kClassic);
  return fail(validation(error.message + " under " + place));
}

ApiResult<AttributeValue> Literals::list(const std::string& place) {
  tokens_.take();
  model::List list;
  while (!tokens_.take_if("]")) {
    if (!list.empty()) RETURN_IF_ERROR(tokens_.expect(","));
    ASSIGN_OR_RETURN(AttributeValue element, value(place + "[" + std::to_string(list.size()) + "]"));
    list.push_back(std::move(element));
  }
  return AttributeValue{std::move(list)};
}

ApiResult<AttributeValue> Literals::map(const std::string& place) {
  tokens_.take();
  AttributeMap map;
  while (!tokens_.take_if("}")) {
    if (!map.empty()) RETURN_IF_ERROR(tokens_.expect(","));
    if (tokens_.kind() != TokenKind::kString) return fail(expected_statement());
    std::string name = tokens_.take().text;
    RETURN_IF_ERROR(tokens_.expect(":"));
    if (tokens_.is_call()) {
      const Token& function = tokens_.token();
      std::string message = "Unsupported data type: ";
      message.append(lower_case(function.text)).append(" under key ").append(place).append(function.place());
      return fail(validation(std::move(message)));
    }
    std::string inside = place;
    ASSIGN_OR_RETURN(AttributeValue member, value(inside.append(".").append(name)));
    map.insert_or_assign(std::move(name), std::move(member));
  }
  return AttributeValue{std::move(map)};
}

ApiResult<AttributeValue> Literals::set(const std::string& place) {
  tokens_.take();
  std::vector<AttributeValue> members;
  while (!tokens_.take_if(">>")) {
    if (!members.empty()) RETURN_IF_ERROR(tokens_.expect(","));
    ASSIGN_OR_RETURN(AttributeValue member, value(place));
    members.push_back(std::move(member));
  }
  if (members.empty()) return fail(validation("Empty bags are not supported"));
  const auto is_all = [&members](auto has_type) { return std::ranges::all_of(members, has_type); };
  if (is_all([](const AttributeValue& member) { return member.string() != nullptr; })) {
    return make_set<std::string, model::StringSet>(
        members, model::ValueDefect::kDuplicateInStringSet,
        [](const AttributeValue& value) { return value.string(); });
  }
  if (is_all([](const AttributeValue& member) { return member.number() != nullptr; })) {
    return make_set<Number, model::NumberSet>(members, model::ValueDefect::kDuplicateInNumberSet,
                                              [](const AttributeValue& value) { return value.number(); });
  }
  if (is_all([](const AttributeValue& member) { return member.binary() != nullptr; })) {
    return make_set<std::string, model::BinarySet>(
        members, model::ValueDefect::kDuplicateInBinarySet,
        [](const AttributeValue& value) { return &value.binary()->bytes; });
  }
  return fail(validation("The members of a bag must be strings, numbers or binaries, all of one type"));
}

ApiResult<AttributeValue> Literals::value(const std::string& place) {
  RETURN_IF_ERROR(tokens_.enter());
  const auto leave = tokens_.leave_at_end();
  if (tokens_.is("?")) return parameter();
  if (tokens_.is_number()) return number(place);
  if (tokens_.is("[")) return list(place);
  if (tokens_.is("{")) return map(place);
  if (tokens_.is("<<")) return set(place);
  if (tokens_.kind() == TokenKind::kString) return AttributeValue{tokens_.take().text};
  if (tokens_.take_keyword("TRUE")) return AttributeValue{true};
  if (tokens_.take_keyword("FALSE")) return AttributeValue{false};
  if (tokens_.take_keyword("NULL")) return AttributeValue{model::Null{}};
  return fail(not_well_formed("Unexpected term"));
}

ApiResult<AttributeMap> Literals::item() {
  ASSIGN_OR_RETURN(AttributeValue parsed, value("root"));
  if (AttributeMap* const map = parsed.map()) return std::move(*map);
  return fail(expected_statement());
}

ApiResult<std::uint64_t> Literals::list_index() {
  std::uint64_t index = 0;
  const std::string text = tokens_.kind() == TokenKind::kNumber ? tokens_.take().text : std::string();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error != std::errc() || end != text.data() + text.size() ||
      index > std::numeric_limits<std::uint32_t>::max()) {
    return fail(expected_statement());
  }
  return index;
}

bool Literals::is_set_function() const {
  if (!tokens_.is_call()) return false;
  const std::string name = lower_case(tokens_.token().text);
  return name == "set_add" || name == "set_delete";
}

ApiResult<expression::UpdateActionKind> Literals::set_function(
    const expression::Path& target, expression::Operand* operand,
    const std::function<ApiResult<expression::Path>()>& parse_path) {
  const Token name = tokens_.take();
  const bool adds = lower_case(name.text) == "set_add";
  const std::string shown = adds ? "SET_ADD" : "SET_DELETE";
  tokens_.take();  // the parenthesis
  const auto refuse = [&shown](std::string_view why, const Token& at) {
    return fail(validation(std::string(why.substr(0, why.find('%'))) + shown +
                           std::string(why.substr(why.find('%') + 1)) + at.place()));
  };
  if (tokens_.is(")")) return refuse("% must have exactly two arguments", name);
  const Token first = tokens_.token();
  const bool is_path = tokens_.is_attribute_name();
  expression::Path path;
  if (is_path) {
    ASSIGN_OR_RETURN(path, parse_path());
  } else {
    RETURN_IF_ERROR(value("root"));
  }
  if (!tokens_.take_if(",")) return refuse("% must have exactly two arguments", name);
  if (!is_path || path != target)
    return refuse("The first argument to % must equal the assignment value", first);
  if (!is_next()) return refuse("The second argument to % must be a value with type SET", first);
  ASSIGN_OR_RETURN(AttributeValue members, value("root"));
  if (tokens_.is(",")) return refuse("% must have exactly two arguments", name);
  RETURN_IF_ERROR(tokens_.expect(")"));
  const model::AttributeType type = members.type();
  const bool is_set = type == model::AttributeType::kStringSet || type == model::AttributeType::kNumberSet ||
                      type == model::AttributeType::kBinarySet;
  if (!is_set) return refuse("The second argument to % must be a value with type SET", first);
  *operand = expression::Operand::of_value(std::move(members));
  return adds ? expression::UpdateActionKind::kAdd : expression::UpdateActionKind::kDelete;
}

}  // namespace tidemark::api::partiql
