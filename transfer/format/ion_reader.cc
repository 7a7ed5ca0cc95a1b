#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "transfer/format/ion_parser.h"
#include "transfer/format/item_builder.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {
namespace {

using model::AttributeType;

// Takes in one struct, `{Item:{…}}`, and makes an item of what is inside; of a condition beside it the JSON
// that RecordReader::record() promises.
class ItemEvents final : public IonEvents {
 public:
  explicit ItemEvents(ItemBuilder* builder) : item_(*builder) {}

  void begin() {
    depth_ = 0;
    field_ = Field::kOther;
    builder_ = nullptr;
    has_item_ = has_values_ = is_inside_names_ = has_other_ = false;
    condition_.reset();
    names_.reset();
  }
  [[nodiscard]] bool has_item() const { return has_item_; }

  // Empty where nothing stands beside the item. The error is what is said of the record.
  Result<std::string, std::string> condition() {
    std::string json;
    if (!condition_ && !names_ && !has_values_ && !has_other_) return json;
    if (has_other_) return fail(std::string("The condition of the item is not well-formed"));
    JsonWriter out(&json);
    out.begin_object();
    if (condition_) out.member("ConditionExpression", *condition_);
    if (names_) {
      out.key("ExpressionAttributeNames");
      out.begin_object();
      for (const auto& [alias, name] : *names_) out.member(alias, name);
      out.end_object();
    }
    if (has_values_) {
      model::Item values;
      RETURN_IF_ERROR(values_.take(&values));
      out.key("ExpressionAttributeValues"), out.raw(values.text);
    }
    out.end_object();
    return json;
  }

  void begin_struct() override {
    ++depth_;
    if (builder_ != nullptr) return builder_->begin_map();
    if (is_inside_names_) has_other_ = true;
    if (depth_ != 2) return;
    if (field_ == Field::kItem) has_item_ = true, enter(&item_);
    if (field_ == Field::kValues) has_values_ = true, enter(&values_);
    if (field_ == Field::kNames) names_.emplace(), is_inside_names_ = true;
    if (field_ == Field::kCondition) has_other_ = true;
  }
  void field(std::string_view name) override {
    if (builder_ != nullptr) return builder_->name(name);
    if (depth_ == 1) field_ = field_of(name);
    if (is_inside_names_) alias_ = name;
  }
  void unknown_field() override {
    if (builder_ != nullptr) {
      return builder_->refuse("An Ion symbol has no text: its shared symbol table is not known");
    }
    if (is_inside_names_) has_other_ = true;
    if (depth_ == 1) field_ = Field::kOther;
  }
  void begin_list(std::string_view annotation) override {
    const bool belongs = is_inside();
    ++depth_;
    if (!belongs) return;
    if (annotation == "$dynamodb_SS") return builder_->begin_set(AttributeType::kStringSet);
    if (annotation == "$dynamodb_NS") return builder_->begin_set(AttributeType::kNumberSet);
    if (annotation == "$dynamodb_BS") return builder_->begin_set(AttributeType::kBinarySet);
    builder_->begin_list();
  }
  void end() override {
    --depth_;
    if (depth_ == 1) {
      builder_ = nullptr;
      is_inside_names_ = false;
    } else if (builder_ != nullptr) {
      builder_->end();
    }
  }

  void string(std::string_view text) override {
    if (builder_ == nullptr && depth_ == 1 && field_ == Field::kCondition) {
      condition_ = text;
    } else if (is_inside_names_ && depth_ == 2) {
      names_->emplace_back(alias_, text);
    } else if (is_inside()) {
      builder_->string(text);
    }
  }
  void symbol(std::string_view) override { other("symbol"); }
  void number(std::string_view text) override {
    if (is_inside()) builder_->number(text);
  }
  void binary(std::string_view bytes) override {
    if (is_inside()) builder_->binary(bytes);
  }
  void boolean(bool value) override {
    if (is_inside()) builder_->boolean(value);
  }
  void null() override {
    if (is_inside()) builder_->null();
  }
  void other(std::string_view kind) override {
    if (is_inside()) builder_->refuse("An Ion " + std::string(kind) + " is no attribute value");
  }

 private:
  // Which of the struct's own fields is at hand.
  enum class Field { kItem, kCondition, kNames, kValues, kOther };

  static Field field_of(std::string_view name) {
    if (name == "Item") return Field::kItem;
    if (name == "ConditionExpression") return Field::kCondition;
    if (name == "ExpressionAttributeNames") return Field::kNames;
    if (name == "ExpressionAttributeValues") return Field::kValues;
    return Field::kOther;
  }

  void enter(ItemBuilder* builder) {
    builder_ = builder;
    builder->begin();
  }

  // Whether a value belongs to the item, or to the values of its condition. One that stands in the item's
  // place makes it none.
  bool is_inside() {
    if (builder_ != nullptr) return true;
    if (is_inside_names_ || (depth_ == 1 && field_ != Field::kItem && field_ != Field::kOther))
      has_other_ = true;
    if (depth_ == 1 && field_ == Field::kItem) has_item_ = false;
    return false;
  }

  ItemBuilder& item_;
  ItemBuilder values_;
  ItemBuilder* builder_ = nullptr;  // one of these, while its struct is open
  int depth_ = 0;
  Field field_ = Field::kOther;
  bool has_item_ = false;
  bool has_values_ = false;
  bool is_inside_names_ = false;
  bool has_other_ = false;  // something in a condition that cannot be there
  std::string alias_;
  std::optional<std::string> condition_;
  std::optional<std::vector<std::pair<std::string, std::string>>> names_;
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
    auto condition = built ? events_.condition() : fail(std::move(built).error());
    if (!condition) {
      *message = std::move(condition).error();
      return Outcome::kBadItem;
    }
    record_ = *std::move(condition);
    return Outcome::kItem;
  }
  [[nodiscard]] std::string_view record() const override { return record_; }

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
  std::string record_;
  ItemBuilder builder_;
  ItemEvents events_{&builder_};
};

}  // namespace

std::unique_ptr<RecordReader> ion_reader() { return std::make_unique<IonReader>(); }

}  // namespace tidemark::transfer::format
