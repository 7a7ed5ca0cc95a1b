#include "server/client/table_writer.h"

#include "base/json_writer.h"

namespace tidemark::server {
namespace {

// The limit of BatchWriteItem; and so much text that one more item leaves the request below its 16 MB.
constexpr std::size_t kBatchWritesMax = 25;
constexpr std::size_t kBatchBytesMax = 4U << 20;

}  // namespace

Result<void> TableWriter::add(const Change& change) {
  batch_ += batch_count_ == 0 ? "" : ",";
  batch_ += change.is_put ? R"({"PutRequest":{"Item":)" : R"({"DeleteRequest":{"Key":)";
  batch_ += change.text + "}}";
  ++batch_count_;
  ++(change.is_put ? puts_ : deletes_);
  return batch_count_ == kBatchWritesMax || batch_.size() >= kBatchBytesMax ? flush() : Result<void>();
}

Result<void> TableWriter::flush() {
  if (batch_count_ == 0) return {};
  std::string body = R"({"RequestItems":{)";
  append_json_string(&body, table_);
  body += ":[" + batch_ + "]}}";
  ASSIGN_OR_RETURN(const std::string answer, client_.call("BatchWriteItem", body));
  const auto root = document_.parse(answer);
  const auto left = root && root->is_object() ? root->find("UnprocessedItems") : std::nullopt;
  if (left && left->is_object() && left->size() > 0) {
    return fail(Error::unavailable("the server has no room for more writes"));
  }
  batch_.clear();
  batch_count_ = 0;
  return {};
}

}  // namespace tidemark::server
