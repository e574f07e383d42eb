#include "controller/config/section_reader.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr const char* kLiteralSecret =
    ": a literal secret is not allowed: write {file: ...} or {env: ...}";
constexpr Milliseconds kShortestPoll{100};

std::filesystem::path Absolute(const std::string& text, const ReadingContext& context) {
  return (context.folder / text).lexically_normal();
}

bool IsVariableName(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

std::optional<std::string> PathText(MappingReader& reader,
                                    const std::string& what,
                                    ReadingContext& context) {
  const YamlNode* node = reader.Optional("file");
  if (node == nullptr) return std::nullopt;
  const std::optional<std::string> path = ReadString(*node, what + ".file", context.problems);
  if (!path) return std::nullopt;
  if (path->empty() || EscapeControls(*path) != *path) {
    context.problems.Add(*node, what + ".file: must be a path without control characters");
    return std::nullopt;
  }
  return path;
}

}  // namespace

std::optional<SecretReference> ReadSecretReference(const YamlNode& node,
                                                   const std::string& what,
                                                   ReadingContext& context) {
  if (node.kind != YamlNode::Kind::kMapping) {
    context.problems.Add(node, what + kLiteralSecret);
    return std::nullopt;
  }
  MappingReader reader(node, what, context.problems);
  const std::optional<std::string> file = PathText(reader, what, context);
  const YamlNode* env = reader.Optional("env");
  const std::optional<std::string> name = reader.String("env");
  reader.Finish();
  if ((reader.Optional("file") != nullptr) == (env != nullptr)) {
    context.problems.Add(node, what + ": write either {file: PATH} or {env: NAME}");
    return std::nullopt;
  }
  if (file) return SecretReference{"", Absolute(*file, context)};
  if (!name) return std::nullopt;
  if (!IsVariableName(*name)) {
    context.problems.Add(*env, what + ".env: must be the name of an environment variable");
    return std::nullopt;
  }
  return SecretReference{*name, {}};
}

std::optional<std::filesystem::path> ReadFileReference(const YamlNode& node,
                                                       const std::string& what,
                                                       ReadingContext& context) {
  if (node.kind != YamlNode::Kind::kMapping) {
    context.problems.Add(node, what + ": write {file: PATH}");
    return std::nullopt;
  }
  MappingReader reader(node, what, context.problems);
  reader.Required("file");
  const std::optional<std::string> file = PathText(reader, what, context);
  reader.Finish();
  if (!file) return std::nullopt;
  return Absolute(*file, context);
}

std::optional<std::filesystem::path> OptionalFile(MappingReader& reader,
                                                  const std::string& key,
                                                  const std::string& what,
                                                  ReadingContext& context) {
  const YamlNode* node = reader.Optional(key);
  if (node == nullptr) return std::nullopt;
  return ReadFileReference(*node, what, context);
}

Milliseconds ReadPoll(MappingReader& reader,
                      const std::string& what,
                      Milliseconds standard,
                      ReadingContext& context) {
  const std::optional<Milliseconds> poll = reader.Duration("poll");
  if (!poll) return standard;
  if (*poll < kShortestPoll) {
    context.problems.Add(*reader.Optional("poll"), what + ".poll: must be at least 100ms");
    return standard;
  }
  return *poll;
}

bool IsIpAddress(const std::string& text) {
  std::array<unsigned char, 16> address{};
  return ::inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), address.data()) == 1;
}

}  // namespace failgate
