#include "base/json.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/check.h"

namespace tidemark::json {
namespace {

using simdjson::dom::document;
using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

// A Value is what simdjson calls a tape reference: the document and a position on its tape.
tape_ref tape_at(const void* parsed, std::size_t index) {
  return {static_cast<const document*>(parsed), index};
}

}  // namespace

Type Value::type() const {
  switch (tape_at(document_, index_).tape_ref_type()) {
    case tape_type::TRUE_VALUE:
    case tape_type::FALSE_VALUE:
      return Type::kBool;
    case tape_type::INT64:
    case tape_type::UINT64:
      return Type::kInteger;
    case tape_type::DOUBLE:
      return Type::kDecimal;
    case tape_type::STRING:
      return Type::kString;
    case tape_type::START_ARRAY:
      return Type::kArray;
    case tape_type::START_OBJECT:
      return Type::kObject;
    default:
      return Type::kNull;
  }
}

std::string_view Value::string() const {
  INVARIANT(is_string());
  return tape_at(document_, index_).get_string_view();
}

bool Value::boolean() const {
  INVARIANT(type() == Type::kBool);
  return tape_at(document_, index_).is_true();
}

std::int64_t Value::integer() const {
  INVARIANT(type() == Type::kInteger);
  const tape_ref tape = tape_at(document_, index_);
  // simdjson writes UINT64 only for what does not fit into int64.
  if (tape.is_uint64()) return std::numeric_limits<std::int64_t>::max();
  return tape.next_tape_value<std::int64_t>();
}

double Value::decimal() const {
  const tape_ref tape = tape_at(document_, index_);
  if (tape.is_double()) return tape.next_tape_value<double>();
  INVARIANT(type() == Type::kInteger);
  if (tape.is_uint64()) return static_cast<double>(tape.next_tape_value<std::uint64_t>());
  return static_cast<double>(tape.next_tape_value<std::int64_t>());
}

std::size_t Value::size() const {
  INVARIANT(is_object() || is_array());
  const std::size_t count = tape_at(document_, index_).scope_count();
  if (count < simdjson::internal::JSON_COUNT_MASK) return count;
  // The tape's counter is full: count by walking.
  std::size_t walked = 0;
  std::string_view name;
  Value value;
  if (is_object()) {
    for (ObjectCursor cursor = members(); cursor.next(&name, &value);) ++walked;
  } else {
    for (ArrayCursor cursor = elements(); cursor.next(&value);) ++walked;
  }
  return walked;
}

ObjectCursor Value::members() const {
  INVARIANT(is_object());
  ObjectCursor cursor;
  cursor.document_ = document_;
  cursor.index_ = index_ + 1;
  cursor.end_ = tape_at(document_, index_).after_element() - 1;
  return cursor;
}

ArrayCursor Value::elements() const {
  INVARIANT(is_array());
  ArrayCursor cursor;
  cursor.document_ = document_;
  cursor.index_ = index_ + 1;
  cursor.end_ = tape_at(document_, index_).after_element() - 1;
  return cursor;
}

std::optional<Value> Value::find(std::string_view name) const {
  std::optional<Value> found;
  std::string_view member_name;
  Value value;
  for (ObjectCursor cursor = members(); cursor.next(&member_name, &value);) {
    if (member_name == name) found = value;
  }
  if (found && found->is_null()) found.reset();
  return found;
}

bool ObjectCursor::next(std::string_view* name, Value* value) {
  if (index_ == end_) return false;
  *name = tape_at(document_, index_).get_string_view();
  value->document_ = document_;
  value->index_ = index_ + 1;
  index_ = tape_at(document_, index_ + 1).after_element();
  return true;
}

bool ArrayCursor::next(Value* value) {
  if (index_ == end_) return false;
  value->document_ = document_;
  value->index_ = index_;
  index_ = tape_at(document_, index_).after_element();
  return true;
}

struct Document::Impl {
  // A document this large does not keep its buffers for the next text.
  static constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20;

  const char* copy_with_padding(std::string_view text);
  void shrink();

  simdjson::dom::parser parser;
  std::unique_ptr<char[]> buffer;
  std::size_t buffer_bytes = 0;
};

void Document::Impl::shrink() {
  if (buffer_bytes <= kKeptBytesMax) return;
  parser = simdjson::dom::parser();
  buffer.reset();
  buffer_bytes = 0;
}

const char* Document::Impl::copy_with_padding(std::string_view text) {
  if (text.size() <= kKeptBytesMax) shrink();
  if (!buffer || text.size() > buffer_bytes) {
    if (buffer_bytes > kKeptBytesMax) parser = simdjson::dom::parser();
    buffer.reset();
    buffer_bytes = std::max<std::size_t>(text.size() + text.size() / 4, 4'096);
    buffer.reset(new char[buffer_bytes + simdjson::SIMDJSON_PADDING]);
  }
  if (!text.empty()) std::memcpy(buffer.get(), text.data(), text.size());
  std::memset(buffer.get() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  return buffer.get();
}

Document::Document() : impl_(std::make_unique<Impl>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Result<Value> Document::parse(std::string_view text) {
  const char* const copy = impl_->copy_with_padding(text);
  const auto parsed = impl_->parser.parse(copy, text.size(), false);
  if (parsed.error() != simdjson::SUCCESS) {
    return fail(Error::invalid_argument(std::string("not JSON: ") + simdjson::error_message(parsed.error())));
  }
  Value root;
  root.document_ = &impl_->parser.doc;
  root.index_ = 1;  // behind the tape's own root word
  return root;
}

void Document::shrink() { impl_->shrink(); }

}  // namespace tidemark::json
