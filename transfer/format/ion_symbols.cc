#include "transfer/format/ion_symbols.h"

#include <charconv>
#include <utility>

namespace tidemark::transfer::format {

void IonSymbols::reset() {
  symbols_.assign(1, Symbol{});  // $0 has no text
  text_bytes_ = 0;
  for (const std::string_view name : {"$ion", "$ion_1_0", "$ion_symbol_table", "name", "version", "imports",
                                      "symbols", "max_id", "$ion_shared_symbol_table"}) {
    add({std::string(name), true});
  }
}

bool IonSymbols::add(Symbol symbol) {
  text_bytes_ += symbol.text.size();
  if (symbols_.size() >= kCountMax || text_bytes_ > kTextBytesMax) return false;
  symbols_.push_back(std::move(symbol));
  return true;
}

void IonSymbolTableEvents::begin_struct() {
  if (depth_ == 2 && member_ == Member::kSymbols) other({});
  ++depth_;
  if (depth_ == 3) max_id_.reset();
}

void IonSymbolTableEvents::field(std::string_view name) {
  if (depth_ == 1) {
    member_ = name == "imports" ? Member::kImports : name == "symbols" ? Member::kSymbols : Member::kNone;
  }
  is_in_max_id_ = depth_ == 3 && name == "max_id";
}

void IonSymbolTableEvents::begin_list(std::string_view) {
  if (depth_ == 2 && member_ == Member::kSymbols) other({});
  ++depth_;
}

void IonSymbolTableEvents::end() {
  if (depth_ == 3 && member_ == Member::kImports) {
    if (!max_id_ || *max_id_ > IonSymbols::kCountMax) is_broken_ = true;
    if (!is_broken_) imported_ += *max_id_;
    if (imported_ > IonSymbols::kCountMax) is_broken_ = true;
  }
  --depth_;
}

void IonSymbolTableEvents::string(std::string_view text) {
  if (depth_ == 2 && member_ == Member::kSymbols) defined_.push_back({std::string(text), true});
}

void IonSymbolTableEvents::symbol(std::string_view text) {
  if (depth_ == 1 && member_ == Member::kImports && text == kIonSymbolTable) appends_ = true;
  other({});
}

void IonSymbolTableEvents::number(std::string_view text) {
  if (is_in_max_id_ && depth_ == 3) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) max_id_ = value;
  }
  other({});
}

// Whatever is no string defines a symbol without text.
void IonSymbolTableEvents::other(std::string_view) {
  if (depth_ == 2 && member_ == Member::kSymbols) defined_.emplace_back();
}

bool IonSymbolTableEvents::apply(IonSymbols* symbols) {
  if (is_broken_) return false;
  if (!appends_) symbols->reset();
  for (std::uint64_t i = 0; i < imported_; ++i) {
    if (!symbols->add({})) return false;
  }
  for (IonSymbols::Symbol& symbol : defined_) {
    if (!symbols->add(std::move(symbol))) return false;
  }
  return true;
}

}  // namespace tidemark::transfer::format
