#include "s3emu/rest/core/copy_source.h"

namespace tidemark::s3emu {

S3Result<CopySource> parse_copy_source(const S3Request& request) {
  std::string_view text = request.header("x-amz-copy-source").value_or("");
  const auto invalid = [](const char* message) {
    return fail(S3Error::of(S3Code::kInvalidArgument, message).with("ArgumentName", "x-amz-copy-source"));
  };
  CopySource source;
  const std::size_t mark = text.find('?');
  if (mark != std::string_view::npos) {
    const auto query = parse_query(text.substr(mark + 1));
    for (const auto& [name, value] : query.value_or(NamedValues{})) {
      if (name == "versionId") source.version = value;
    }
    text = text.substr(0, mark);
  }
  const auto decoded = http::percent_decode(text, http::Plus::kPlus);
  if (!decoded) return invalid("Copy Source must be URL-encoded.");
  std::string_view path = *decoded;
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) {
    return invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  source.bucket = std::string(path.substr(0, slash));
  source.key = std::string(path.substr(slash + 1));
  return source;
}

}  // namespace tidemark::s3emu
