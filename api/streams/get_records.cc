// Source: DynamoDB Streams API reference, GetRecords.
#include <optional>
#include <string>
#include <utility>

#include "api/core/capacity_meter.h"
#include "api/streams/shard_iterator.h"
#include "api/streams/stream_record.h"
#include "api/streams/stream_requests.h"
#include "api/streams/streams.h"

namespace tidemark::api {
namespace {

constexpr std::int64_t kRecordsMax = 1'000;

struct Request {
  ShardIterator iterator;
  std::size_t limit = kRecordsMax;
};

struct Response {
  storage::Stream stream;
  storage::StreamPage page;
  std::optional<std::string> next_iterator;  // nothing at the end of a closed shard
};

Shape shape() {
  return structure("GetRecordsInput", {{"ShardIterator", string().length(1, 2'048), Presence::kRequired},
                                       {"Limit", integer().range(1, kRecordsMax)}});
}

ApiResult<Request> parse(const Input& input) {
  auto iterator = parse_shard_iterator(input.string("ShardIterator").value_or(""));
  if (!iterator) return fail(validation("Invalid ShardIterator"));
  return Request{.iterator = *std::move(iterator),
                 .limit = static_cast<std::size_t>(input.integer("Limit").value_or(kRecordsMax))};
}

// Nothing when all of the shard was trimmed before anything of it was seen.
ApiResult<std::optional<storage::StreamPage>> read_page(const Request& request, const storage::Stream& stream,
                                                        storage::Streams& streams) {
  const ShardIterator& from = request.iterator;
  if (!from.is_at_trim_horizon && from.position.time < streams.horizon()) return fail(trimmed_data());
  ASSIGN_OR_RETURN(const auto shard,
                   streams.find_shard(stream, storage::shard_id(from.partition, from.shard_begin)));
  if (!shard && !from.is_at_trim_horizon) return fail(trimmed_data());
  if (!shard) return std::optional<storage::StreamPage>();
  const StreamView view = stream_view(stream.view_type);
  auto page = streams.read(stream, *shard, from.position,
                           {.records_max = request.limit,
                            .counts_old_images = view.has_old_image,
                            .counts_new_images = view.has_new_image});
  if (!page && page.error().code == ErrorCode::kNotFound) return fail(trimmed_data());
  if (!page) return fail(ApiError(page.error()));
  return std::optional(*std::move(page));
}

ApiResult<Response> execute(const Request& request, OperationContext& context) {
  const Timestamp now = context.clock.now();
  Response response;
  ASSIGN_OR_RETURN(response.stream, existing_stream(context, request.iterator.stream_arn));
  if (request.iterator.issued_at.plus_seconds(kIteratorSeconds) < now) {
    return fail(ApiError(ErrorType::kExpiredIterator, "Shard iterator has expired"));
  }
  ASSIGN_OR_RETURN(auto page, read_page(request, response.stream, context.engine.streams()));
  meter_stream_read(response.stream);
  if (!page) return response;
  if (!page->is_last) {
    ShardIterator next = request.iterator;
    next.position = page->next;
    next.is_at_trim_horizon = next.is_at_trim_horizon && page->records.empty();
    next.issued_at = now;
    response.next_iterator = to_text(next);
  }
  response.page = *std::move(page);
  return response;
}

void render(const Request&, const Response& response, JsonWriter& json) {
  json.key("Records");
  json.begin_array();
  for (const storage::StreamRecord& record : response.page.records) {
    render_stream_record(response.stream, record, json);
  }
  json.end_array();
  if (response.next_iterator) json.member("NextShardIterator", *response.next_iterator);
}

}  // namespace

Operation get_records() {
  return of_streams_service(make_operation("GetRecords", Cost::kSlow, shape(), parse, execute, render));
}

}  // namespace tidemark::api
