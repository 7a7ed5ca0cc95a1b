#include "base/request_label.h"

#include <algorithm>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

std::string label(const std::string& header, const std::string& agent) {
  http::Headers headers;
  if (!header.empty()) headers.add("x-tidemark-bill-label", header);
  if (!agent.empty()) headers.add("User-Agent", agent);
  return label_name(label_of(headers));
}

TEST_CASE("a label comes from its header, or from what SDKs say of the application") {
  CHECK(label("", "").empty());
  CHECK(label("", "curl/8.5.0").empty());
  CHECK(label("nightly", "") == "nightly");
  CHECK(label("", "aws-sdk-js/3.1 ua/2.1 os/linux#6.1 app/nightly m/E") == "nightly");
  CHECK(label("", "app/first") == "first");
  CHECK(label("", "myapp/1.0 app/second") == "second");
  CHECK(label("", "myapp/1.0").empty());
  CHECK(label("header", "aws-sdk-js/3.1 app/agent") == "header");
  CHECK(label("with blank\x01", "") == "with-blank-");
  CHECK(label(std::string(100, 'x'), "") == std::string(64, 'x'));
}

std::string label_of_page(const std::string& name, const std::string& value, const std::string& agent) {
  http::Headers headers;
  headers.add(name, value);
  if (!agent.empty()) headers.add("User-Agent", agent);
  return label_name(label_of(headers));
}

TEST_CASE("what the console asks for has a label of its own, unless it was given one") {
  CHECK(label_of_page("x-tidemark-console", "1", "") == kConsoleLabel);
  CHECK(label_of_page("Referer", "http://127.0.0.1:8000/_tidemark/console/bill?label=x", "") ==
        kConsoleLabel);
  CHECK(label_of_page("Referer", "http://127.0.0.1:8000/", "").empty());
  CHECK(label_of_page("Referer", "http://elsewhere/?from=http://h/_tidemark/console", "").empty());
  CHECK(label_of_page("Referer", "/_tidemark/console/", "").empty());
  CHECK(label_of_page("x-tidemark-console", "1", "x app/nightly") == "nightly");
  const std::vector<std::string> known = known_labels();
  CHECK(std::is_sorted(known.begin(), known.end()));
  CHECK(std::binary_search(known.begin(), known.end(), std::string(kConsoleLabel)));
  CHECK_FALSE(std::binary_search(known.begin(), known.end(), std::string("never")));
}

TEST_CASE("the same label is the same number") {
  http::Headers one;
  one.add(kLabelHeader, "same");
  http::Headers two;
  two.add("User-Agent", "x app/same");
  const LabelId id = label_of(one);
  CHECK(id != 0);
  CHECK(label_of(two) == id);
  CHECK(label_of(one) == id);
}

TEST_CASE("labels beyond their number are one") {
  for (std::size_t i = 0; i < kLabelsMax; ++i) label("many-" + std::to_string(i), "");
  CHECK(label("one-too-many", "") == kOtherLabels);
  CHECK(label("another-one-too-many", "") == kOtherLabels);
}

}  // namespace
}  // namespace tidemark
