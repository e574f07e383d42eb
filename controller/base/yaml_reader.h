// Reading YAML nodes into our types: collects every problem with its place, knows the nearest key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/yaml_document.h"

namespace failgate {

/// Where problems of one file are gathered.
class ProblemSink {
 public:
  explicit ProblemSink(std::string file) : file_(std::move(file)) {}
  void Add(const YamlNode& at, std::string text);
  void AddForFile(std::string text);
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  /// Sorted by place.
  [[nodiscard]] Problems Take();
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  std::string file_;
  Problems problems_;
};

/// Reads one mapping key by key. Every Read… of a wrong type adds a problem and returns
/// nullopt/default. Call Finish() last: keys nobody asked for are problems that name the nearest
/// known key.
class MappingReader {
 public:
  /// A node that is no mapping adds "NAME must be a mapping"; a null node counts as empty mapping.
  MappingReader(const YamlNode& node, std::string name, ProblemSink& problems);

  /// nullptr when absent (or null without quotes).
  const YamlNode* Optional(const std::string& key);
  /// Absent adds "NAME needs KEY".
  const YamlNode* Required(const std::string& key);

  std::optional<std::string> String(const std::string& key);
  std::string RequiredString(const std::string& key);
  std::optional<bool> Bool(const std::string& key);
  std::optional<long long> Integer(const std::string& key, long long min, long long max);
  std::optional<double> Number(const std::string& key, double min, double max);
  std::optional<Milliseconds> Duration(const std::string& key);
  /// "4GiB", "512MiB", "100KiB" or plain bytes.
  std::optional<long long> Size(const std::string& key);
  /// A name as product.md §6 allows.
  std::optional<std::string> Name(const std::string& key);
  /// A sequence of strings; a single string counts as one.
  std::optional<std::vector<std::string>> Strings(const std::string& key);
  /// One of `words`; the problem names them all and the nearest.
  std::optional<std::string> OneOf(const std::string& key, const std::vector<std::string>& words);
  /// Marks a key of the contract that this version does not have: its use is the problem
  /// "KEY is not available in this version of failgate: remove it (WHAT)".
  void NotBuiltYet(const std::string& key, const std::string& what);
  /// Accept a key without reading it here.
  void Allow(const std::string& key);
  void Finish();

  [[nodiscard]] const YamlNode& node() const { return node_; }

 private:
  [[nodiscard]] std::string Owner() const;
  [[nodiscard]] std::string PathOf(const std::string& key) const;

  const YamlNode& node_;
  std::string name_;
  ProblemSink& problems_;
  bool is_mapping_ = true;  ///< false: the one problem is told, what is missing inside is not
  std::vector<std::string> known_;
  std::vector<std::string> not_built_;  ///< never offered as the nearest key
};

/// Scalar conversions with the same messages, for items of sequences. `what` names the value.
std::optional<std::string> ReadString(const YamlNode& node,
                                      const std::string& what,
                                      ProblemSink& problems);
std::optional<long long> ReadInteger(const YamlNode& node,
                                     const std::string& what,
                                     long long min,
                                     long long max,
                                     ProblemSink& problems);
std::optional<bool> ReadBool(const YamlNode& node, const std::string& what, ProblemSink& problems);
std::optional<double> ReadNumber(const YamlNode& node,
                                 const std::string& what,
                                 ProblemSink& problems);

}  // namespace failgate
