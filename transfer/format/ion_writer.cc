#include "base/check.h"
#include "model/item.h"
#include "transfer/format/ion.h"
#include "transfer/format/record_writer.h"

namespace tidemark::transfer::format {
namespace {

void append_item_text(std::string* out, std::string_view item_text) {
  const auto item = model::parse_item(item_text);
  INVARIANT(item);
  append_ion(out, *item);
}

class IonWriter final : public RecordWriter {
 public:
  void append_item(std::string_view item_text, std::string* out) override {
    *out += "$ion_1_0 {Item:";
    append_item_text(out, item_text);
    *out += "}\n";
  }

  void append_change(const ChangeRecord& change, std::string* out) override {
    *out += "$ion_1_0 {Record:{Keys:";
    append_item_text(out, change.keys);
    *out += ",Metadata:{WriteTimestampMicros:";
    append_ion_decimal(out, std::to_string(change.write_time.micros));
    *out += '}';
    if (change.old_image) *out += ",OldImage:", append_item_text(out, *change.old_image);
    if (change.new_image) *out += ",NewImage:", append_item_text(out, *change.new_image);
    *out += "}}\n";
  }
};

}  // namespace

std::unique_ptr<RecordWriter> ion_writer() { return std::make_unique<IonWriter>(); }

}  // namespace tidemark::transfer::format
