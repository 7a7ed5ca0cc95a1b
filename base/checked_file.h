// Small text files that decide something: written at once, with a checksum that is verified when they are
// read.
//
// ON DISK: the text, which holds no line feed, then `\ncrc32c <8 hex digits>\n`; the checksum is that of the
// text.
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace tidemark {

// The text. Errors: kCorruption, naming the file, when it does not match its checksum or has none; those of
// read_file().
Result<std::string> read_checked_file(FileSystem& files, const std::string& path);

// Replaces the file: a reader, or a crash, sees the old text or the new one. With `sync`, also after a power
// loss. Errors: as FileSystem::replace().
Result<void> replace_checked_file(FileSystem& files, const std::string& path, std::string_view text,
                                  bool sync);

}  // namespace tidemark
