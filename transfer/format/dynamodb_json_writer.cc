// Source: DynamoDB developer guide, "DynamoDB table export output format"; order and spacing as real exports
// have them.
#include "transfer/format/record_writer.h"

namespace tidemark::transfer::format {
namespace {

class DynamoDbJsonWriter final : public RecordWriter {
 public:
  void append_item(std::string_view item_text, std::string* out) override {
    *out += R"({"Item":)";
    *out += item_text;
    *out += "}\n";
  }

  void append_change(const ChangeRecord& change, std::string* out) override {
    *out += R"({"Metadata":{"WriteTimestampMicros":{"N":")";
    *out += std::to_string(change.write_time.micros);
    *out += R"("}},"Keys":)";
    *out += change.keys;
    if (change.old_image) *out += R"(,"OldImage":)", *out += *change.old_image;
    if (change.new_image) *out += R"(,"NewImage":)", *out += *change.new_image;
    *out += "}\n";
  }
};

}  // namespace

std::unique_ptr<RecordWriter> dynamodb_json_writer() { return std::make_unique<DynamoDbJsonWriter>(); }

}  // namespace tidemark::transfer::format
