#include "base/checked_file.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"

namespace tidemark {
namespace {

// `\ncrc32c 0123abcd\n`
std::string trailer_of(std::string_view text) {
  std::string checksum;
  append_u32_be(&checksum, crc32c(0, text));
  return "\ncrc32c " + to_hex(checksum) + '\n';
}

}  // namespace

Result<std::string> read_checked_file(FileSystem& files, const std::string& path) {
  ASSIGN_OR_RETURN(std::string content, read_file(files, path));
  const std::string_view text = std::string_view(content).substr(0, content.find('\n'));
  if (content.substr(text.size()) != trailer_of(text)) {
    return fail(Error::corruption(path + " is damaged: it does not match its checksum"));
  }
  content.resize(text.size());
  return content;
}

Result<void> replace_checked_file(FileSystem& files, const std::string& path, std::string_view text,
                                  bool sync) {
  INVARIANT(text.find('\n') == std::string_view::npos);
  return files.replace(path, std::string(text) + trailer_of(text), sync);
}

}  // namespace tidemark
