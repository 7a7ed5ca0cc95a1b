#include "base/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <set>

namespace tidemark::yaml {
namespace {

constexpr std::size_t kDepthMax = 100;
constexpr std::size_t kNodesMax = 1'000'000;
// What a value weighs beside its texts, in bytes of them.
constexpr std::size_t kValueWeight = 4;
// So much may be copied whatever the length of the text is, or so many times its length.
constexpr std::size_t kCopiedAlways = 256'000;
constexpr std::size_t kCopiedTimes = 10;

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

// A value, and what it comes to with all that is in it.
struct Built {
  Node node;
  std::size_t weight = kValueWeight;  // of values and their texts
  std::size_t values = 1;
  std::size_t height = 0;  // levels below it

  void take_in(const Built& below) {
    weight += below.weight;
    values += below.values;
    height = std::max(height, below.height + 1);
  }
};

class Builder {
 public:
  Builder(std::string_view text, const std::string& file_name)
      : events_(text),
        file_name_(file_name),
        copied_max_(std::max(kCopiedAlways, kCopiedTimes * text.size())) {}

  Result<Node> document() {
    RETURN_IF_ERROR(advance());  // the stream begins
    RETURN_IF_ERROR(advance());
    if (events_.now().type == YAML_STREAM_END_EVENT) return fail(here("the file is empty"));
    RETURN_IF_ERROR(advance());  // behind the beginning of the document
    ASSIGN_OR_RETURN(Built built, value(0));
    RETURN_IF_ERROR(advance());  // the end of the document
    RETURN_IF_ERROR(advance());
    if (events_.now().type != YAML_STREAM_END_EVENT) return fail(here("there is a second document"));
    return std::move(built.node);
  }

 private:
  [[nodiscard]] Error here(const std::string& what) const {
    return error_at(file_name_, events_.line(), what);
  }

  Result<void> advance() {
    if (events_.advance()) return {};
    return fail(here(events_.problem()));
  }

  // To be called before anything is copied.
  Result<void> count_copied(std::size_t weight) {
    copied_ += weight;
    if (copied_ > copied_max_) return fail(here("its anchors, aliases and tags make too much of it"));
    return {};
  }

  // The value that begins with the current event; the last of its events is the current one then.
  Result<Built> value(std::size_t depth) {
    if (depth > kDepthMax) return fail(here("the values are nested too deep"));
    if (++values_ > kNodesMax) return fail(here("there are too many values"));
    Built built;
    Node& node = built.node;
    node.line = events_.line();
    const yaml_event_t& event = events_.now();
    std::string anchor;
    switch (event.type) {
      case YAML_ALIAS_EVENT:
        return alias(text_of(event.data.alias.anchor), depth);
      case YAML_SCALAR_EVENT:
        anchor = text_of(event.data.scalar.anchor);
        node.tag = text_of(event.data.scalar.tag);
        node.text.assign(reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length);
        node.is_plain = event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        break;
      case YAML_SEQUENCE_START_EVENT:
        anchor = text_of(event.data.sequence_start.anchor);
        node.tag = text_of(event.data.sequence_start.tag);
        RETURN_IF_ERROR(sequence(&built, depth));
        break;
      case YAML_MAPPING_START_EVENT:
        anchor = text_of(event.data.mapping_start.anchor);
        node.tag = text_of(event.data.mapping_start.tag);
        RETURN_IF_ERROR(mapping(&built, depth));
        break;
      default:
        return fail(here("a value is missing"));
    }
    built.weight += node.text.size() + node.tag.size();
    // A short tag of the text may stand for a long one.
    RETURN_IF_ERROR(count_copied(node.tag.size()));
    if (anchor.empty()) return built;
    RETURN_IF_ERROR(count_copied(built.weight));
    anchors_.insert_or_assign(std::move(anchor), built);
    return built;
  }

  Result<Built> alias(const std::string& name, std::size_t depth) {
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) return fail(here("there is no anchor " + name));
    const Built& built = found->second;
    if (depth + built.height > kDepthMax) return fail(here("the values are nested too deep"));
    values_ += built.values;
    if (values_ > kNodesMax) return fail(here("there are too many values"));
    RETURN_IF_ERROR(count_copied(built.weight));
    return built;
  }

  Result<void> sequence(Built* built, std::size_t depth) {
    built->node.kind = Node::Kind::kSequence;
    for (;;) {
      RETURN_IF_ERROR(advance());
      if (events_.now().type == YAML_SEQUENCE_END_EVENT) return {};
      ASSIGN_OR_RETURN(Built element, value(depth + 1));
      built->take_in(element);
      built->node.elements.push_back(std::move(element.node));
    }
  }

  Result<void> mapping(Built* built, std::size_t depth) {
    Node& node = built->node;
    node.kind = Node::Kind::kMapping;
    std::set<std::string, std::less<>> names;
    std::vector<Node> merged;
    for (;;) {
      RETURN_IF_ERROR(advance());
      if (events_.now().type == YAML_MAPPING_END_EVENT) break;
      if (events_.now().type != YAML_SCALAR_EVENT) return fail(here("a key must be a text"));
      std::string name(reinterpret_cast<const char*>(events_.now().data.scalar.value),
                       events_.now().data.scalar.length);
      const bool is_merge = name == "<<";
      if (!is_merge && !names.insert(name).second) {
        return fail(here("the key " + name + " stands here twice"));
      }
      RETURN_IF_ERROR(advance());
      ASSIGN_OR_RETURN(Built member, value(depth + 1));
      built->take_in(member);
      built->weight += name.size();
      if (is_merge) {
        merged.push_back(std::move(member.node));
      } else {
        node.members.emplace_back(std::move(name), std::move(member.node));
      }
    }
    for (Node& from : merged) merge(&from, &node, &names);
    return {};
  }

  // What stands in the mapping itself goes before what it takes over.
  static void merge(Node* from, Node* node, std::set<std::string, std::less<>>* names) {
    for (Node& one : from->elements) merge(&one, node, names);
    for (auto& [name, member] : from->members) {
      if (names->insert(name).second) node->members.emplace_back(name, std::move(member));
    }
  }

  Events events_;
  const std::string& file_name_;
  const std::size_t copied_max_;
  std::map<std::string, Built> anchors_;
  std::size_t values_ = 0;
  std::size_t copied_ = 0;  // the weight of what anchors keep and aliases repeat
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
