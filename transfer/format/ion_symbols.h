// Symbol tables of Ion: numbers that stand for texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transfer/format/ion_events.h"

namespace tidemark::transfer::format {

inline constexpr std::string_view kIonVersionMarker = "$ion_1_0";
inline constexpr std::string_view kIonSymbolTable = "$ion_symbol_table";

// The table of a file as far as it was read. Nobody has shared tables: their symbols are there, but without
// their texts.
class IonSymbols {
 public:
  // A file that defines more is given up on.
  static constexpr std::size_t kCountMax = 1 << 20;
  static constexpr std::size_t kTextBytesMax = 64 << 20;

  IonSymbols() { reset(); }

  // As behind a version marker: the symbols of Ion itself.
  void reset();

  struct Symbol {
    std::string text;
    bool has_text = false;
  };
  // Null when there is no symbol of that number. Valid until the table changes.
  [[nodiscard]] const Symbol* find(std::uint64_t id) const {
    return id < symbols_.size() ? &symbols_[id] : nullptr;
  }

  // False when the table would get too large.
  bool add(Symbol symbol);

 private:
  std::vector<Symbol> symbols_;  // by number
  std::size_t text_bytes_ = 0;
};

// Takes in one struct that is annotated with $ion_symbol_table.
class IonSymbolTableEvents final : public IonEvents {
 public:
  // Changes the table as the struct says. False when it says what cannot be.
  bool apply(IonSymbols* symbols);
  // For another struct.
  void clear() { *this = IonSymbolTableEvents(); }

  void begin_struct() override;
  void field(std::string_view name) override;
  void unknown_field() override { field({}); }
  void begin_list(std::string_view annotation) override;
  void end() override;
  void string(std::string_view text) override;
  void symbol(std::string_view text) override;
  void number(std::string_view text) override;
  void binary(std::string_view) override { other({}); }
  void boolean(bool) override { other({}); }
  void null() override { other({}); }
  void other(std::string_view kind) override;

 private:
  enum class Member { kNone, kImports, kSymbols };

  int depth_ = 0;
  Member member_ = Member::kNone;
  bool appends_ = false;
  bool is_in_max_id_ = false;
  std::optional<std::uint64_t> max_id_;
  std::uint64_t imported_ = 0;
  bool is_broken_ = false;
  std::vector<IonSymbols::Symbol> defined_;
};

}  // namespace tidemark::transfer::format
