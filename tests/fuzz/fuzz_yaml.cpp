// Any bytes as a file somebody wrote: a tree within the limits, or problems with places.
#include "controller/base/yaml_document.h"
#include "tests/fuzz/require.h"

namespace {

using failgate::Require;

void RequirePlaces(const failgate::YamlNode& node, std::size_t text_size, int depth) {
  constexpr int kMaxDepth = 64;
  Require(depth <= kMaxDepth + 1 && node.line >= 1 && node.column >= 1);
  Require(node.begin_offset <= text_size);
  for (const failgate::YamlNode& item : node.items) {
    RequirePlaces(item, text_size, depth + 1);
  }
  for (const failgate::YamlNode::Entry& entry : node.entries) {
    Require(entry.key.kind == failgate::YamlNode::Kind::kScalar);
    RequirePlaces(entry.value, text_size, depth + 1);
    // The first of equal keys answers: finding another one would be a duplicate that was let in.
    Require(node.Find(entry.key.scalar) == &entry.value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = failgate::TextOf(data, size);
  const auto parsed = failgate::ParseYaml(text, "failgate.yaml");
  if (!parsed) {
    Require(!parsed.error().empty());
    for (const failgate::Problem& problem : parsed.error()) {
      Require(problem.line >= 0 && problem.column >= 0 && !problem.text.empty());
    }
    return 0;
  }
  // An empty document is a null node without a place.
  if (parsed->kind != failgate::YamlNode::Kind::kNull) {
    RequirePlaces(*parsed, size, 1);
  }
  return 0;
}
