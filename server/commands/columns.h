// Text in columns, as the commands print it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::server {

using Row = std::vector<std::string>;

// Rows as lines, each column as wide as its widest cell.
std::vector<std::string> align_columns(const std::vector<Row>& rows);

// As many columns as the text takes on a terminal, taking every character for one column wide.
std::size_t columns_of(std::string_view text);
// As much of a line as fits into so many columns.
std::string fit_columns(std::string_view line, std::size_t columns);

// What a client chose must not move the cursor or colour the screen.
std::string printable(std::string_view text);
// The same, cut where it is too long for a column.
std::string shortened(std::string_view name);

// `512 B`, `1.5 KiB`, `3.0 GiB`.
std::string short_size(std::uint64_t bytes);

}  // namespace tidemark::server
