// Data outside of git: which folders and buckets are looked after, and when a file there is whole.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxWatches = 64;
constexpr std::size_t kMaxPatterns = 50;
constexpr Milliseconds kShortestStable{100};
constexpr Milliseconds kShortestRescan{1000};

bool LiesIn(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const auto ends = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return ends.first == folder.end();
}

std::filesystem::path ReadFolder(MappingReader& reader,
                                 const std::string& what,
                                 ReadingContext& context) {
  const std::string text = reader.RequiredString("path");
  const YamlNode* at = reader.Optional("path");
  if (at == nullptr) return {};
  std::filesystem::path folder = std::filesystem::path(text).lexically_normal();
  if (!folder.has_filename() && folder != folder.root_path()) folder = folder.parent_path();
  if (!folder.is_absolute() || folder == folder.root_path() || EscapeControls(text) != text) {
    context.problems.Add(*at, what + ".path: must be an absolute folder other than /");
    return {};
  }
  return folder;
}

void ReadPlace(MappingReader& reader,
               const std::string& what,
               WatchSettings& watch,
               ReadingContext& context) {
  const YamlNode* path = reader.Optional("path");
  if (path == nullptr || path->scalar.rfind("s3://", 0) != 0) {
    watch.path = ReadFolder(reader, what, context);
    if (const YamlNode* bucket = reader.Optional("s3")) {
      context.problems.Add(*bucket, what + ".s3: goes with a path s3://BUCKET/PREFIX only");
    }
    return;
  }
  const std::string text = reader.String("path").value_or("");
  watch.path = text;
  watch.bucket = ReadBucket(reader, what, text, context);
}

void ReadPatterns(MappingReader& reader,
                  const std::string& what,
                  WatchSettings& watch,
                  ReadingContext& context) {
  const YamlNode* at = reader.Optional("pattern");
  if (at == nullptr) return;
  watch.patterns = reader.Strings("pattern").value_or(watch.patterns);
  if (watch.patterns.empty() || watch.patterns.size() > kMaxPatterns) {
    context.problems.Add(*at, what + ".pattern: write one to fifty patterns, such as \"*.csv\"");
  }
  for (const std::string& pattern : watch.patterns) {
    if (pattern.empty() || pattern.front() == '/' || pattern.front() == '!') {
      context.problems.Add(*at,
                           what + ".pattern: \"" + OneLine(pattern, 80) +
                               "\" must be relative to the folder and cannot be negated");
    }
  }
}

bool IsMarkerName(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= 100 &&
         name.find('/') == std::string::npos && EscapeControls(name) == name;
}

void ReadCompletion(const YamlNode& node,
                    const std::string& what,
                    WatchSettings& watch,
                    ReadingContext& context) {
  if (node.kind == YamlNode::Kind::kScalar && node.scalar == "rename") {
    watch.completion = Completion::kRename;
    return;
  }
  if (node.kind != YamlNode::Kind::kMapping) {
    context.problems.Add(node, what + ": write rename, {marker: \".done\"} or {stable: 5s}");
    return;
  }
  MappingReader reader(node, what, context.problems);
  if (const YamlNode* marker = reader.Optional("marker")) {
    watch.completion = Completion::kMarker;
    watch.marker = reader.String("marker").value_or("");
    if (!IsMarkerName(watch.marker)) {
      context.problems.Add(*marker,
                           what +
                               ".marker: write the end of its name, \".done\", or a whole name, "
                               "\"_SUCCESS\"");
    }
  }
  if (const YamlNode* stable = reader.Optional("stable")) {
    if (watch.completion == Completion::kMarker) {
      context.problems.Add(node, what + ": write either marker or stable");
    }
    watch.stable = reader.Duration("stable").value_or(watch.stable);
    if (watch.stable < kShortestStable) {
      context.problems.Add(*stable, what + ".stable: must be at least 100ms");
    }
  }
  if (node.entries.empty()) {
    context.problems.Add(node, what + ": write rename, {marker: \".done\"} or {stable: 5s}");
  }
  reader.Finish();
}

WatchSettings ReadWatch(const YamlNode& node, const std::string& what, ReadingContext& context) {
  WatchSettings watch;
  MappingReader reader(node, what, context.problems);
  if (reader.Required("name") != nullptr) watch.name = reader.Name("name").value_or("");
  reader.Required("kind");
  if (reader.OneOf("kind", {"files", "delta"}).value_or("files") == "delta") {
    watch.kind = WatchKind::kDelta;
  }
  ReadPlace(reader, what, watch, context);
  if (watch.kind == WatchKind::kFiles) {
    ReadPatterns(reader, what, watch, context);
    if (const YamlNode* complete = reader.Optional("complete")) {
      ReadCompletion(*complete, what + ".complete", watch, context);
      if (watch.bucket && watch.completion == Completion::kRename) {
        context.problems.Add(*complete,
                             what +
                                 ".complete: nothing is renamed in a bucket: write "
                                 "{marker: \".done\"} or {stable: 5s}");
      }
    }
  }
  watch.projects = ReadProjects(reader, what, context);
  watch.rescan = reader.Duration("rescan").value_or(watch.rescan);
  if (watch.rescan < kShortestRescan) {
    context.problems.Add(*reader.Optional("rescan"), what + ".rescan: must be at least 1s");
  }
  reader.Finish();
  return watch;
}

}  // namespace

void ReadWatches(const YamlNode& node, ServerFile& server, ReadingContext& context) {
  if (node.kind != YamlNode::Kind::kSequence || node.items.size() > kMaxWatches) {
    context.problems.Add(node, fmt::format("watch: must be a list of at most {}", kMaxWatches));
    return;
  }
  for (const YamlNode& item : node.items) {
    const std::string what = fmt::format("watch[{}]", &item - node.items.data());
    WatchSettings watch = ReadWatch(item, what, context);
    if (!watch.bucket && !watch.path.empty() && !server.data_dir.empty() &&
        (LiesIn(watch.path, server.data_dir) || LiesIn(server.data_dir, watch.path))) {
      context.problems.Add(item, what + ".path: must lie apart from data_dir");
    }
    if (!watch.name.empty() && server.FindWatch(watch.name) != nullptr) {
      context.problems.Add(item, what + ": the watch " + watch.name + " is named already");
    }
    server.watches.push_back(std::move(watch));
  }
}

}  // namespace failgate
