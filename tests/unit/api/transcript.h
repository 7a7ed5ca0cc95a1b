// Requests and their exact answers, one after the other.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"
#include "tests/unit/api/service_fixture.h"

namespace tidemark::api {

// In bodies and answers single quotes stand for double ones; in answers a tilde stands for a single quote.
struct Step {
  const char* why;
  const char* operation;
  std::string body;
  std::string answer;
};

inline std::string answer_text(std::string text) {
  text = ServiceFixture::with_double_quotes(std::move(text));
  std::replace(text.begin(), text.end(), '~', '\'');
  return text;
}

inline void run(ServiceFixture& service, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    INFO(step.why);
    INFO(step.operation << " " << step.body);
    CHECK(service.call(step.operation, step.body) == answer_text(step.answer));
  }
}

inline std::string validation_error(const std::string& message) {
  return "400 {'__type':'com.amazon.coral.validate#ValidationException','message':'" + message + "'}";
}

inline const std::string kNotFound =
    "400 {'__type':'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException','message':'Requested "
    "resource not "
    "found'}";

// The text of a member that is an object or array, or nothing: `{"pk":{"S":"a"}}` of LastEvaluatedKey.
inline std::string member_text(const std::string& answer, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const auto start = answer.find(key);
  if (start == std::string::npos) return "";
  std::size_t end = start + key.size();
  int depth = 0;
  do {
    if (answer[end] == '{' || answer[end] == '[') ++depth;
    if (answer[end] == '}' || answer[end] == ']') --depth;
    ++end;
  } while (depth > 0);
  return answer.substr(start + key.size(), end - start - key.size());
}

// The values that follow `prefix` up to the next double quote: `values_of(answer, R"("sk":{"N":")")`.
inline std::vector<std::string> values_of(const std::string& text, const std::string& prefix) {
  std::vector<std::string> values;
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) {
    const auto start = at + prefix.size();
    values.push_back(text.substr(start, text.find('"', start) - start));
  }
  return values;
}

}  // namespace tidemark::api
