#include "base/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

namespace tidemark::yaml {
namespace {

constexpr std::size_t kDepthMax = 100;
constexpr std::size_t kNodesMax = 1'000'000;

std::string text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

// The events of one text, and the one that is next.
class Events {
 public:
  explicit Events(std::string_view text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  }
  ~Events() {
    drop();
    yaml_parser_delete(&parser_);
  }
  Events(const Events&) = delete;
  Events& operator=(const Events&) = delete;

  // False when the text cannot be read: problem() and line() say why and where.
  bool advance() {
    drop();
    has_event_ = yaml_parser_parse(&parser_, &event_) != 0;
    return has_event_;
  }
  [[nodiscard]] const yaml_event_t& now() const { return event_; }
  [[nodiscard]] std::size_t line() const {
    return (has_event_ ? event_.start_mark.line : parser_.problem_mark.line) + 1;
  }
  [[nodiscard]] std::string problem() const {
    return parser_.problem == nullptr ? "cannot be read" : parser_.problem;
  }

 private:
  void drop() {
    if (has_event_) yaml_event_delete(&event_);
    has_event_ = false;
  }

  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool has_event_ = false;
};

std::size_t size_of(const Node& node) {
  std::size_t size = 1;
  for (const Node& element : node.elements) size += size_of(element);
  for (const auto& [name, value] : node.members) size += size_of(value);
  return size;
}

class Builder {
 public:
  Builder(std::string_view text, const std::string& file_name) : events_(text), file_name_(file_name) {}

  Result<Node> document() {
    RETURN_IF_ERROR(advance());  // the stream begins
    RETURN_IF_ERROR(advance());
    if (events_.now().type == YAML_STREAM_END_EVENT) return fail(here("the file is empty"));
    RETURN_IF_ERROR(advance());  // behind the beginning of the document
    ASSIGN_OR_RETURN(Node node, value(0));
    RETURN_IF_ERROR(advance());  // the end of the document
    RETURN_IF_ERROR(advance());
    if (events_.now().type != YAML_STREAM_END_EVENT) return fail(here("there is a second document"));
    return node;
  }

 private:
  [[nodiscard]] Error here(const std::string& what) const {
    return error_at(file_name_, events_.line(), what);
  }

  Result<void> advance() {
    if (events_.advance()) return {};
    return fail(here(events_.problem()));
  }

  // The value that begins with the current event; the last of its events is the current one then.
  Result<Node> value(std::size_t depth) {
    if (depth > kDepthMax) return fail(here("the values are nested too deep"));
    if (++nodes_ > kNodesMax) return fail(here("there are too many values"));
    Node node;
    node.line = events_.line();
    const yaml_event_t& event = events_.now();
    std::string anchor;
    switch (event.type) {
      case YAML_ALIAS_EVENT:
        return alias(text_of(event.data.alias.anchor));
      case YAML_SCALAR_EVENT:
        anchor = text_of(event.data.scalar.anchor);
        node.tag = text_of(event.data.scalar.tag);
        node.text.assign(reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length);
        node.is_plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        break;
      case YAML_SEQUENCE_START_EVENT:
        anchor = text_of(event.data.sequence_start.anchor);
        node.tag = text_of(event.data.sequence_start.tag);
        RETURN_IF_ERROR(sequence(&node, depth));
        break;
      case YAML_MAPPING_START_EVENT:
        anchor = text_of(event.data.mapping_start.anchor);
        node.tag = text_of(event.data.mapping_start.tag);
        RETURN_IF_ERROR(mapping(&node, depth));
        break;
      default:
        return fail(here("a value is missing"));
    }
    if (!anchor.empty()) anchors_[anchor] = node;
    return node;
  }

  Result<Node> alias(const std::string& name) {
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) return fail(here("there is no anchor " + name));
    nodes_ += size_of(found->second);
    if (nodes_ > kNodesMax) return fail(here("there are too many values"));
    return found->second;
  }

  Result<void> sequence(Node* node, std::size_t depth) {
    node->kind = Node::Kind::kSequence;
    for (;;) {
      RETURN_IF_ERROR(advance());
      if (events_.now().type == YAML_SEQUENCE_END_EVENT) return {};
      ASSIGN_OR_RETURN(Node element, value(depth + 1));
      node->elements.push_back(std::move(element));
    }
  }

  Result<void> mapping(Node* node, std::size_t depth) {
    node->kind = Node::Kind::kMapping;
    std::vector<Node> merged;
    for (;;) {
      RETURN_IF_ERROR(advance());
      if (events_.now().type == YAML_MAPPING_END_EVENT) break;
      if (events_.now().type != YAML_SCALAR_EVENT) return fail(here("a key must be a text"));
      const std::string name(reinterpret_cast<const char*>(events_.now().data.scalar.value),
                             events_.now().data.scalar.length);
      const Error twice = here("the key " + name + " stands here twice");
      RETURN_IF_ERROR(advance());
      ASSIGN_OR_RETURN(Node member, value(depth + 1));
      if (name == "<<") {
        merged.push_back(std::move(member));
      } else if (node->find(name) != nullptr) {
        return fail(twice);
      } else {
        node->members.emplace_back(name, std::move(member));
      }
    }
    for (const Node& from : merged) merge(from, node);
    return {};
  }

  // What stands in the mapping itself goes before what it takes over.
  static void merge(const Node& from, Node* node) {
    for (const Node& one : from.elements) merge(one, node);
    for (const auto& [name, member] : from.members) {
      if (node->find(name) == nullptr) node->members.emplace_back(name, member);
    }
  }

  Events events_;
  const std::string& file_name_;
  std::map<std::string, Node> anchors_;
  std::size_t nodes_ = 0;
};

}  // namespace

const Node* Node::find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [name](const auto& member) { return member.first == name; });
  return found == members.end() ? nullptr : &found->second;
}

Error error_at(const std::string& file_name, std::size_t line, const std::string& what) {
  return Error::invalid_argument(file_name + ":" + std::to_string(line) + ": " + what);
}

Result<Node> parse(std::string_view text, const std::string& file_name) {
  return Builder(text, file_name).document();
}

}  // namespace tidemark::yaml
