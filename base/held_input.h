// Input that a decoder could not use yet, kept for its next call.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

// One call of the decoder has one of these, around what is kept from call to call. Not thread-safe.
class HeldInput {
 public:
  // What there is to decode: what was kept before, and `bytes` behind it. Valid until keep().
  HeldInput(std::string* kept, std::string_view bytes)
      : kept_(kept), joined_(std::exchange(*kept, {})), is_joined_(!joined_.empty()), bytes_(bytes) {
    if (is_joined_) bytes_ = joined_.append(bytes);
  }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }

  // `rest`, an end of bytes(), is for the next call.
  void keep(std::string_view rest) && {
    if (is_joined_) {
      joined_.erase(0, joined_.size() - rest.size());
      *kept_ = std::move(joined_);
    } else {
      kept_->assign(rest);
    }
  }

 private:
  std::string* kept_;
  std::string joined_;
  bool is_joined_;
  std::string_view bytes_;
};

}  // namespace tidemark
