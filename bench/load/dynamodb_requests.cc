#include <algorithm>
#include <cstdio>
#include <map>

#include "bench/load/request.h"
#include "bench/rich_item.h"
#include "bench/sample_item.h"

namespace tidemark::bench {
namespace {

std::string key_of(std::uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "k%07u", number);
  return text;
}

std::string item_of(std::uint32_t number, std::uint32_t version) {
  return sample_item(key_of(number), "item", number % 100, version);
}

std::string rich_item_of(std::uint32_t number, std::uint32_t version) {
  return rich_item(key_of(number), "item", number % 100, version);
}

std::string table_member(const Settings& settings) { return R"({"TableName":")" + settings.table + '"'; }

std::string key_member(std::uint32_t number) {
  return R"(,"Key":{"pk":{"S":")" + key_of(number) + R"("},"sk":{"S":"item"}})";
}

Request post_to(const Settings& settings, const std::string& target, const std::string& body) {
  const std::string past = settings.as_of.empty() ? "" : "\r\nX-Tidemark-As-Of: " + settings.as_of;
  return {"POST / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(settings.port) +
              "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: " + target +
              "\r\nX-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 "
              "Credential=bench/20260101/us-east-1/dynamodb/aws4_request, "
              "SignedHeaders=host;x-amz-date;x-amz-target, "
              "Signature=0000000000000000000000000000000000000000000000000000000000000000" +
              past + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
          {},
          false};
}

Request post(const Settings& settings, const std::string& operation, const std::string& body) {
  return post_to(settings, "DynamoDB_20120810." + operation, body);
}

// The same HTTP server answering without a database behind it.
Request health_check(const Settings&, std::uint32_t, std::uint32_t) {
  return {"GET /_tidemark/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", {}, false};
}

Request put_item(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  return post(settings, "PutItem", table_member(settings) + R"(,"Item":)" + item_of(number, version) + "}");
}

Request put_rich_item(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  return post(settings, "PutItem",
              table_member(settings) + R"(,"Item":)" + rich_item_of(number, version) + "}");
}

Request get_item(const Settings& settings, std::uint32_t number, std::uint32_t) {
  return post(settings, "GetItem",
              table_member(settings) + key_member(number) + R"(,"ConsistentRead":true})");
}

Request update_item(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  return post(
      settings, "UpdateItem",
      table_member(settings) + key_member(number) +
          R"(,"UpdateExpression":"SET a = :a ADD version :one","ExpressionAttributeValues":{":a":{"S":")" +
          words(number + version, 150) + R"("},":one":{"N":"1"}}})");
}

// One attribute of 25.
Request update_rich_item(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  return post(settings, "UpdateItem",
              table_member(settings) + key_member(number) +
                  R"(,"UpdateExpression":"SET orderStatus = :s","ExpressionAttributeValues":{":s":{"S":")" +
                  words(number + version, 8) + R"("}}})");
}

// Ten items of one partition: what the workload `fill-query` wrote.
Request query(const Settings& settings, std::uint32_t number, std::uint32_t) {
  return post(settings, "Query",
              table_member(settings) +
                  R"(,"KeyConditionExpression":"pk = :p","ExpressionAttributeValues":{":p":{"S":"q)" +
                  std::to_string(number % std::max(settings.keys / 10, 1U)) + R"("}}})");
}

Request put_item_of_query(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  const std::string item = sample_item("q" + std::to_string(number / 10), "i" + std::to_string(number % 10),
                                       number % 100, version);
  return post(settings, "PutItem", table_member(settings) + R"(,"Item":)" + item + "}");
}

Request scan(const Settings& settings, std::uint32_t, std::uint32_t) {
  return post(settings, "Scan", table_member(settings) + R"(,"Limit":100})");
}

// As many items as scan() reads; one of a hundred is in the answer.
Request scan_with_filter(const Settings& settings, std::uint32_t number, std::uint32_t) {
  return post(settings, "Scan",
              table_member(settings) +
                  R"(,"Limit":100,"FilterExpression":"gk = :g","ExpressionAttributeValues":{":g":{"S":"g)" +
                  std::to_string(number % 100) + R"("}}})");
}

// Ten items of one group.
Request query_index(const Settings& settings, std::uint32_t number, std::uint32_t) {
  return post(settings, "Query",
              table_member(settings) +
                  R"(,"IndexName":"by-group","Limit":10,"KeyConditionExpression":"gk = :g",)"
                  R"("ExpressionAttributeValues":{":g":{"S":"g)" +
                  std::to_string(number % 100) + R"("}}})");
}

// A hundred items.
Request batch_get(const Settings& settings, std::uint32_t first, std::uint32_t) {
  std::string body = R"({"RequestItems":{")" + settings.table + R"(":{"Keys":[)";
  for (std::uint32_t i = 0; i < 100; ++i) {
    if (i > 0) body += ',';
    body += R"({"pk":{"S":")" + key_of((first + i) % settings.keys) + R"("},"sk":{"S":"item"}})";
  }
  return post(settings, "BatchGetItem", body + "]}}}");
}

using MakeItem = std::string (*)(std::uint32_t number, std::uint32_t version);

Request batch_write_of(MakeItem make, const Settings& settings, std::uint32_t first, std::uint32_t version) {
  std::string body = R"({"RequestItems":{")" + settings.table + R"(":[)";
  for (std::uint32_t i = 0; i < 25; ++i) {
    if (i > 0) body += ',';
    body += R"({"PutRequest":{"Item":)" + make((first + i) % settings.keys, version) + "}}";
  }
  return post(settings, "BatchWriteItem", body + "]}}");
}

Request batch_write(const Settings& settings, std::uint32_t first, std::uint32_t version) {
  return batch_write_of(item_of, settings, first, version);
}

Request batch_write_rich(const Settings& settings, std::uint32_t first, std::uint32_t version) {
  return batch_write_of(rich_item_of, settings, first, version);
}

// Number n stands for the items 25 n … 25 n + 24: each key once, in order.
Request fill_batch(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  return batch_write(settings, number * 25 % settings.keys, version);
}

// Four puts with a token, as SDKs send it. Number n stands for the items 4 n ... 4 n + 3.
Request transact_write(const Settings& settings, std::uint32_t number, std::uint32_t version) {
  const std::uint32_t first = number * 4 % settings.keys;
  const std::string token(kTokenBytes, '0');
  std::string body = R"({"ClientRequestToken":")" + token + R"(","TransactItems":[)";
  for (std::uint32_t i = 0; i < 4; ++i) {
    if (i > 0) body += ',';
    body += R"({"Put":)" + table_member(settings) + R"(,"Item":)" + item_of(first + i, version) + "}}";
  }
  Request request = post(settings, "TransactWriteItems", body + "]}");
  request.token_offset = request.text.find(token, request.text.find("\r\n\r\n"));
  return request;
}

// The same page again and again.
Request get_records(const Settings& settings, std::uint32_t, std::uint32_t) {
  return post_to(settings, "DynamoDBStreams_20120810.GetRecords",
                 R"({"ShardIterator":")" + settings.iterator + R"("})");
}

// A queue of 25 items: every other request puts one at its end, those between take one from its head.
Request pass_through_queue(const Settings& settings, std::uint32_t number, std::uint32_t) {
  constexpr std::uint32_t kLength = 25;
  const std::uint32_t item = number / 2;
  if (number % 2 == 0 || item < kLength) {
    const std::string key = R"({"pk":{"S":"queue"},"sk":{"S":")" + key_of(item) + R"("},)";
    return post(settings, "PutItem",
                table_member(settings) + R"(,"Item":)" + key + R"("gk":{"S":"open"},"a":{"S":")" +
                    words(item, 100) + R"("}}})");
  }
  return post(settings, "DeleteItem",
              table_member(settings) + R"(,"Key":{"pk":{"S":"queue"},"sk":{"S":")" + key_of(item - kLength) +
                  R"("}}})");
}

Request query_head(const Settings& settings, const std::string& index, const std::string& key,
                   const std::string& value) {
  return post(settings, "Query",
              table_member(settings) + index + R"(,"Limit":1,"KeyConditionExpression":")" + key +
                  R"( = :v","ExpressionAttributeValues":{":v":{"S":")" + value + R"("}}})");
}

Request head_of_queue(const Settings& settings, std::uint32_t, std::uint32_t) {
  return query_head(settings, {}, "pk", "queue");
}

Request head_of_index(const Settings& settings, std::uint32_t, std::uint32_t) {
  return query_head(settings, R"(,"IndexName":"by-group")", "gk", "open");
}

}  // namespace

const Workload* find_dynamodb_workload(const std::string& name) {
  static const std::map<std::string, Workload> all = {
      {"constant", {health_check}},
      {"put", {put_item}},
      {"get", {get_item}},
      {"update", {update_item}},
      {"put-rich", {put_rich_item}},
      {"update-rich", {update_rich_item}},
      {"put-any", {put_item, Order::kDrawn}},
      {"get-any", {get_item, Order::kDrawn}},
      {"query", {query}},
      {"fill-query", {put_item_of_query, Order::kOnce}},
      {"put-query", {put_item_of_query}},
      {"query-index", {query_index}},
      {"scan", {scan}},
      {"scan-filter", {scan_with_filter}},
      {"batch-get", {batch_get, Order::kRandom, 400}},
      {"batch-write", {batch_write, Order::kRandom, 400}},
      {"batch-write-rich", {batch_write_rich, Order::kRandom, 400}},
      // Few enough that no two hold the same item.
      {"transact-write", {transact_write, Order::kInTurn, 500}},
      {"fill-batch", {fill_batch, Order::kOnce}},
      {"get-records", {get_records, Order::kRandom, 1}},
      {"queue", {pass_through_queue, Order::kOnce}},
      {"queue-head", {head_of_queue}},
      {"queue-index", {head_of_index}},
  };
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

}  // namespace tidemark::bench
