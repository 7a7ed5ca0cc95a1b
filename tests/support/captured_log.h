// What is written to standard error while this object lives.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace tidemark {

class CapturedLog {
 public:
  CapturedLog() : file_(std::tmpfile()), kept_(::dup(STDERR_FILENO)) {
    if (file_ == nullptr || kept_ < 0) std::abort();
    std::fflush(stderr);
    ::dup2(::fileno(file_), STDERR_FILENO);
  }
  ~CapturedLog() {
    std::fflush(stderr);
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
    std::fclose(file_);
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // So far.
  [[nodiscard]] std::string text() const {
    std::fflush(stderr);
    std::string out(64 << 10, '\0');
    const ssize_t size = ::pread(::fileno(file_), out.data(), out.size(), 0);
    out.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return out;
  }

 private:
  std::FILE* const file_;
  const int kept_;
};

}  // namespace tidemark
