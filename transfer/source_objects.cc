#include "transfer/source_objects.h"

#include <iterator>
#include <utility>

#include "transfer/failure.h"

namespace tidemark::transfer {

using jobs::JobFailure;
using jobs::JobResult;

JobResult<std::vector<ListedObject>> list_source(Bucket& bucket, const std::string& prefix,
                                                 std::string_view reader, Random& random,
                                                 const jobs::JobStop& stop) {
  std::vector<ListedObject> sources;
  std::string from;
  while (true) {
    if (stop.requested()) return fail(stop.failure());
    auto page = bucket.list(prefix, from);
    if (!page && stop.requested()) return fail(stop.failure());
    if (!page) return fail(failure_of(page.error(), random));
    std::move(page->objects.begin(), page->objects.end(), std::back_inserter(sources));
    if (sources.size() > kSourceObjectsMax) {
      return fail(JobFailure{.code = "TooManyObjects",
                             .message = std::string(reader) + " reads at most " +
                                        std::to_string(kSourceObjectsMax) +
                                        " objects; more match the prefix."});
    }
    if (page->next.empty()) return sources;
    from = std::move(page->next);
  }
}

void plan_objects(const std::vector<ListedObject>& sources, jobs::JobProgress& progress) {
  std::vector<jobs::PlannedPart> parts;
  parts.reserve(sources.size());
  for (const auto& source : sources) parts.push_back({source.key, source.size});
  progress.plan(std::move(parts), jobs::Measure::kBytes);
}

Result<std::uint64_t> feed_object(const File& data, std::uint64_t size, const std::string& key,
                                  std::size_t block_bytes, const jobs::JobStop& stop,
                                  format::RecordStream& stream,
                                  const std::function<Result<bool>(std::uint64_t)>& take) {
  std::string block(block_bytes, '\0');
  std::uint64_t offset = 0;
  while (offset < size) {
    if (stop.requested()) return fail(Error::unavailable("stopped"));
    ASSIGN_OR_RETURN(const std::size_t got, data.read_at(offset, block.data(), block.size()));
    if (got == 0) return fail(Error::io("object ends early: " + key));
    offset += got;
    stream.feed(std::string_view(block).substr(0, got));
    ASSIGN_OR_RETURN(const bool goes_on, take(got));
    if (!goes_on) return offset;
  }
  stream.end();
  auto taken = take(0);
  if (!taken) return fail(std::move(taken).error());
  return offset;
}

}  // namespace tidemark::transfer
