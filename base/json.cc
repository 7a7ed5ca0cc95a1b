#include "base/json.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace tidemark::json {
namespace {

// What json.h says of the tape.
using simdjson::internal::tape_type;
static_assert(static_cast<char>(tape_type::START_OBJECT) == '{' &&
              static_cast<char>(tape_type::START_ARRAY) == '[');
static_assert(static_cast<char>(tape_type::STRING) == '"' && static_cast<char>(tape_type::DOUBLE) == 'd');
static_assert(static_cast<char>(tape_type::INT64) == 'l' && static_cast<char>(tape_type::UINT64) == 'u');
static_assert(static_cast<char>(tape_type::TRUE_VALUE) == 't' &&
              static_cast<char>(tape_type::FALSE_VALUE) == 'f');
static_assert(simdjson::internal::JSON_COUNT_MASK == 0xff'ffff);
static_assert(simdjson::internal::JSON_VALUE_MASK == 0x00ff'ffff'ffff'ffff);

template <class T>
T number_at(const std::uint64_t* word) {
  T number;
  static_assert(sizeof number == sizeof *word);
  std::memcpy(&number, word, sizeof number);
  return number;
}

}  // namespace

bool Value::boolean() const {
  INVARIANT(type() == Type::kBool);
  return tape_->letter(index_) == 't';
}

std::int64_t Value::integer() const {
  INVARIANT(type() == Type::kInteger);
  // simdjson writes UINT64 only for what does not fit into int64.
  if (tape_->letter(index_) == 'u') return std::numeric_limits<std::int64_t>::max();
  return number_at<std::int64_t>(tape_->words + index_ + 1);
}

double Value::decimal() const {
  const std::uint64_t* const number = tape_->words + index_ + 1;
  if (type() == Type::kDecimal) return number_at<double>(number);
  INVARIANT(type() == Type::kInteger);
  if (tape_->letter(index_) == 'u') return static_cast<double>(*number);
  return static_cast<double>(number_at<std::int64_t>(number));
}

std::size_t Value::walked_size() const {
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

struct Document::Impl {
  // A document this large does not keep its buffers for the next text.
  static constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20;

  const char* copy_with_padding(std::string_view text);
  void shrink();

  simdjson::dom::parser parser;
  Tape tape;
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
  impl_->tape = {impl_->parser.doc.tape.get(), impl_->parser.doc.string_buf.get()};
  root.tape_ = &impl_->tape;
  root.index_ = 1;  // behind the tape's own root word
  return root;
}

void Document::shrink() { impl_->shrink(); }

}  // namespace tidemark::json
