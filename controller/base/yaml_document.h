// Strict YAML: the only door to files people write. yaml-cpp is seen by yaml_document.cpp alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "controller/base/result.h"

namespace failgate {

/// A node of our own tree. Values, freely copyable; positions refer to the parsed text.
class YamlNode {
 public:
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  struct Entry;

  Kind kind = Kind::kNull;
  std::string scalar;            ///< text of a scalar, unquoted
  bool quoted = false;           ///< 'x', "x", | or >: never read as a number, bool or null
  int line = 0;                  ///< from 1
  int column = 0;                ///< from 1, in characters
  std::size_t begin_offset = 0;  ///< byte offset where the node starts in the text
  std::size_t end_offset = 0;  ///< byte offset behind its last byte; a value that is not written at
                               ///< all ("key:") begins and ends behind the colon
  std::vector<YamlNode> items;  ///< of a sequence
  std::vector<Entry> entries;   ///< of a mapping, in file order, keys unique

  /// The value of `key` in a mapping; nullptr when absent or not a mapping.
  [[nodiscard]] const YamlNode* Find(std::string_view key) const;
};

struct YamlNode::Entry {
  YamlNode key;  ///< always a scalar
  YamlNode value;
};

/// Limits of architecture.md §3: at most 1 MiB, depth 64, 100,000 nodes; UTF-8; one document.
/// Duplicate keys, non-scalar keys, aliases, anchors, tags and "<<" are problems. `file` is only
/// for messages. An empty document is a null node.
[[nodiscard]] Parsed<YamlNode> ParseYaml(std::string_view text, const std::string& file);

}  // namespace failgate
