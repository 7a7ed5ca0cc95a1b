#include <algorithm>
#include <bit>
#include <optional>

#include "base/utf8.h"
#include "transfer/format/ion_parser.h"
#include "transfer/format/ion_symbols.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {
namespace {

enum class Type : std::uint8_t {
  kNull,
  kBool,
  kPositiveInt,
  kNegativeInt,
  kFloat,
  kDecimal,
  kTimestamp,
  kSymbol,
  kString,
  kClob,
  kBlob,
  kList,
  kSexp,
  kStruct,
  kAnnotation,
  kReserved,
};

constexpr std::uint64_t kLengthMax = std::uint64_t{1} << 48;

// Takes things from the front of some bytes.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  // Whether the last failure was that the bytes ended.
  [[nodiscard]] bool is_short() const { return is_short_; }

  std::optional<unsigned char> byte() {
    if (rest_.empty()) return ended();
    const auto value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::optional<std::string_view> bytes(std::uint64_t count) {
    if (count > rest_.size()) return ended();
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  // A VarUInt.
  std::optional<std::uint64_t> natural() {
    std::uint64_t value = 0;
    while (true) {
      const auto next = byte();
      if (!next) return std::nullopt;
      value = value << 7 | (*next & 0x7f);
      if (value > kLengthMax) return std::nullopt;
      if ((*next & 0x80) != 0) return value;
    }
  }
  // A VarInt.
  std::optional<std::int64_t> integer() {
    const auto first = byte();
    if (!first) return std::nullopt;
    std::int64_t value = *first & 0x3f;
    const bool is_negative = (*first & 0x40) != 0;
    bool is_last = (*first & 0x80) != 0;
    while (!is_last) {
      const auto next = byte();
      if (!next) return std::nullopt;
      value = value << 7 | (*next & 0x7f);
      if (value > static_cast<std::int64_t>(kLengthMax)) return std::nullopt;
      is_last = (*next & 0x80) != 0;
    }
    return is_negative ? -value : value;
  }

 private:
  std::nullopt_t ended() {
    is_short_ = true;
    return std::nullopt;
  }

  std::string_view rest_;
  bool is_short_ = false;
};

// What a value begins with.
struct Head {
  Type type = Type::kNull;
  bool is_null = false;
  bool is_true = false;     // of a boolean
  std::uint64_t bytes = 0;  // behind the head
};

std::optional<Head> take_head(Cursor* in) {
  constexpr unsigned kLengthFollows = 14;
  constexpr unsigned kNull = 15;
  const auto first = in->byte();
  if (!first) return std::nullopt;
  Head head{.type = static_cast<Type>(*first >> 4)};
  const unsigned low = *first & 0x0fU;
  if (head.type == Type::kReserved || (head.type == Type::kAnnotation && (low < 3 || low == kNull))) {
    return std::nullopt;
  }
  if (low == kNull) {
    head.is_null = true;
    return head;
  }
  if (head.type == Type::kBool) {
    head.is_true = low == 1;
    return low <= 1 ? std::optional(head) : std::nullopt;
  }
  head.bytes = low;
  const bool is_sorted_struct = head.type == Type::kStruct && low == 1;
  if (low == kLengthFollows || is_sorted_struct) {
    const auto length = in->natural();
    if (!length || (is_sorted_struct && *length == 0)) return std::nullopt;
    head.bytes = *length;
  }
  return head;
}

bool is_pad(const Head& head) { return head.type == Type::kNull && !head.is_null; }

class IonBinaryParser final : public IonParser {
 public:
  Step next(std::string_view bytes, bool is_last, IonEvents& events, std::size_t* taken) override;

 private:
  // A value at the top, as far as its head says.
  struct Top {
    Head head;
    std::uint64_t annotation = 0;  // the number of the first one; 0: there is none
    std::size_t head_bytes = 0;    // annotations among them
  };

  static std::optional<Top> take_top(Cursor* in);
  std::optional<Step> take_marker(std::string_view bytes, std::size_t* taken);
  Step take_value(std::string_view bytes, IonEvents& events, std::size_t* taken);
  [[nodiscard]] std::string_view text_of(std::uint64_t symbol) const;

  // All of these return false when the bytes are no Ion.
  bool value(Cursor* in, int level, IonEvents& events);
  bool annotated(std::string_view content, int level, IonEvents& events);
  bool content(const Head& head, std::string_view bytes, std::string_view annotation, int level,
               IonEvents& events);
  bool structure(std::string_view bytes, int level, IonEvents& events);
  bool elements(std::string_view bytes, std::string_view annotation, int level, IonEvents& events);
  bool integer(bool is_negative, std::string_view magnitude, IonEvents& events);
  bool real(std::string_view bytes, IonEvents& events);
  bool decimal(std::string_view bytes, IonEvents& events);
  bool symbol(std::string_view bytes, IonEvents& events);

  IonSymbols symbols_;
  IonSymbolTableEvents table_;
  bool is_in_list_ = false;
  std::uint64_t list_bytes_left_ = 0;
  std::string number_;
};

std::string_view IonBinaryParser::text_of(std::uint64_t symbol) const {
  const auto* const found = symbols_.find(symbol);
  return found == nullptr ? std::string_view() : std::string_view(found->text);
}

bool IonBinaryParser::integer(bool is_negative, std::string_view magnitude, IonEvents& events) {
  const bool is_zero = magnitude.find_first_not_of('\0') == std::string_view::npos;
  if (is_negative && is_zero) return false;
  number_.assign(is_negative ? 1 : 0, '-');
  if (append_decimal(&number_, magnitude)) {
    events.number(number_);
  } else {
    events.other("integer of so many digits");
  }
  return true;
}

bool IonBinaryParser::real(std::string_view bytes, IonEvents& events) {
  std::uint64_t bits = 0;
  for (const char c : bytes) bits = bits << 8 | static_cast<unsigned char>(c);
  number_.clear();
  if (bytes.empty()) {
    number_ += '0';
  } else if (bytes.size() == sizeof(float)) {
    append_decimal(&number_, std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
  } else if (bytes.size() == sizeof(double)) {
    append_decimal(&number_, std::bit_cast<double>(bits));
  } else {
    return false;
  }
  events.number(number_);
  return true;
}

bool IonBinaryParser::decimal(std::string_view bytes, IonEvents& events) {
  if (bytes.empty()) {
    events.number("0");
    return true;
  }
  Cursor in(bytes);
  const auto exponent = in.integer();
  if (!exponent) return false;
  std::string magnitude(in.rest());
  number_.clear();
  if (!magnitude.empty() && (magnitude.front() & 0x80) != 0) {
    magnitude.front() = static_cast<char>(magnitude.front() & 0x7f);
    number_ += '-';
  }
  if (!append_decimal(&number_, magnitude)) {
    events.other("decimal of so many digits");
    return true;
  }
  if (*exponent != 0) number_.append(1, 'e').append(std::to_string(*exponent));
  events.number(number_);
  return true;
}

bool IonBinaryParser::symbol(std::string_view bytes, IonEvents& events) {
  std::uint64_t id = 0;
  if (bytes.size() > sizeof id) return false;
  for (const char c : bytes) id = id << 8 | static_cast<unsigned char>(c);
  const auto* const found = symbols_.find(id);
  if (found == nullptr) return false;
  if (found->has_text) {
    events.symbol(found->text);
  } else {
    events.other("symbol without text");
  }
  return true;
}

bool IonBinaryParser::structure(std::string_view bytes, int level, IonEvents& events) {
  events.begin_struct();
  for (Cursor in(bytes); !in.at_end();) {
    const auto name = in.natural();
    if (!name) return false;
    Cursor behind = in;
    const auto head = take_head(&behind);
    if (!head) return false;
    if (is_pad(*head)) {
      if (!behind.bytes(head->bytes)) return false;
      in = behind;
      continue;
    }
    const auto* const found = symbols_.find(*name);
    if (found == nullptr) return false;
    if (found->has_text) {
      events.field(found->text);
    } else {
      events.unknown_field();
    }
    if (!value(&in, level + 1, events)) return false;
  }
  events.end();
  return true;
}

bool IonBinaryParser::elements(std::string_view bytes, std::string_view annotation, int level,
                               IonEvents& events) {
  events.begin_list(annotation);
  for (Cursor in(bytes); !in.at_end();) {
    if (!value(&in, level + 1, events)) return false;
  }
  events.end();
  return true;
}

bool IonBinaryParser::content(const Head& head, std::string_view bytes, std::string_view annotation,
                              int level, IonEvents& events) {
  if (head.is_null) {
    events.null();
    return true;
  }
  switch (head.type) {
    case Type::kBool:
      events.boolean(head.is_true);
      return true;
    case Type::kPositiveInt:
    case Type::kNegativeInt:
      return integer(head.type == Type::kNegativeInt, bytes, events);
    case Type::kFloat:
      return real(bytes, events);
    case Type::kDecimal:
      return decimal(bytes, events);
    case Type::kTimestamp:
      events.other("timestamp");
      return true;
    case Type::kSymbol:
      return symbol(bytes, events);
    case Type::kString:
      if (!is_utf8(bytes)) return false;
      events.string(bytes);
      return true;
    case Type::kClob:
      events.other("clob");
      return true;
    case Type::kBlob:
      events.binary(bytes);
      return true;
    case Type::kList:
      return elements(bytes, annotation, level, events);
    case Type::kSexp:
      events.other("s-expression");
      return elements(bytes, {}, level, events);
    case Type::kStruct:
      return structure(bytes, level, events);
    case Type::kNull:  // a pad
      return true;
    case Type::kAnnotation:
    case Type::kReserved:
      break;
  }
  return false;
}

bool IonBinaryParser::value(Cursor* in, int level, IonEvents& events) {
  if (level > kIonLevelsMax) return false;
  const auto head = take_head(in);
  if (!head) return false;
  const auto bytes = in->bytes(head->bytes);
  if (!bytes) return false;
  if (head->type == Type::kAnnotation) return annotated(*bytes, level, events);
  return content(*head, *bytes, {}, level, events);
}

bool IonBinaryParser::annotated(std::string_view wrapped, int level, IonEvents& events) {
  Cursor in(wrapped);
  const auto length = in.natural();
  const auto annotations = length ? in.bytes(*length) : std::nullopt;
  if (!annotations) return false;
  Cursor first(*annotations);
  const auto annotation = first.natural();
  const auto head = take_head(&in);
  if (!annotation || !head || head->type == Type::kAnnotation || is_pad(*head)) return false;
  const auto bytes = in.bytes(head->bytes);
  if (!bytes || !in.at_end()) return false;
  return content(*head, *bytes, text_of(*annotation), level, events);
}

std::optional<IonBinaryParser::Top> IonBinaryParser::take_top(Cursor* in) {
  const std::size_t left = in->left();
  Top top;
  auto head = take_head(in);
  if (head && head->type == Type::kAnnotation) {
    const std::uint64_t wrapped_bytes = head->bytes;
    const std::size_t left_behind_head = in->left();
    const auto length = in->natural();
    if (!length || *length > kRecordBytesMax) return std::nullopt;
    const auto annotations = in->bytes(*length);
    if (!annotations) return std::nullopt;
    const auto annotation = Cursor(*annotations).natural();
    if (!annotation) return std::nullopt;
    top.annotation = *annotation;
    head = take_head(in);
    if (!head || head->type == Type::kAnnotation || is_pad(*head) ||
        left_behind_head - in->left() + head->bytes != wrapped_bytes) {
      return std::nullopt;
    }
  }
  if (!head) return std::nullopt;
  top.head = *head;
  top.head_bytes = left - in->left();
  return top;
}

// Nothing when no marker stands there.
std::optional<IonParser::Step> IonBinaryParser::take_marker(std::string_view bytes, std::size_t* taken) {
  const bool may_be_one = !is_in_list_ && bytes.front() == kIonBinaryMarker.front();
  if (!may_be_one) return std::nullopt;
  if (bytes.size() < kIonBinaryMarker.size()) return Step::kMore;
  if (!bytes.starts_with(kIonBinaryMarker)) return Step::kBroken;
  symbols_.reset();
  *taken += kIonBinaryMarker.size();
  return Step::kEnd;
}

// kEnd when it was no value for the reader.
IonParser::Step IonBinaryParser::take_value(std::string_view bytes, IonEvents& events, std::size_t* taken) {
  Cursor in(bytes);
  const auto top = take_top(&in);
  if (!top) return in.is_short() ? Step::kMore : Step::kBroken;
  const Head& head = top->head;
  if (head.type == Type::kList && !head.is_null && !is_in_list_) {
    is_in_list_ = head.bytes > 0;
    list_bytes_left_ = head.bytes;
    *taken += top->head_bytes;
    return Step::kEnd;
  }
  if (head.bytes > kRecordBytesMax) return Step::kBroken;
  const std::uint64_t value_bytes = top->head_bytes + head.bytes;
  if (is_in_list_ && value_bytes > list_bytes_left_) return Step::kBroken;
  const auto content_bytes = in.bytes(head.bytes);
  if (!content_bytes) return Step::kMore;
  *taken += static_cast<std::size_t>(value_bytes);
  const bool was_in_list = is_in_list_;
  if (is_in_list_) {
    list_bytes_left_ -= value_bytes;
    is_in_list_ = list_bytes_left_ > 0;
  }
  if (is_pad(head)) return Step::kEnd;
  const std::string_view annotation = text_of(top->annotation);
  const bool is_struct = head.type == Type::kStruct && !head.is_null;
  if (is_struct && !was_in_list && annotation == kIonSymbolTable) {
    table_.clear();
    if (!structure(*content_bytes, 1, table_) || !table_.apply(&symbols_)) return Step::kBroken;
    return Step::kEnd;
  }
  if (!content(head, *content_bytes, annotation, 1, events)) return Step::kBroken;
  return is_struct ? Step::kStruct : Step::kOther;
}

IonParser::Step IonBinaryParser::next(std::string_view bytes, bool is_last, IonEvents& events,
                                      std::size_t* taken) {
  *taken = 0;
  while (*taken < bytes.size()) {
    const std::string_view rest = bytes.substr(*taken);
    const auto marker = take_marker(rest, taken);
    const Step step = marker ? *marker : take_value(rest, events, taken);
    if (step != Step::kEnd) return step;
  }
  return is_in_list_ && is_last ? Step::kMore : Step::kEnd;
}

}  // namespace

std::unique_ptr<IonParser> ion_binary_parser() { return std::make_unique<IonBinaryParser>(); }

}  // namespace tidemark::transfer::format
