#include "controller/cli/checked_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/yaml_document.h"
#include "controller/cli/operations_tree.h"
#include "controller/config/server_file.h"
#include "controller/git/allowed_signers.h"
#include "controller/pipeline/pipeline_file.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr const char* kSignersFile = "allowed_signers";
constexpr const char* kOwnersFile = "owners";

enum class FileKind { kPipeline, kServer, kUnknown };

CheckedFile Broken(const std::filesystem::path& path, const std::string& text) {
  return {path.string(), "", {Problem{path.string(), 0, 0, text}}};
}

bool HasOneOf(const YamlNode& root, std::initializer_list<const char*> keys) {
  return std::any_of(
      keys.begin(), keys.end(), [&](const char* key) { return root.Find(key) != nullptr; });
}

FileKind KindOf(const YamlNode& root) {
  if (HasOneOf(root, {"steps", "triggers", "project"})) {
    return FileKind::kPipeline;
  }
  if (HasOneOf(root, {"controller", "operations", "data_dir", "sources", "listen"})) {
    return FileKind::kServer;
  }
  return FileKind::kUnknown;
}

CheckedFile CheckPipeline(const std::filesystem::path& path, const std::string& text) {
  const Parsed<Pipeline> pipeline = ParsePipeline(text, path.string());
  if (!pipeline) {
    return {path.string(), "pipeline", pipeline.error()};
  }
  return {path.string(),
          fmt::format(
              "pipeline of project {}, {} steps", pipeline->project.text(), pipeline->steps.size()),
          {}};
}

CheckedFile CheckServer(const std::filesystem::path& path, const std::string& text) {
  const Parsed<ServerFile> server = ParseServerFile(text, path);
  return {path.string(), "server file", server ? Problems() : server.error()};
}

CheckedFile CheckSigners(const std::filesystem::path& path, const std::string& text) {
  const Parsed<AllowedSigners> signers = AllowedSigners::Parse(text, path.string());
  return {path.string(), "allowed signers", signers ? Problems() : signers.error()};
}

/// nullopt for YAML that is none of our files, where `demanded` is false.
std::optional<CheckedFile> CheckFile(const std::filesystem::path& path, bool demanded) {
  const std::string text = ReadFile(path, kMaxFileBytes);
  if (path.filename() == kSignersFile || path.filename() == kOwnersFile) {
    return CheckSigners(path, text);
  }
  const Parsed<YamlNode> root = ParseYaml(text, path.string());
  if (!root) {
    return CheckedFile{path.string(), "", root.error()};
  }
  switch (KindOf(*root)) {
    case FileKind::kPipeline:
      return CheckPipeline(path, text);
    case FileKind::kServer:
      return CheckServer(path, text);
    case FileKind::kUnknown:
      break;
  }
  if (path.filename() == kPipelineFileName) {
    return CheckPipeline(path, text);
  }
  if (!demanded) {
    return std::nullopt;
  }
  return Broken(
      path,
      "is no file of failgate: it is neither a pipeline (project, steps), nor a server file "
      "(controller, operations), nor below environments/ or desired/");
}

bool IsYaml(const std::filesystem::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

std::vector<CheckedFile> CheckFolder(const std::filesystem::path& folder) {
  std::vector<CheckedFile> checked;
  if (IsOperationsTree(folder)) {
    checked.push_back(CheckOperationsTree(folder));
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const bool ours = IsYaml(entry.path()) || entry.path().filename() == kSignersFile;
    if (ours && entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  // Where `init operations` puts it.
  const std::filesystem::path server = folder / "server" / "failgate.yaml";
  if (std::filesystem::is_regular_file(server)) {
    files.push_back(server);
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    if (auto one = CheckFile(file, false)) {
      checked.push_back(std::move(*one));
    }
  }
  if (checked.empty()) {
    checked.push_back(Broken(
        folder,
        "holds nothing to check: no environments/, no failgate.yaml, no other file of failgate"));
  }
  return checked;
}

}  // namespace

std::vector<CheckedFile> CheckPath(const std::filesystem::path& path) {
  try {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::directory) {
      return CheckFolder(path);
    }
    if (status.type() != std::filesystem::file_type::regular) {
      return {Broken(path, "there is no such file or folder")};
    }
    if (auto part = CheckOperationsFile(path)) {
      return {std::move(*part)};
    }
    return {CheckFile(path, true).value()};
  } catch (const Error& error) {
    return {Broken(path, error.what())};
  } catch (const std::filesystem::filesystem_error& error) {
    return {Broken(path, error.code().message())};
  }
}

}  // namespace failgate
