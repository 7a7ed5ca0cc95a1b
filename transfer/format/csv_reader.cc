#include <csv.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/utf8.h"
#include "transfer/format/item_builder.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {
namespace {

constexpr std::size_t kSliceBytes = 64 << 10;   // parsed at a time: its rows wait in memory
constexpr std::size_t kColumnsMax = 64 << 10;   // of a header
constexpr std::size_t kFieldGrowth = 16 << 10;  // of libcsv's buffer for a field

// libcsv, with the rules of RFC 4180: a quote stands only around a field or doubled inside one, blanks belong
// to the field. Lines end with CR, LF or both; empty ones are left out.
class Parser {
 public:
  explicit Parser(char delimiter) {
    INVARIANT(csv_init(&state_, CSV_STRICT | CSV_STRICT_FINI) == 0);
    csv_set_delim(&state_, static_cast<unsigned char>(delimiter));
    csv_set_space_func(&state_, [](unsigned char) { return 0; });
    csv_set_blk_size(&state_, kFieldGrowth);
  }
  ~Parser() { csv_free(&state_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // Calls `sink`'s on_field(text) and on_row(). False when the text breaks the rules.
  template <class Sink>
  bool parse(std::string_view text, Sink* sink) {
    return csv_parse(&state_, text.data(), text.size(), &on_field<Sink>, &on_row<Sink>, sink) == text.size();
  }
  template <class Sink>
  bool finish(Sink* sink) {
    return csv_fini(&state_, &on_field<Sink>, &on_row<Sink>, sink) == 0;
  }
  // The size so far of the field that has not ended yet.
  [[nodiscard]] std::size_t field_bytes() const { return state_.entry_pos; }

 private:
  template <class Sink>
  static void on_field(void* bytes, std::size_t size, void* sink) {
    static_cast<Sink*>(sink)->on_field({static_cast<const char*>(bytes), size});
  }
  template <class Sink>
  static void on_row(int, void* sink) {
    static_cast<Sink*>(sink)->on_row();
  }

  csv_parser state_{};
};

// The rows that were parsed and not yet taken, and the one that is being parsed.
class Rows {
 public:
  // Fields of a row behind kColumnsMax are counted, not kept.
  void on_field(std::string_view text) {
    if (field_count_++ >= kColumnsMax) return;
    text_ += text;
    field_ends_.push_back(text_.size());
  }
  void on_row() {
    rows_.push_back({field_ends_.size(), field_count_});
    field_count_ = 0;
  }

  // Whether fields of a row have come that has not ended.
  [[nodiscard]] bool is_in_row() const { return field_count_ > 0; }

  // Makes the next row the current one; false when there is none.
  bool next() {
    first_field_ = next_row_ == 0 ? 0 : rows_[next_row_ - 1].fields_end;
    if (next_row_ == rows_.size()) return forget_taken();
    ++next_row_;
    return true;
  }
  // The current row's.
  [[nodiscard]] std::size_t field_count() const { return rows_[next_row_ - 1].field_count; }
  [[nodiscard]] std::string_view field(std::size_t index) const {
    const std::size_t at = first_field_ + index;
    const std::size_t begin = at == 0 ? 0 : field_ends_[at - 1];
    return std::string_view(text_).substr(begin, field_ends_[at] - begin);
  }

 private:
  struct Row {
    std::size_t fields_end = 0;   // in field_ends_
    std::size_t field_count = 0;  // those that are not kept among them
  };

  // Leaves what there is of a row that has not ended.
  bool forget_taken() {
    const std::size_t text_begin = first_field_ == 0 ? 0 : field_ends_[first_field_ - 1];
    text_.erase(0, text_begin);
    field_ends_.erase(field_ends_.begin(), field_ends_.begin() + static_cast<std::ptrdiff_t>(first_field_));
    for (std::size_t& end : field_ends_) end -= text_begin;
    rows_.clear();
    next_row_ = 0;
    return false;
  }

  std::string text_;
  std::vector<std::size_t> field_ends_;  // in text_
  std::vector<Row> rows_;
  std::size_t next_row_ = 0;
  std::size_t first_field_ = 0;  // of the current row, in field_ends_
  std::size_t field_count_ = 0;  // of the row that is being parsed
};

struct Column {
  std::string name;
  model::KeyType type = model::KeyType::kString;
};

class CsvReader final : public RecordReader {
 public:
  CsvReader(const CsvOptions& options, std::span<const model::AttributeDefinition> typed)
      : typed_(typed.begin(), typed.end()), parser_(options.delimiter) {
    if (!options.header.empty()) set_columns(options.header);
  }

  void feed(std::string_view bytes) override { rest_ = bytes; }
  void end() override { is_ended_ = true; }

  Outcome next(model::Item* item, std::string* message) override {
    while (true) {
      if (rows_.next()) {
        row_bytes_ = 0;
        const bool is_header = columns_.empty();
        if (is_header) take_header();
        if (!header_refusal_.empty()) return abandon(message, header_refusal_);
        if (is_header) continue;
        return take_row(item, message);
      }
      if (is_broken_) {
        return abandon(message, "Fields with quotes in them must be quoted, and the quotes in them doubled");
      }
      if (row_bytes_ > kRecordBytesMax) return abandon(message, "The row is too large");
      if (!parse_more()) return Outcome::kNeedMore;
    }
  }

 private:
  static Outcome abandon(std::string* message, std::string_view why) {
    *message = why;
    return Outcome::kAbandon;
  }

  // False when there is nothing to parse.
  bool parse_more() {
    if (!rest_.empty()) {
      const std::string_view slice = rest_.substr(0, kSliceBytes);
      rest_.remove_prefix(slice.size());
      row_bytes_ += slice.size();
      is_broken_ = !parser_.parse(slice, &rows_);
      // Empty lines belong to no row, however many there are.
      if (!rows_.is_in_row() && parser_.field_bytes() == 0) row_bytes_ = 0;
      return true;
    }
    if (!is_ended_ || std::exchange(is_finished_, true)) return false;
    is_broken_ = !parser_.finish(&rows_);
    return true;
  }

  void set_columns(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto typed = std::ranges::find(typed_, name, &model::AttributeDefinition::name);
      columns_.push_back({name, typed == typed_.end() ? model::KeyType::kString : typed->type});
    }
    by_name_.resize(columns_.size());
    std::iota(by_name_.begin(), by_name_.end(), 0);
    const auto name_at = [this](std::size_t at) -> const std::string& { return columns_[at].name; };
    std::ranges::sort(by_name_, {}, name_at);
    const bool has_repeats = std::ranges::adjacent_find(by_name_, {}, name_at) != by_name_.end();
    if (has_repeats) header_refusal_ = "The header has a column twice";
  }

  void take_header() {
    std::vector<std::string> names;
    if (rows_.field_count() > kColumnsMax) {
      header_refusal_ = "The header has too many columns";
      return;
    }
    for (std::size_t i = 0; i < rows_.field_count(); ++i) names.emplace_back(rows_.field(i));
    set_columns(names);
    if (!std::ranges::all_of(names, is_utf8)) header_refusal_ = kUnexpectedToken;
  }

  Outcome take_row(model::Item* item, std::string* message) {
    if (rows_.field_count() != columns_.size()) {
      *message = "The row has " + std::to_string(rows_.field_count()) + " columns, the header " +
                 std::to_string(columns_.size());
      return Outcome::kBadItem;
    }
    builder_.begin();
    for (const std::size_t at : by_name_) {
      const std::string_view text = rows_.field(at);
      if (text.empty()) continue;
      builder_.name(columns_[at].name);
      add_value(columns_[at].type, text);
    }
    auto taken = builder_.take(item);
    if (taken) return Outcome::kItem;
    *message = std::move(taken).error();
    return Outcome::kBadItem;
  }

  void add_value(model::KeyType type, std::string_view text) {
    switch (type) {
      case model::KeyType::kString:
        if (!is_utf8(text)) return builder_.refuse("One or more parameter values were invalid: Not UTF-8");
        return builder_.string(text);
      case model::KeyType::kNumber:
        return builder_.number(text);
      case model::KeyType::kBinary:
        break;
    }
    const auto bytes = base64_decode(text);
    if (!bytes) return builder_.refuse("One or more parameter values were invalid: Not in Base64");
    builder_.binary(*bytes);
  }

  const std::vector<model::AttributeDefinition> typed_;
  std::vector<Column> columns_;       // empty until the header is read
  std::string_view header_refusal_;   // what is wrong with it; empty: nothing
  std::vector<std::size_t> by_name_;  // indices of columns_
  Parser parser_;
  Rows rows_;
  ItemBuilder builder_;
  std::string_view rest_;      // fed, not yet parsed
  std::size_t row_bytes_ = 0;  // parsed since a row was last taken, or none had begun
  bool is_broken_ = false;
  bool is_ended_ = false;
  bool is_finished_ = false;
};

}  // namespace

std::unique_ptr<RecordReader> csv_reader(const CsvOptions& options,
                                         std::span<const model::AttributeDefinition> typed) {
  return std::make_unique<CsvReader>(options, typed);
}

}  // namespace tidemark::transfer::format
