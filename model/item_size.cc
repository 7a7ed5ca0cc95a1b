#include "model/item_size.h"

namespace tidemark::model {
namespace {

constexpr std::uint32_t kContainerBytes = 3;
constexpr std::uint32_t kElementBytes = 1;

std::uint32_t bytes_of(const std::string& text) { return static_cast<std::uint32_t>(text.size()); }

std::uint32_t sum_of(const std::vector<std::string>& members) {
  std::uint32_t sum = 0;
  for (const std::string& member : members) sum += bytes_of(member);
  return sum;
}

struct SizeOf {
  std::uint32_t operator()(const std::string& value) const { return bytes_of(value); }
  std::uint32_t operator()(const Number& value) const { return value.size_bytes(); }
  std::uint32_t operator()(const Binary& value) const { return bytes_of(value.bytes); }
  std::uint32_t operator()(bool) const { return 1; }
  std::uint32_t operator()(Null) const { return 1; }
  std::uint32_t operator()(const StringSet& value) const { return sum_of(value.members); }
  std::uint32_t operator()(const NumberSet& value) const {
    std::uint32_t sum = 0;
    for (const Number& member : value.members) sum += member.size_bytes();
    return sum;
  }
  std::uint32_t operator()(const BinarySet& value) const { return sum_of(value.members); }
  std::uint32_t operator()(const List& value) const {
    std::uint32_t sum = kContainerBytes;
    for (const AttributeValue& element : value) sum += kElementBytes + value_size_bytes(element);
    return sum;
  }
  std::uint32_t operator()(const AttributeMap& value) const {
    std::uint32_t sum = kContainerBytes;
    for (const auto& [name, element] : value) {
      sum += kElementBytes + bytes_of(name) + value_size_bytes(element);
    }
    return sum;
  }
};

}  // namespace

std::uint32_t value_size_bytes(const AttributeValue& value) { return std::visit(SizeOf{}, value.data); }

std::uint32_t item_size_bytes(const AttributeMap& item) {
  std::uint32_t sum = 0;
  for (const auto& [name, value] : item) sum += bytes_of(name) + value_size_bytes(value);
  return sum;
}

}  // namespace tidemark::model
