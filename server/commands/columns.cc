#include "server/commands/columns.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace tidemark::server {
namespace {

// The widest name of a part that is printed whole.
constexpr std::size_t kNameColumnsMax = 40;

// In UTF-8, the bytes that go on with a character take no column.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

std::vector<std::string> align_columns(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - columns_of(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::string fit_columns(std::string_view line, std::size_t columns) {
  std::size_t end = 0;
  for (; end < line.size(); ++end) {
    if (begins_character(line[end]) && columns-- == 0) break;
  }
  return std::string(line.substr(0, end));
}

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return out;
}

std::string shortened(std::string_view name) {
  std::string text = printable(name);
  if (columns_of(text) <= kNameColumnsMax) return text;
  return fit_columns(text, kNameColumnsMax - 3) + "...";
}

std::string short_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  // From 1,023.95 on the number would be written as 1024.0.
  while (size >= 1023.95 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", size, kUnits[unit]);
  return text.data();
}

}  // namespace tidemark::server
