#include "controller/data/dvc_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/base/yaml_document.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFolderEnd = ".dir";
constexpr std::size_t kMd5Digits = 32;
constexpr std::size_t kMaxOuts = 100'000;
constexpr std::size_t kMaxProblems = 2000;  ///< characters
constexpr std::size_t kMaxEntries = 1'000'000;

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool IsMd5(std::string_view text) {
  return text.size() == kMd5Digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Refusal Invalid(const std::string& file, const YamlNode& at, const std::string& why) {
  return Refusal{"invalid_dvc",
                 fmt::format("{}:{}:{}: {}", OneLine(file, 300), at.line, at.column, why)};
}

std::string InOneLine(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    lines.push_back(Describe(problem));
  }
  return OneLine(Join(lines, "; "), kMaxProblems);
}

std::string TextOf(const YamlNode& node, const char* key) {
  const YamlNode* value = node.Find(key);
  return value == nullptr ? "" : value->scalar;
}

/// Where an output lies, from the root; nullopt when it would leave the source.
std::optional<std::string> PlaceOf(const std::string& file,
                                   const std::string& folder,
                                   const std::string& path) {
  if (path.empty() || path.front() == '/' || path.find("://") != std::string::npos) {
    return std::nullopt;
  }
  const std::filesystem::path place =
      (std::filesystem::path(file).parent_path() / folder / path).lexically_normal();
  std::string text = place.generic_string();
  return IsSafeRelativePath(text) ? std::optional<std::string>(std::move(text)) : std::nullopt;
}

Result<DvcOut> ReadOut(const YamlNode& node, const std::string& file, const std::string& folder) {
  DvcOut out;
  if (node.kind != YamlNode::Kind::kMapping) {
    return Invalid(file, node, "an output must be a mapping");
  }
  const std::string path = TextOf(node, "path");
  const auto place = PlaceOf(file, folder, path);
  if (!place) {
    return Invalid(
        file,
        node,
        fmt::format("the output \"{}\" is no path inside the source", OneLine(path, 200)));
  }
  out.path = *place;
  std::string md5 = TextOf(node, "md5");
  out.is_folder = EndsWith(md5, kFolderEnd);
  if (out.is_folder) {
    md5.resize(md5.size() - kFolderEnd.size());
  }
  const std::string hash = TextOf(node, "hash");
  if (!IsMd5(md5) || (!hash.empty() && hash != "md5")) {
    return Invalid(file,
                   node,
                   fmt::format("the output \"{}\" has no md5: what it should be cannot be told "
                               "(`dvc commit` writes it)",
                               OneLine(path, 200)));
  }
  out.md5 = md5;
  out.former = hash.empty();
  if (node.Find("size") != nullptr) {
    out.size = ParseNonNegative(TextOf(node, "size"));
    if (!out.size) {
      return Invalid(file, *node.Find("size"), "size must be a number of bytes");
    }
  }
  return out;
}

std::optional<Refusal> ReadOuts(const YamlNode* outs,
                                const std::string& file,
                                const std::string& folder,
                                bool from_stage,
                                std::vector<DvcOut>& all) {
  if (outs == nullptr) {
    return std::nullopt;
  }
  if (outs->kind != YamlNode::Kind::kSequence) {
    return Invalid(file, *outs, "outs must be a list");
  }
  for (const YamlNode& item : outs->items) {
    Result<DvcOut> out = ReadOut(item, file, folder);
    if (!out) {
      return out.error();
    }
    if (all.size() >= kMaxOuts) {
      return Invalid(file, item, fmt::format("there are more than {} outputs", kMaxOuts));
    }
    out->from_stage = from_stage;
    all.push_back(std::move(out).value());
  }
  return std::nullopt;
}

}  // namespace

bool IsDvcFile(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return name == "dvc.lock" || (EndsWith(name, ".dvc") && name != ".dvc");
}

Result<std::vector<DvcOut>> ParseDvcFile(std::string_view bytes, const std::string& path) {
  const Parsed<YamlNode> document = ParseYaml(bytes, path);
  if (!document) {
    return Refusal{"invalid_dvc", InOneLine(document.error())};
  }
  if (document->kind != YamlNode::Kind::kMapping) {
    return Invalid(path, *document, "the file must be a mapping");
  }
  std::vector<DvcOut> outs;
  if (!EndsWith(path, "dvc.lock")) {
    if (document->Find("outs") == nullptr) {
      return Invalid(path, *document, "the file names no outs");
    }
    const auto refusal =
        ReadOuts(document->Find("outs"), path, TextOf(*document, "wdir"), false, outs);
    return refusal ? Result<std::vector<DvcOut>>(*refusal) : outs;
  }
  // Before schema 2.0 stages stood at the root; their outputs could not be told from other keys.
  const YamlNode* stages = document->Find("stages");
  if (stages == nullptr || stages->kind != YamlNode::Kind::kMapping) {
    return Invalid(path, *document, "the file needs `stages` (schema 2.0): run `dvc repro`");
  }
  for (const YamlNode::Entry& stage : stages->entries) {
    if (auto refusal =
            ReadOuts(stage.value.Find("outs"), path, TextOf(stage.value, "wdir"), true, outs)) {
      return *refusal;
    }
  }
  return outs;
}

Result<std::vector<DvcEntry>> ParseDvcListing(std::string_view bytes) {
  const auto invalid = [](const std::string& why) {
    return Refusal{"invalid_dvc", "the listing of a folder " + why};
  };
  const Json list = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!list.is_array() || list.size() > kMaxEntries) {
    return invalid("is no JSON list of files");
  }
  std::vector<DvcEntry> entries;
  std::set<std::string> seen;
  for (const Json& item : list) {
    const auto text = [&item](const char* key) {
      const auto found = item.is_object() ? item.find(key) : item.end();
      return item.is_object() && found != item.end() && found->is_string()
                 ? found->get<std::string>()
                 : std::string();
    };
    DvcEntry entry{text("relpath"), text("md5")};
    if (!IsSafeRelativePath(entry.path) || !IsMd5(entry.md5)) {
      return invalid(
          fmt::format("names \"{}\", which is no file inside it", OneLine(entry.path, 200)));
    }
    if (!seen.insert(entry.path).second) {
      return invalid(fmt::format("names \"{}\" twice", OneLine(entry.path, 200)));
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string DigestText(const DvcOut& out) {
  return fmt::format("md5:{}{}", out.md5, out.is_folder ? kFolderEnd : "");
}

}  // namespace failgate
