#include "controller/config/server_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/call_address.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/base/yaml_reader.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string ReadUrl(MappingReader& reader, ReadingContext& context) {
  std::string url = reader.String("url").value_or("");
  const YamlNode* at = reader.Optional("url");
  if (at == nullptr) return url;
  const bool http = StartsWith(url, "http://") || StartsWith(url, "https://");
  const bool clean =
      std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '@'; });
  if (!http || !clean || url.find_first_of("?#\"<>\\") != std::string::npos) {
    context.problems.Add(*at,
                         "url: must be an http:// or https:// address without credentials, "
                         "query or fragment");
    return {};
  }
  if (const auto fault = FaultOfCallAddress(url)) {
    context.problems.Add(*at, "url: " + *fault);
    return {};
  }
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

TlsSettings ReadTls(const YamlNode& node, ReadingContext& context) {
  MappingReader reader(node, "listen.tls", context.problems);
  reader.Required("certificate");
  reader.Required("key");
  TlsSettings files;
  files.certificate =
      OptionalFile(reader, "certificate", "listen.tls.certificate", context).value_or("");
  files.key = OptionalFile(reader, "key", "listen.tls.key", context).value_or("");
  reader.Finish();
  return files;
}

ListenSettings ReadListen(const YamlNode& node, ReadingContext& context) {
  ListenSettings listen;
  MappingReader reader(node, "listen", context.problems);
  listen.address = reader.String("address").value_or(listen.address);
  if (listen.address != "localhost" && !IsIpAddress(listen.address)) {
    context.problems.Add(*reader.Optional("address"), "listen.address: must be an IP address");
  }
  listen.port = static_cast<int>(reader.Integer("port", 0, 65535).value_or(listen.port));
  if (const YamlNode* node_of_tls = reader.Optional("tls")) {
    listen.tls = ReadTls(*node_of_tls, context);
  }
  reader.Finish();
  return listen;
}

std::filesystem::path ReadDataFolder(MappingReader& reader, ReadingContext& context) {
  const std::string text = reader.RequiredString("data_dir");
  if (text.empty()) return {};
  std::filesystem::path folder = std::filesystem::path(text).lexically_normal();
  if (!folder.has_filename() && folder != folder.root_path()) folder = folder.parent_path();
  if (!folder.is_absolute() || folder == folder.root_path() || EscapeControls(text) != text) {
    context.problems.Add(*reader.Optional("data_dir"),
                         "data_dir: must be an absolute folder other than /");
    return {};
  }
  return folder;
}

template <typename Name>
std::vector<Name> ReadNames(MappingReader& reader,
                            const std::string& what,
                            const std::string& key,
                            ReadingContext& context) {
  std::vector<Name> names;
  const YamlNode* at = reader.Required(key);
  for (const std::string& text : reader.Strings(key).value_or(std::vector<std::string>())) {
    if (IsValidName(text)) {
      names.emplace_back(text);
    } else {
      context.problems.Add(*at, what + "." + key + ": \"" + OneLine(text, 80) + "\" is not a name");
    }
  }
  if (at != nullptr && at->kind == YamlNode::Kind::kSequence && at->items.empty()) {
    context.problems.Add(*at, what + "." + key + ": at least one is needed");
  }
  return names;
}

NamedSecret ReadNamedSecret(const YamlNode& node,
                            const std::string& what,
                            ReadingContext& context) {
  NamedSecret secret;
  if (node.kind != YamlNode::Kind::kMapping) {
    context.problems.Add(
        node, what + ": a literal secret is not allowed: write {file: ...} or {env: ...}");
    return secret;
  }
  MappingReader reader(node, what, context.problems);
  // The reference's two keys stand beside the others: they are read from a mapping of their own.
  YamlNode reference = node;
  reference.entries.clear();
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.key.scalar == "file" || entry.key.scalar == "env") reference.entries.push_back(entry);
  }
  reader.Allow("file");
  reader.Allow("env");
  secret.reference = ReadSecretReference(reference, what, context).value_or(SecretReference());
  secret.environments = ReadNames<EnvironmentName>(reader, what, "environments", context);
  secret.projects = ReadNames<ProjectName>(reader, what, "projects", context);
  reader.Finish();
  return secret;
}

std::map<std::string, NamedSecret> ReadSecrets(const YamlNode& node, ReadingContext& context) {
  std::map<std::string, NamedSecret> secrets;
  if (node.kind != YamlNode::Kind::kMapping) {
    context.problems.Add(node, "secrets: must be a mapping of names");
    return secrets;
  }
  for (const YamlNode::Entry& entry : node.entries) {
    const std::string& name = entry.key.scalar;
    if (!IsValidName(name)) {
      context.problems.Add(entry.key, "secrets: \"" + OneLine(name, 80) + "\" is not a name");
      continue;
    }
    secrets[name] = ReadNamedSecret(entry.value, "secrets." + name, context);
  }
  return secrets;
}

// A store or artifact place of the contract that this version does not have must not be ignored.
// The text found is not repeated: a postgresql:// URL may hold a password.
void ReadStoreAndArtifacts(MappingReader& reader, ReadingContext& context) {
  const std::string store = reader.String("store").value_or("sqlite");
  if (StartsWith(store, "postgresql://") || StartsWith(store, "postgres://")) {
    context.problems.Add(*reader.Optional("store"),
                         "store: postgresql is not available in this version of failgate: use "
                         "sqlite");
  } else if (store != "sqlite") {
    context.problems.Add(*reader.Optional("store"), "store: must be sqlite");
  }
  const YamlNode* node = reader.Optional("artifacts");
  if (node == nullptr) return;
  MappingReader artifacts(*node, "artifacts", context.problems);
  const std::string kind =
      artifacts.OneOf("kind", {"directory", "s3", "artifactory", "oci"}).value_or("directory");
  if (kind != "directory") {
    context.problems.Add(
        *artifacts.Optional("kind"),
        "artifacts.kind: " + kind + " is not available in this version of failgate: use directory");
    return;
  }
  artifacts.Finish();
}

std::vector<std::string> ReadMetrics(const YamlNode& node, ReadingContext& context) {
  MappingReader reader(node, "metrics", context.problems);
  std::vector<std::string> addresses = reader.Strings("allow").value_or(std::vector<std::string>());
  for (const std::string& address : addresses) {
    if (IsIpAddress(address)) continue;
    context.problems.Add(*reader.Optional("allow"),
                         "metrics.allow: \"" + OneLine(address, 80) + "\" is not an IP address");
  }
  reader.Finish();
  return addresses;
}

TrustSettings ReadTrust(const YamlNode& node, ReadingContext& context) {
  TrustSettings trust;
  MappingReader reader(node, "trust", context.problems);
  reader.Required("owners");
  trust.owners = OptionalFile(reader, "owners", "trust.owners", context).value_or("");
  reader.Finish();
  return trust;
}

/// Its deliveries would have the place and the name of that source's.
void CheckHookName(const ServerFile& server,
                   const std::string& name,
                   const std::optional<WebhookSettings>& webhook,
                   const YamlNode& node,
                   ReadingContext& context) {
  if (webhook && server.ProjectsOf(SourceName(name)) != nullptr) {
    context.problems.Add(node,
                         fmt::format("{0}.webhook: /hooks/{0} is the source {0} already: give that "
                                     "source another name",
                                     name));
  }
}

void ReadRoot(const YamlNode& root, ServerFile& server, ReadingContext& context) {
  MappingReader reader(root, "", context.problems);
  reader.Required("controller");
  server.controller = reader.Name("controller").value_or("");
  server.url = ReadUrl(reader, context);
  server.data_dir = ReadDataFolder(reader, context);
  if (const YamlNode* node = reader.Optional("listen")) server.listen = ReadListen(*node, context);
  if (const YamlNode* node = reader.Required("operations")) {
    server.operations = ReadOperations(*node, context);
  }
  if (const YamlNode* node = reader.Optional("sources")) {
    ReadSources(*node, server, context);
  }
  if (const YamlNode* node = reader.Optional("watch")) {
    ReadWatches(*node, server, context);
  }
  if (const YamlNode* node = reader.Optional("secrets")) {
    server.secrets = ReadSecrets(*node, context);
  }
  if (const YamlNode* node = reader.Optional("runner")) server.runner = ReadRunner(*node, context);
  if (const YamlNode* node = reader.Optional("targets")) {
    server.targets = ReadTargets(*node, context);
  }
  if (const YamlNode* node = reader.Optional("metrics")) {
    server.metrics_allow = ReadMetrics(*node, context);
  }
  if (const YamlNode* node = reader.Optional("limits")) server.limits = ReadLimits(*node, context);
  ReadStoreAndArtifacts(reader, context);
  if (const YamlNode* node = reader.Optional("trust")) server.trust = ReadTrust(*node, context);
  if (const YamlNode* node = reader.Optional("sonar")) {
    server.sonar = ReadSonarServer(*node, context);
    CheckHookName(server, kSonarSource, server.sonar->webhook, *node, context);
  }
  if (const YamlNode* node = reader.Optional("mlflow")) {
    server.mlflow = ReadMlflow(*node, context);
    CheckHookName(server, kMlflowSource, server.mlflow->webhook, *node, context);
  } else if (server.targets.Allows("mlflow")) {
    context.problems.Add(*reader.Optional("targets"),
                         "targets: mlflow is allowed, so mlflow: {url: ..., projects: [...]} is "
                         "needed in this file");
  }
  reader.Finish();
}

}  // namespace

bool TargetSettings::Allows(std::string_view kind) const {
  return std::find(allow.begin(), allow.end(), kind) != allow.end();
}

bool MlflowSettings::Serves(const ProjectName& project) const {
  return std::find(projects.begin(), projects.end(), project) != projects.end();
}

const SourceSettings* ServerFile::FindSource(const SourceName& name) const {
  for (const SourceSettings& source : sources) {
    if (source.name == name) return &source;
  }
  return nullptr;
}

const ImageSourceSettings* ServerFile::FindImage(const SourceName& name) const {
  for (const ImageSourceSettings& source : images) {
    if (source.name == name) return &source;
  }
  return nullptr;
}

const WatchSettings* ServerFile::FindWatch(std::string_view name) const {
  for (const WatchSettings& watch : watches) {
    if (watch.name == name) return &watch;
  }
  return nullptr;
}

const std::vector<ProjectName>* ServerFile::ProjectsOf(const SourceName& name) const {
  if (const SourceSettings* source = FindSource(name)) return &source->projects;
  const ImageSourceSettings* image = FindImage(name);
  return image == nullptr ? nullptr : &image->projects;
}

const SourceSettings* ServerFile::SourceOf(const ProjectName& project) const {
  for (const SourceSettings& source : sources) {
    if (source.kind != SourceKind::kCode) continue;
    const auto& projects = source.projects;
    if (std::find(projects.begin(), projects.end(), project) != projects.end()) return &source;
  }
  return nullptr;
}

Parsed<ServerFile> ParseServerFile(std::string_view text, const std::filesystem::path& file) {
  const Parsed<YamlNode> document = ParseYaml(text, file.string());
  if (!document) return document.error();
  ProblemSink problems(file.string());
  ServerFile server;
  server.file = std::filesystem::absolute(file).lexically_normal();
  ReadingContext context{problems, server.file.parent_path()};
  ReadRoot(*document, server, context);
  if (!problems.empty()) return problems.Take();
  return server;
}

Parsed<ServerFile> LoadServerFile(const std::filesystem::path& file) {
  std::string text;
  try {
    text = ReadFile(file, kMaxFileBytes);
  } catch (const Error& error) {
    return Problems{Problem{file.string(), 0, 0, error.what()}};
  }
  return ParseServerFile(text, file);
}

}  // namespace failgate
