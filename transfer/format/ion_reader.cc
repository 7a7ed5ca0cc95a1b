#include <algorithm>
#include <utility>

#include "transfer/format/ion_parser.h"
#include "transfer/format/item_builder.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {
namespace {

using model::AttributeType;

// Takes in one struct, `{Item:{…}}`, and makes an item of what is inside.
class ItemEvents final : public IonEvents {
 public:
  explicit ItemEvents(ItemBuilder* builder) : builder_(*builder) {}

  void begin() {
    depth_ = 0;
    is_item_field_ = is_inside_ = has_item_ = false;
  }
  [[nodiscard]] bool has_item() const { return has_item_; }

  void begin_struct() override {
    ++depth_;
    if (is_inside_) return builder_.begin_map();
    if (depth_ != 2 || !is_item_field_) return;
    is_inside_ = has_item_ = true;
    builder_.begin();
  }
  void field(std::string_view name) override {
    if (is_inside_) return builder_.name(name);
    if (depth_ == 1) is_item_field_ = name == "Item";
  }
  void unknown_field() override {
    if (is_inside_) return builder_.refuse("An Ion symbol has no text: its shared symbol table is not known");
    if (depth_ == 1) is_item_field_ = false;
  }
  void begin_list(std::string_view annotation) override {
    const bool belongs = is_item();
    ++depth_;
    if (!belongs) return;
    if (annotation == "$dynamodb_SS") return builder_.begin_set(AttributeType::kStringSet);
    if (annotation == "$dynamodb_NS") return builder_.begin_set(AttributeType::kNumberSet);
    if (annotation == "$dynamodb_BS") return builder_.begin_set(AttributeType::kBinarySet);
    builder_.begin_list();
  }
  void end() override {
    --depth_;
    if (!is_inside_) return;
    if (depth_ == 1) {
      is_inside_ = false;
    } else {
      builder_.end();
    }
  }

  void string(std::string_view text) override {
    if (is_item()) builder_.string(text);
  }
  void symbol(std::string_view) override { other("symbol"); }
  void number(std::string_view text) override {
    if (is_item()) builder_.number(text);
  }
  void binary(std::string_view bytes) override {
    if (is_item()) builder_.binary(bytes);
  }
  void boolean(bool value) override {
    if (is_item()) builder_.boolean(value);
  }
  void null() override {
    if (is_item()) builder_.null();
  }
  void other(std::string_view kind) override {
    if (is_item()) builder_.refuse("An Ion " + std::string(kind) + " is no attribute value");
  }

 private:
  // Whether a value belongs to the item. One that stands in its place makes it none.
  bool is_item() {
    if (!is_inside_ && depth_ == 1 && is_item_field_) has_item_ = false;
    return is_inside_;
  }

  ItemBuilder& builder_;
  int depth_ = 0;
  bool is_item_field_ = false;
  bool is_inside_ = false;
  bool has_item_ = false;
};

class IonReader final : public RecordReader {
 public:
  void feed(std::string_view bytes) override {
    buffer_.erase(0, begin_);
    begin_ = 0;
    buffer_ += bytes;
  }
  void end() override { is_ended_ = true; }

  Outcome next(model::Item* item, std::string* message) override {
    if (!parser_ && !choose_parser()) return Outcome::kNeedMore;
    const std::string_view rest = std::string_view(buffer_).substr(begin_);
    if (!is_ended_ && rest.size() < enough_bytes_) return Outcome::kNeedMore;
    enough_bytes_ = 0;
    std::size_t taken = 0;
    events_.begin();
    const auto step = parser_->next(rest, is_ended_, events_, &taken);
    begin_ += taken;
    switch (step) {
      case IonParser::Step::kStruct:
        break;
      case IonParser::Step::kOther:
        return abandon(message, kItemExpected);
      case IonParser::Step::kEnd:
        return Outcome::kNeedMore;
      case IonParser::Step::kMore:
        return wait_for_more(message);
      case IonParser::Step::kBroken:
        return abandon(message, kUnexpectedToken);
    }
    if (!events_.has_item()) return abandon(message, kItemExpected);
    auto built = builder_.take(item);
    if (built) return Outcome::kItem;
    *message = std::move(built).error();
    return Outcome::kBadItem;
  }

 private:
  static Outcome abandon(std::string* message, std::string_view why) {
    *message = why;
    return Outcome::kAbandon;
  }

  // False when it takes more bytes to say which.
  bool choose_parser() {
    const std::string_view head = std::string_view(buffer_).substr(0, kIonBinaryMarker.size());
    const bool may_go_on = head.size() < kIonBinaryMarker.size() && !is_ended_;
    if (may_go_on && kIonBinaryMarker.starts_with(head)) return false;
    parser_ = head == kIonBinaryMarker ? ion_binary_parser() : ion_text_parser();
    return true;
  }

  Outcome wait_for_more(std::string* message) {
    const std::size_t rest_bytes = buffer_.size() - begin_;
    if (is_ended_) return abandon(message, "The file ends inside an item");
    if (rest_bytes > kRecordBytesMax) return abandon(message, "The item is too large");
    // A value begins anew each time: not before there is twice as much of it.
    enough_bytes_ = std::min(rest_bytes * 2, kRecordBytesMax + 1);
    return Outcome::kNeedMore;
  }

  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not taken
  std::size_t enough_bytes_ = 0;
  bool is_ended_ = false;
  std::unique_ptr<IonParser> parser_;
  ItemBuilder builder_;
  ItemEvents events_{&builder_};
};

}  // namespace

std::unique_ptr<RecordReader> ion_reader() { return std::make_unique<IonReader>(); }

}  // namespace tidemark::transfer::format
