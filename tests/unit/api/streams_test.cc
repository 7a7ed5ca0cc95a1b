// The streams service, without a socket.
#include <vector>

#include "base/json.h"
#include "storage/shards.h"
#include "tests/unit/api/transcript.h"

namespace tidemark::api {
namespace {

constexpr std::chrono::hours kHour{1};
const std::string kStreams = "DynamoDBStreams_20120810.";
const std::string kArn = "arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/2026-01-01T00:00:00.000";
const std::string kMissingArn =
    "arn:aws:dynamodb:us-east-1:000000000000:table/tab/stream/2026-01-01T00:00:00.001";
const std::string kShard = "shardId-00000001767225600000-";

std::string named_table(const std::string& name, const std::string& view_type) {
  return "{'TableName':'" + name +
         "','AttributeDefinitions':[{'AttributeName':'pk','AttributeType':'S'},"
         "{'AttributeName':'sk','AttributeType':'N'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
         "{'AttributeName':'sk','KeyType':'RANGE'}],'ProvisionedThroughput':{'ReadCapacityUnits':5,"
         "'WriteCapacityUnits':5},'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'" +
         view_type + "'}}";
}

class StreamService : public ServiceFixture {
 public:
  explicit StreamService(const std::string& view_type = "NEW_AND_OLD_IMAGES") {
    REQUIRE(call("CreateTable", named_table("tab", view_type)).starts_with("200"));
    shard = shards().at(0);
  }

  std::string stream_call(const std::string& operation, const std::string& body) {
    return call(kStreams + operation, body);
  }
  void put(const std::string& more = "") {
    REQUIRE(call("PutItem", "{'TableName':'tab','Item':{'pk':{'S':'a'},'sk':{'N':'1'}" + more + "}}")
                .starts_with("200"));
  }
  void remove() {
    REQUIRE(
        call("DeleteItem", "{'TableName':'tab','Key':{'pk':{'S':'a'},'sk':{'N':'1'}}}").starts_with("200"));
  }

  // The values of a string member, wherever it stands in the answer.
  static std::vector<std::string> values_of(const std::string& answer, const std::string& member) {
    std::vector<std::string> values;
    const std::string key = "\"" + member + "\":\"";
    for (std::size_t at = answer.find(key); at != std::string::npos; at = answer.find(key, at)) {
      at += key.size();
      values.push_back(answer.substr(at, answer.find('"', at) - at));
    }
    return values;
  }
  std::string describe(const std::string& more = "") {
    return stream_call("DescribeStream", "{'StreamArn':'" + kArn + "'" + more + "}");
  }
  std::vector<std::string> shards() { return values_of(describe(), "ShardId"); }

  std::string get_iterator(const std::string& type, const std::string& sequence = "", std::string id = "") {
    if (id.empty()) id = shard;
    return stream_call("GetShardIterator",
                       "{'StreamArn':'" + kArn + "','ShardId':'" + id + "','ShardIteratorType':'" + type +
                           "'" + (sequence.empty() ? "" : ",'SequenceNumber':'" + sequence + "'") + "}");
  }
  std::string iterator(const std::string& type, const std::string& sequence = "",
                       const std::string& id = "") {
    const auto found = values_of(get_iterator(type, sequence, id), "ShardIterator");
    REQUIRE(found.size() == 1);
    return found[0];
  }
  std::string get_records(const std::string& at, const std::string& more = "") {
    return stream_call("GetRecords", "{'ShardIterator':'" + at + "'" + more + "}");
  }
  // Event names, from one page.
  std::vector<std::string> events(const std::string& at, const std::string& more = "") {
    return values_of(get_records(at, more), "eventName");
  }
  static bool has_next(const std::string& answer) {
    return answer.find("NextShardIterator") != std::string::npos;
  }

  std::string shard;
};

std::string modelled_error(const std::string& type, const std::string& message) {
  return answer_text("400 {'__type':'com.amazonaws.dynamodb.v20120810#" + type + "','message':'" + message +
                     "'}");
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("streams are described and listed") {
  StreamService service;
  CHECK(service.shard.starts_with(kShard));
  CHECK(service.describe() ==
        answer_text("200 {'StreamDescription':{'StreamArn':'" + kArn +
                    "','StreamLabel':'2026-01-01T00:00:00.000','StreamStatus':'ENABLED',"
                    "'StreamViewType':'NEW_AND_OLD_IMAGES','CreationRequestDateTime':1767225600,"
                    "'TableName':'tab','KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
                    "{'AttributeName':'sk','KeyType':'RANGE'}],'Shards':[{'ShardId':'" +
                    service.shard +
                    "','SequenceNumberRange':{'StartingSequenceNumber':'1767225600000000000000'}}]}}"));
  CHECK(service.stream_call("ListStreams", "{}") ==
        answer_text("200 {'Streams':[{'StreamArn':'" + kArn +
                    "','TableName':'tab','StreamLabel':'2026-01-01T00:00:00.000'}]}"));
}

TEST_CASE("streams are listed in pages, of one table or of all, of the caller's account") {
  StreamService service;
  REQUIRE(service.call("CreateTable", named_table("other", "KEYS_ONLY")).starts_with("200"));
  const std::string all = service.stream_call("ListStreams", "{}");
  CHECK(StreamService::values_of(all, "TableName") == Names{"other", "tab"});
  const std::string page = service.stream_call("ListStreams", "{'Limit':1}");
  CHECK(StreamService::values_of(page, "TableName") == Names{"other"});
  const auto last = StreamService::values_of(page, "LastEvaluatedStreamArn");
  REQUIRE(last.size() == 1);
  const std::string rest =
      service.stream_call("ListStreams", "{'Limit':1,'ExclusiveStartStreamArn':'" + last[0] + "'}");
  CHECK(StreamService::values_of(rest, "TableName") == Names{"tab"});
  CHECK(StreamService::values_of(rest, "LastEvaluatedStreamArn").empty());
  CHECK(StreamService::values_of(service.stream_call("ListStreams", "{'TableName':'tab'}"), "TableName") ==
        Names{"tab"});
  CHECK(service.stream_call("ListStreams", "{'TableName':'nothing'}") == R"(200 {"Streams":[]})");
  CHECK(service.call_as("123456789012", kStreams + "ListStreams", "{}") == R"(200 {"Streams":[]})");
}

TEST_CASE("a record says what happened to one item") {
  StreamService service;
  service.put();
  const std::string page = service.get_records(service.iterator("TRIM_HORIZON"));
  const auto sequence = StreamService::values_of(page, "SequenceNumber");
  const auto id = StreamService::values_of(page, "eventID");
  REQUIRE(sequence.size() == 1);
  REQUIRE(id.size() == 1);
  CHECK(id[0].size() == 32);
  CHECK(sequence[0].size() == 22);
  CHECK(page.starts_with(answer_text(
      "200 {'Records':[{'eventID':'" + id[0] +
      "','eventName':'INSERT','eventVersion':'1.1','eventSource':'aws:dynamodb','awsRegion':'us-east-1',"
      "'dynamodb':{'ApproximateCreationDateTime':1767225600,'Keys':{'pk':{'S':'a'},'sk':{'N':'1'}},"
      "'NewImage':{'pk':{'S':'a'},'sk':{'N':'1'}},'SequenceNumber':'" +
      sequence[0] + "','SizeBytes':14,'StreamViewType':'NEW_AND_OLD_IMAGES'}}],'NextShardIterator':'")));
  // The same the next time.
  CHECK(StreamService::values_of(service.get_records(service.iterator("TRIM_HORIZON")), "eventID") == id);
}

TEST_CASE("what each view shows") {
  struct Case {
    const char* view_type;
    const char* modified;  // the images of a change of {} to {v: new}
    const char* removed;
    int modified_bytes;  // 7 for the keys
  };
  const auto c = GENERATE(values<Case>({
      {"KEYS_ONLY", "", "", 7},
      {"NEW_IMAGE", "'NewImage':{'pk':{'S':'a'},'sk':{'N':'1'},'v':{'S':'new'}},", "", 18},
      {"OLD_IMAGE", "'OldImage':{'pk':{'S':'a'},'sk':{'N':'1'}},",
       "'OldImage':{'pk':{'S':'a'},'sk':{'N':'1'},'v':{'S':'new'}},", 14},
      {"NEW_AND_OLD_IMAGES",
       "'NewImage':{'pk':{'S':'a'},'sk':{'N':'1'},'v':{'S':'new'}},'OldImage':{'pk':{'S':'a'},'sk':{'N':'1'}}"
       ",",
       "'OldImage':{'pk':{'S':'a'},'sk':{'N':'1'},'v':{'S':'new'}},", 25},
  }));
  INFO(c.view_type);
  StreamService service(c.view_type);
  service.put();
  service.put(",'v':{'S':'new'}");
  service.remove();
  const std::string page = service.get_records(service.iterator("TRIM_HORIZON"));
  const std::string keys = "'Keys':{'pk':{'S':'a'},'sk':{'N':'1'}},";
  CHECK(StreamService::values_of(page, "eventName") == Names{"INSERT", "MODIFY", "REMOVE"});
  CHECK(page.find(answer_text(keys + c.modified + "'SequenceNumber'")) != std::string::npos);
  CHECK(page.find(answer_text(keys + c.removed + "'SequenceNumber'")) != std::string::npos);
  CHECK(page.find("\"SizeBytes\":" + std::to_string(c.modified_bytes) + ",") != std::string::npos);
}

TEST_CASE("where the types of iterators begin") {
  StreamService service;
  service.put();
  const std::string latest = service.iterator("LATEST");
  service.put(",'v':{'S':'new'}");
  service.remove();
  const auto sequences =
      StreamService::values_of(service.get_records(service.iterator("TRIM_HORIZON")), "SequenceNumber");
  REQUIRE(sequences.size() == 3);
  CHECK(service.events(latest) == Names{"MODIFY", "REMOVE"});
  CHECK(service.events(service.iterator("LATEST")).empty());
  CHECK(service.events(service.iterator("AT_SEQUENCE_NUMBER", sequences[1])) == Names{"MODIFY", "REMOVE"});
  CHECK(service.events(service.iterator("AFTER_SEQUENCE_NUMBER", sequences[1])) == Names{"REMOVE"});
  CHECK(service.events(service.iterator("AFTER_SEQUENCE_NUMBER", sequences[2])).empty());
  // The numbers that the shard begins with are numbers in it.
  CHECK(service.events(service.iterator("AT_SEQUENCE_NUMBER", "1767225600000000000000")).size() == 3);
}

TEST_CASE("pages follow each other without a gap, and an open shard has always another one") {
  StreamService service;
  service.put();
  service.put(",'v':{'S':'new'}");
  service.remove();
  std::string at = service.iterator("TRIM_HORIZON");
  Names seen;
  for (int i = 0; i < 5; ++i) {
    const std::string page = service.get_records(at, ",'Limit':1");
    for (const auto& name : StreamService::values_of(page, "eventName")) seen.push_back(name);
    REQUIRE(StreamService::has_next(page));
    at = StreamService::values_of(page, "NextShardIterator")[0];
  }
  CHECK(seen == Names{"INSERT", "MODIFY", "REMOVE"});
  service.put();
  CHECK(service.events(at) == Names{"INSERT"});
}

TEST_CASE("the child is there when its parent ends") {
  StreamService service;
  service.put();
  service.pass(4 * kHour);
  const std::string page = service.get_records(service.iterator("TRIM_HORIZON"));
  CHECK(StreamService::values_of(page, "eventName") == Names{"INSERT"});
  CHECK_FALSE(StreamService::has_next(page));
  const std::string filter = ",'ShardFilter':{'Type':'CHILD_SHARDS','ShardId':'" + service.shard + "'}";
  const auto children = StreamService::values_of(service.describe(filter), "ShardId");
  REQUIRE(children.size() == 1);
  CHECK(StreamService::values_of(service.describe(filter), "ParentShardId") == Names{service.shard});
  CHECK(StreamService::values_of(service.describe(), "EndingSequenceNumber") ==
        Names{"1767239999999999999999"});
  service.remove();
  CHECK(service.events(service.iterator("TRIM_HORIZON", "", children[0])) == Names{"REMOVE"});
  CHECK(service.events(service.iterator("TRIM_HORIZON")) == Names{"INSERT"});
  // Shards come in pages.
  const std::string first = service.describe(",'Limit':1");
  CHECK(StreamService::values_of(first, "ShardId") == Names{service.shard});
  CHECK(StreamService::values_of(first, "LastEvaluatedShardId") == Names{service.shard});
  const std::string second = service.describe(",'Limit':1,'ExclusiveStartShardId':'" + service.shard + "'");
  CHECK(StreamService::values_of(second, "ShardId") == children);
  CHECK(StreamService::values_of(second, "LastEvaluatedShardId").empty());
}

TEST_CASE("iterators live for fifteen minutes") {
  StreamService service;
  service.put();
  const std::string at = service.iterator("TRIM_HORIZON");
  service.pass(std::chrono::minutes(15));
  CHECK(service.events(at) == Names{"INSERT"});
  service.pass(std::chrono::seconds(1));
  CHECK(service.get_records(at) == modelled_error("ExpiredIteratorException", "Shard iterator has expired"));
}

TEST_CASE("what is older than a day has been trimmed") {
  StreamService service;
  const auto put_after = [&service](std::chrono::seconds time, const std::string& value) {
    service.pass(time);
    service.put(",'v':{'S':'" + value + "'}");
  };
  service.put();
  put_after(std::chrono::hours(1), "1");
  const auto sequences =
      StreamService::values_of(service.get_records(service.iterator("TRIM_HORIZON")), "SequenceNumber");
  REQUIRE(sequences.size() == 2);
  service.pass(std::chrono::hours(23) - std::chrono::minutes(5));
  const std::string before = service.iterator("AT_SEQUENCE_NUMBER", sequences[0]);
  service.pass(std::chrono::minutes(10));
  const std::string trimmed =
      modelled_error("TrimmedDataAccessException", "The data you are trying to access has been trimmed");
  CHECK(service.get_records(before) == trimmed);
  CHECK(service.get_iterator("AT_SEQUENCE_NUMBER", sequences[0]) == trimmed);
  CHECK(service.get_iterator("AFTER_SEQUENCE_NUMBER", sequences[0]) == trimmed);
  CHECK(service.events(service.iterator("TRIM_HORIZON")) == Names{"MODIFY"});
  CHECK(service.events(service.iterator("AT_SEQUENCE_NUMBER", sequences[1])) == Names{"MODIFY"});
  service.pass(std::chrono::hours(5));
  CHECK(service.get_iterator("TRIM_HORIZON") ==
        modelled_error("ResourceNotFoundException", "Requested resource not found: Shard: " + service.shard +
                                                        " in Stream: " + kArn + " not found"));
}

TEST_CASE("a stream that was switched off is read to its end") {
  StreamService service;
  service.put();
  const std::string at = service.iterator("TRIM_HORIZON");
  REQUIRE(service.call("UpdateTable", "{'TableName':'tab','StreamSpecification':{'StreamEnabled':false}}")
              .starts_with("200"));
  CHECK(StreamService::values_of(service.describe(), "StreamStatus") == Names{"DISABLED"});
  CHECK(StreamService::values_of(service.describe(), "EndingSequenceNumber").size() == 1);
  const std::string page = service.get_records(at);
  CHECK(StreamService::values_of(page, "eventName") == Names{"INSERT"});
  CHECK_FALSE(StreamService::has_next(page));
  REQUIRE(service.call("DeleteTable", "{'TableName':'tab'}").starts_with("200"));
  CHECK(service.events(service.iterator("TRIM_HORIZON")) == Names{"INSERT"});
  service.pass(std::chrono::hours(24) + std::chrono::seconds(1));
  CHECK(service.stream_call("ListStreams", "{}") == R"(200 {"Streams":[]})");
  CHECK(service.describe().starts_with("400"));
}

TEST_CASE("what the streams service refuses") {
  struct Case {
    const char* why;
    const char* operation;
    std::string body;
    std::string answer;
  };
  StreamService service;
  const std::string stream = "'StreamArn':'" + kArn + "'";
  const std::string shard = ",'ShardId':'" + service.shard + "'";
  const auto not_found = [](const std::string& what) {
    return modelled_error("ResourceNotFoundException",
                          "Requested resource not found: " + what + " not found");
  };
  const std::string parameter = "One or more parameter values were invalid: ";
  const std::vector<Case> cases = {
      {"no such stream", "DescribeStream", "{'StreamArn':'" + kMissingArn + "'}",
       not_found("Stream: " + kMissingArn)},
      {"no ARN", "DescribeStream", "{'StreamArn':'aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd'}",
       not_found("Stream: aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd")},
      {"half a filter", "DescribeStream", "{" + stream + ",'ShardFilter':{'Type':'CHILD_SHARDS'}}",
       answer_text(validation_error(
           parameter + "Type and ShardId must both be specified when ShardFilter is specified"))},
      {"no such shard", "GetShardIterator",
       "{" + stream + ",'ShardId':'shardId-00000001767225600000-00000000','ShardIteratorType':'LATEST'}",
       not_found("Shard: shardId-00000001767225600000-00000000 in Stream: " + kArn)},
      {"a type that needs a number", "GetShardIterator",
       "{" + stream + shard + ",'ShardIteratorType':'AT_SEQUENCE_NUMBER'}",
       answer_text(validation_error(
           parameter + "SequenceNumber must be specified when ShardIteratorType is AT_SEQUENCE_NUMBER"))},
      {"a number before the shard", "GetShardIterator",
       "{" + stream + shard +
           ",'ShardIteratorType':'AT_SEQUENCE_NUMBER','SequenceNumber':'1767225599999999000000'}",
       answer_text(validation_error(
           parameter + "SequenceNumber 1767225599999999000000 does not belong to shard " + service.shard))},
      {"no iterator", "GetRecords", "{'ShardIterator':'x'}",
       answer_text(validation_error("Invalid ShardIterator"))},
      {"too many records", "GetRecords", "{'ShardIterator':'x','Limit':1001}",
       answer_text(validation_error(
           "1 validation error detected: Value ~1001~ at ~limit~ failed to satisfy constraint: "
           "Member must have value less than or equal to 1000"))},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    CHECK(service.stream_call(c.operation, c.body) == c.answer);
  }
}

}  // namespace tidemark::api
