#include "base/yaml.h"

#include "tests/support/catch.h"

namespace tidemark::yaml {
namespace {

std::string error_of(const std::string& text) {
  const auto parsed = parse(text, "file");
  return parsed ? std::string() : parsed.error().message;
}

// Each line has its predecessor `width` times: width^lines values.
std::string doublings(int lines, int width) {
  std::string text = "a0: &a0 x\n";
  for (int i = 1; i <= lines; ++i) {
    const std::string now = std::to_string(i);
    text.append("a").append(now).append(": &a").append(now).append(" [");
    for (int j = 0; j < width; ++j) {
      text.append(j == 0 ? "*a" : ", *a").append(std::to_string(i - 1));
    }
    text.append("]\n");
  }
  return text;
}

TEST_CASE("aliases are copies, and << takes over what is not there") {
  const auto root = parse(
      "defaults: &defaults {region: here, tags: [one, two]}\n"
      "more: &more {level: 3, region: there}\n"
      "first: {<<: *defaults, region: elsewhere}\n"
      "second: {<<: [*defaults, *more]}\n"
      "third: *defaults\n",
      "file");
  REQUIRE(root);
  CHECK(root->find("first")->find("region")->text == "elsewhere");
  CHECK(root->find("first")->find("tags")->elements.size() == 2);
  CHECK(root->find("second")->find("region")->text == "here");
  CHECK(root->find("second")->find("level")->text == "3");
  CHECK(root->find("third")->find("tags")->elements[1].text == "two");
}

TEST_CASE("what every item of a long list takes over is not too much") {
  std::string text = "defaults: &defaults {one: 1, two: 2, three: 3, four: 4, five: 5}\nitems:\n";
  for (int i = 0; i < 5'000; ++i) text += "  - {<<: *defaults, pk: " + std::to_string(i) + "}\n";
  const auto root = parse(text, "file");
  REQUIRE(root);
  CHECK(root->find("items")->elements.size() == 5'000);
  CHECK(root->find("items")->elements[4'999].members.size() == 6);
}

TEST_CASE("aliases do not make much out of little") {
  CHECK(error_of(doublings(3, 9)).empty());  // 729 values
  // 59,049 values out of half a kilobyte: refused in their line, before they are all copied.
  CHECK(error_of(doublings(5, 9)) == "file:6: its anchors, aliases and tags make too much of it");
  // More than any number holds.
  CHECK(error_of(doublings(60, 9)).ends_with("make too much of it"));
}

TEST_CASE("a long text is not repeated without end") {
  std::string text = "- &long " + std::string(1'000, 'x') + "\n";
  for (int i = 0; i < 10'000; ++i) text += "- *long\n";  // ten megabytes
  CHECK(error_of(text).ends_with("make too much of it"));
}

TEST_CASE("anchors within anchors are not copied without end") {
  std::string text;
  for (int i = 0; i < 90; ++i) text.append("&a").append(std::to_string(i)).append(" [");
  for (int i = 0; i < 10'000; ++i) text += "1,";
  text += std::string(90, ']');
  CHECK(error_of(text).ends_with("make too much of it"));
}

TEST_CASE("a short tag does not stand for long ones without end") {
  std::string text = "%TAG ! tag:" + std::string(1'000, 'x') + ":\n---\n";
  for (int i = 0; i < 2'000; ++i) text += "- !a 1\n";
  CHECK(error_of(text).ends_with("make too much of it"));
}

TEST_CASE("values are nested a hundred levels at most, with aliases, too") {
  CHECK(error_of(std::string(100, '[') + std::string(100, ']')).empty());
  CHECK(error_of(std::string(102, '[') + std::string(102, ']')) == "file:1: the values are nested too deep");
  const std::string deep = "a: &a " + std::string(60, '[') + std::string(60, ']') + "\n";
  CHECK(error_of(deep + "b: *a\n").empty());
  CHECK(error_of(deep + "b: " + std::string(60, '[') + "*a" + std::string(60, ']') + "\n") ==
        "file:2: the values are nested too deep");
  CHECK(error_of(std::string(100'000, '[')).ends_with("nested too deep"));
}

TEST_CASE("a key stands in a mapping once") {
  CHECK(error_of("a: 1\nb: 2\na: 3\n") == "file:3: the key a stands here twice");
}

}  // namespace
}  // namespace tidemark::yaml
