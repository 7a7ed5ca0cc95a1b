// Lines out of an answer that comes in pieces.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark::server {

class LineSplitter {
 public:
  explicit LineSplitter(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

  void add(std::string_view piece) {
    for (std::size_t end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      rest_ += piece.substr(0, end);
      take_(rest_);
      rest_.clear();
      piece.remove_prefix(end + 1);
    }
    rest_ += piece;
  }

 private:
  const std::function<void(std::string_view)> take_;
  std::string rest_;
};

}  // namespace tidemark::server
