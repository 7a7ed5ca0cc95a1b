// A setting of buckets in the form that is asked for again and again.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

// What was parsed last of each bucket. A bucket that has changed is parsed again.
// Thread-safety: may be called concurrently.
template <class T>
class ParsedSetting {
 public:
  using Parse = S3Result<T> (*)(const std::string& document);

  // `param` names the setting.
  ParsedSetting(std::string_view param, Parse parse) : param_(param), parse_(parse) {}

  // nullptr when it was never set, or cannot be read any more.
  std::shared_ptr<const T> of(const Bucket& bucket) {
    const std::string* const document = bucket.setting(param_);
    if (document == nullptr) return nullptr;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = known_.find(bucket.info.name);
      if (found != known_.end() && found->second.revision == bucket.revision) return found->second.value;
    }
    auto parsed = parse_(*document);
    if (!parsed) return nullptr;
    auto value = std::make_shared<const T>(std::move(*parsed));
    const std::scoped_lock lock(mutex_);
    if (known_.size() >= kBucketsMax) known_.clear();
    known_.insert_or_assign(bucket.info.name, Known{bucket.revision, value});
    return value;
  }

 private:
  static constexpr std::size_t kBucketsMax = 1000;
  struct Known {
    std::uint64_t revision = 0;
    std::shared_ptr<const T> value;
  };

  const std::string param_;
  const Parse parse_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;  // guarded by mutex_
};

}  // namespace tidemark::s3emu
