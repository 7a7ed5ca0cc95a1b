#include "transfer/format/ion_export_line.h"

#include <array>
#include <utility>

#include "transfer/format/ion_parser.h"
#include "transfer/format/item_builder.h"

namespace tidemark::transfer::format {
namespace {

constexpr std::array<std::string_view, 4> kImages = {"Item", "Keys", "OldImage", "NewImage"};

// Takes in the struct of one line, and makes JSON of the images in it.
class LineEvents final : public IonEvents {
 public:
  void begin() {
    depth_ = 0;
    is_record_ = is_inside_ = false;
    field_.clear();
    refusal_.clear();
    json_ = "{";
  }
  // Errors: what is wrong with an image; that there is none.
  Result<std::string, std::string> take() {
    if (!refusal_.empty()) return fail(refusal_);
    if (json_.size() == 1) return fail(std::string("neither an item nor a record"));
    return json_ + '}';
  }

  void begin_struct() override {
    ++depth_;
    if (is_inside_) return item_.begin_map();
    if (depth_ == 2 && field_ == "Record") is_record_ = true;
    const bool is_image = depth_ == (is_record_ ? 3 : 2) && is_known(field_);
    if (!is_image) return;
    is_inside_ = true;
    image_depth_ = depth_;
    item_.begin();
  }
  void field(std::string_view name) override {
    if (is_inside_) return item_.name(name);
    field_ = name;
  }
  void unknown_field() override {
    if (is_inside_) return item_.refuse("a symbol has no text");
    field_.clear();
  }
  void begin_list(std::string_view annotation) override {
    ++depth_;
    if (!is_inside_) return;
    if (annotation == "$dynamodb_SS") return item_.begin_set(model::AttributeType::kStringSet);
    if (annotation == "$dynamodb_NS") return item_.begin_set(model::AttributeType::kNumberSet);
    if (annotation == "$dynamodb_BS") return item_.begin_set(model::AttributeType::kBinarySet);
    item_.begin_list();
  }
  void end() override {
    if (!is_inside_) {
      --depth_;
    } else if (depth_-- > image_depth_) {
      item_.end();
    } else {
      is_inside_ = false;
      add_image();
    }
  }

  void string(std::string_view text) override {
    if (is_inside_) item_.string(text);
  }
  void symbol(std::string_view /*text*/) override { other("symbol"); }
  void number(std::string_view text) override {
    if (is_inside_) item_.number(text);
  }
  void binary(std::string_view bytes) override {
    if (is_inside_) item_.binary(bytes);
  }
  void boolean(bool value) override {
    if (is_inside_) item_.boolean(value);
  }
  void null() override {
    if (is_inside_) item_.null();
  }
  void other(std::string_view kind) override {
    if (is_inside_) item_.refuse("an Ion " + std::string(kind) + " is no attribute value");
  }

 private:
  [[nodiscard]] bool is_known(std::string_view name) const {
    // A full export has items alone, a record anything but them.
    const bool is_item = name == kImages.front();
    if (is_item == is_record_) return false;
    for (const std::string_view image : kImages) {
      if (image == name) return true;
    }
    return false;
  }

  void add_image() {
    model::Item item;
    if (auto taken = item_.take(&item); !taken) {
      if (refusal_.empty()) refusal_ = std::move(taken).error();
      return;
    }
    if (json_.size() > 1) json_ += ',';
    json_.append("\"").append(field_).append("\":").append(item.text);
  }

  ItemBuilder item_;
  int depth_ = 0;
  int image_depth_ = 0;
  bool is_record_ = false;
  bool is_inside_ = false;
  std::string field_;
  std::string refusal_;
  std::string json_;
};

}  // namespace

struct IonExportLines::Impl {
  std::unique_ptr<IonParser> parser = ion_text_parser();
  LineEvents events;
};

IonExportLines::IonExportLines() : impl_(std::make_unique<Impl>()) {}

IonExportLines::~IonExportLines() = default;

Result<std::string> IonExportLines::to_json(std::string_view line) {
  const auto broken = [&](std::string_view why) {
    impl_->parser = ion_text_parser();  // of what it was in the middle of, nothing is left to the next line
    return fail(Error::corruption("a record cannot be read, " + std::string(why) + ": " +
                                  std::string(line.substr(0, 200))));
  };
  std::size_t taken = 0;
  impl_->events.begin();
  if (impl_->parser->next(line, true, impl_->events, &taken) != IonParser::Step::kStruct) {
    return broken("it is no struct of Ion");
  }
  auto json = impl_->events.take();
  if (!json) return broken(json.error());
  if (impl_->parser->next(line.substr(taken), true, impl_->events, &taken) != IonParser::Step::kEnd) {
    return broken("something comes behind its struct");
  }
  return *std::move(json);
}

}  // namespace tidemark::transfer::format
