// What was made of texts, each made once.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tidemark::api {

// Thread-safe. Forgets everything when it is full: meant for few texts that are asked for often.
template <class Made>
class TextCache {
 public:
  using Pointer = std::shared_ptr<const Made>;

  explicit TextCache(std::size_t texts_max) : texts_max_(texts_max) {}

  Pointer get(std::string_view text, const std::function<Pointer(std::string_view)>& make) {
    const std::lock_guard lock(mutex_);
    const std::string key(text);
    const auto found = made_.find(key);
    if (found != made_.end()) return found->second;
    if (made_.size() >= texts_max_) made_.clear();
    return made_.emplace(key, make(text)).first->second;
  }

 private:
  const std::size_t texts_max_;
  std::mutex mutex_;
  std::unordered_map<std::string, Pointer> made_;
};

}  // namespace tidemark::api
