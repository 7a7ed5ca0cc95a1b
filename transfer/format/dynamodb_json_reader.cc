#include "base/json.h"
#include "model/words/values.h"
#include "transfer/format/dynamodb_json.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {
namespace {

class DynamoDbJsonReader final : public RecordReader {
 public:
  void feed(std::string_view bytes) override { splitter_.feed(bytes); }
  void end() override { ended_ = true; }

  Outcome next(model::Item* item, std::string* message) override {
    switch (splitter_.next(&record_)) {
      case JsonObjectSplitter::Outcome::kNeedMore:
        if (!ended_ || splitter_.at_clean_end()) return Outcome::kNeedMore;
        return abandon(message, "The file ends inside an item");
      case JsonObjectSplitter::Outcome::kBroken:
        return abandon(message, kUnexpectedToken);
      case JsonObjectSplitter::Outcome::kRecord:
        break;
    }
    const auto root = document_.parse(record_);
    if (!root || !root->is_object()) return abandon(message, kUnexpectedToken);
    const auto attributes = root->find("Item");
    if (!attributes || !attributes->is_object()) return abandon(message, kItemExpected);
    auto read = model::item_from_json(*attributes);
    if (!read) {
      *message = model::words::value_message(read.error(), model::Wording::kClassic);
      return Outcome::kBadItem;
    }
    *item = *std::move(read);
    return Outcome::kItem;
  }

  [[nodiscard]] std::string_view record() const override { return record_; }

 private:
  static Outcome abandon(std::string* message, std::string_view why) {
    *message = why;
    return Outcome::kAbandon;
  }

  JsonObjectSplitter splitter_;
  std::string_view record_;
  json::Document document_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<RecordReader> dynamodb_json_reader() { return std::make_unique<DynamoDbJsonReader>(); }

}  // namespace tidemark::transfer::format
