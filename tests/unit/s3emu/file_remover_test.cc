#include "s3emu/store/file_remover.h"

#include <unistd.h>

#include <filesystem>

#include "base/check.h"
#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

TEST_CASE("what is to be removed is gone when the remover is") {
  std::string directory = (std::filesystem::temp_directory_path() / "remover-XXXXXX").string();
  INVARIANT(::mkdtemp(directory.data()) != nullptr);
  FileSystem& files = posix_file_system();
  const auto make = [&](int number) {
    std::string path = directory + "/" + std::to_string(number);
    INVARIANT(files.replace(path, "bytes", false).has_value());
    return path;
  };
  const bool in_background = GENERATE(false, true);
  {
    FileRemover remover(files, in_background);
    const std::string first = make(0);
    remover.remove({first, directory + "/not there"});
    CHECK((in_background || !files.exists(first)));
    for (int i = 1; i < 100; i += 2) remover.remove({make(i), make(i + 1)});
  }
  CHECK(files.list(directory).value().empty());
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace tidemark::s3emu
