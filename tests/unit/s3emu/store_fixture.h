// A store in a temporary directory of its own.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "base/check.h"
#include "base/schedule.h"
#include "s3emu/store/object_store.h"

namespace tidemark::s3emu {

class StoreFixture {
 public:
  StoreFixture() {
    std::string pattern = (std::filesystem::temp_directory_path() / "s3emu-XXXXXX").string();
    INVARIANT(::mkdtemp(pattern.data()) != nullptr);
    directory = pattern;
    open();
  }
  ~StoreFixture() {
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  StoreFixture(const StoreFixture&) = delete;
  StoreFixture& operator=(const StoreFixture&) = delete;

  void open() {
    store.reset();
    auto opened = ObjectStore::open(directory, {.sync = false, .schedule = &schedule, .remove_at_once = true},
                                    clock, random);
    INVARIANT(opened.has_value());
    store = std::move(*opened);
  }

  [[nodiscard]] std::size_t data_file_count() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory + "/data")) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }

  std::string directory;
  ManualClock clock{Timestamp::from_seconds(1'790'000'000)};
  Schedule schedule{clock};
  SystemRandom random;
  std::unique_ptr<ObjectStore> store;
};

}  // namespace tidemark::s3emu
