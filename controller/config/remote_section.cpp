// The operations repository and the sources: where they are and how they are reached.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "controller/base/call_address.h"
#include "controller/base/text.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

enum class Transport { kHttps, kHttp, kSsh, kFile, kUnknown };

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

Transport TransportOf(std::string_view url) {
  if (StartsWith(url, "https://")) return Transport::kHttps;
  if (StartsWith(url, "http://")) return Transport::kHttp;
  if (StartsWith(url, "ssh://")) return Transport::kSsh;
  if (StartsWith(url, "file:///") || StartsWith(url, "/")) return Transport::kFile;
  // The scp form user@host:path; "ext::" and other remote helpers have "::".
  const std::size_t colon = url.find(':');
  const bool scp = colon != std::string_view::npos && colon > 0 && url.find('/') > colon &&
                   url.find("::") == std::string_view::npos;
  return scp && url.find("://") == std::string_view::npos ? Transport::kSsh : Transport::kUnknown;
}

// Between "://" and the next '/'.
std::string_view Authority(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = url.substr(begin + 3);
  return rest.substr(0, rest.find('/'));
}

RemoteCredentials ReadCredentials(MappingReader& parent,
                                  const std::string& what,
                                  ReadingContext& context) {
  RemoteCredentials credentials;
  const YamlNode* node = parent.Optional("credentials");
  if (node == nullptr) return credentials;
  if (node->kind != YamlNode::Kind::kMapping) {
    context.problems.Add(*node,
                         what +
                             ": write {token: {file: ...}} or {ssh_key: {file: ...}, "
                             "known_hosts: {file: ...}}");
    return credentials;
  }
  MappingReader reader(*node, what, context.problems);
  if (const YamlNode* token = reader.Optional("token")) {
    credentials.token = ReadSecretReference(*token, what + ".token", context);
  }
  credentials.ssh_key = OptionalFile(reader, "ssh_key", what + ".ssh_key", context);
  credentials.known_hosts = OptionalFile(reader, "known_hosts", what + ".known_hosts", context);
  if (reader.Optional("token") != nullptr && reader.Optional("ssh_key") != nullptr) {
    context.problems.Add(*node, what + ": write either a token or an ssh_key");
  }
  reader.Finish();
  return credentials;
}

void CheckTransport(const YamlNode& at,
                    const std::string& what,
                    const std::string& url,
                    const RemoteCredentials& credentials,
                    bool has_ca,
                    ReadingContext& context) {
  const Transport transport = TransportOf(url);
  const bool http = transport == Transport::kHttps || transport == Transport::kHttp;
  if (credentials.token && !http) {
    context.problems.Add(at, what + ": a token goes with an https:// URL only");
  }
  if (credentials.token && transport == Transport::kHttp && !IsLoopbackUrl(url)) {
    context.problems.Add(at, what + ": a token is not sent over http:// : use https://");
  }
  if (transport == Transport::kSsh && (!credentials.ssh_key || !credentials.known_hosts)) {
    context.problems.Add(at, what + ": an ssh URL needs credentials with ssh_key and known_hosts");
  }
  if (transport != Transport::kSsh && (credentials.ssh_key || credentials.known_hosts)) {
    context.problems.Add(at, what + ": ssh_key and known_hosts go with an ssh URL only");
  }
  if (has_ca && transport != Transport::kHttps) {
    context.problems.Add(at, what + ": ca goes with an https:// URL only");
  }
}

// What the operations repository and a source have in common.
template <typename Settings>
void ReadRemote(MappingReader& reader,
                const std::string& what,
                Settings& settings,
                ReadingContext& context) {
  settings.url = reader.RequiredString("url");
  settings.credentials = ReadCredentials(reader, what + ".credentials", context);
  settings.ca = OptionalFile(reader, "ca", what + ".ca", context);
  settings.webhook = ReadWebhook(reader, what + ".webhook", context, SenderKind::kForge);
  settings.poll = ReadPoll(reader, what, settings.poll, context);
  if (settings.url.empty()) return;
  const YamlNode& at = *reader.Optional("url");
  if (const std::optional<std::string> fault = FaultOfRepositoryUrl(settings.url)) {
    context.problems.Add(at, what + ".url: " + *fault);
    return;
  }
  CheckTransport(at, what, settings.url, settings.credentials, settings.ca.has_value(), context);
}

void ReadDataBranch(MappingReader& reader,
                    const std::string& what,
                    SourceSettings& source,
                    ReadingContext& context) {
  const YamlNode* node = reader.Optional("branch");
  if (node == nullptr) return;
  source.branch = reader.String("branch").value_or("");
  if (source.kind != SourceKind::kData) {
    context.problems.Add(*node,
                         what +
                             ".branch: goes with kind: data; the branches of code are named in "
                             "the pipeline (triggers.code.branches)");
  } else if (!IsValidRefName("refs/heads/" + source.branch)) {
    context.problems.Add(*node,
                         what + ".branch: \"" + OneLine(source.branch, 80) + "\" is no branch");
  }
}

// Never read from .dvc/config: nothing in git says where bytes come from.
std::optional<std::filesystem::path> ReadDvcRemote(const YamlNode& node,
                                                   const std::string& what,
                                                   ReadingContext& context) {
  MappingReader reader(node, what, context.problems);
  const std::string remote = reader.RequiredString("remote");
  reader.Finish();
  if (remote.empty()) return std::nullopt;
  if (remote.find("://") != std::string::npos) {
    context.problems.Add(*node.Find("remote"),
                         what +
                             ".remote: this version of failgate reads DVC remotes that are "
                             "folders only: write the absolute path of one");
    return std::nullopt;
  }
  if (remote.front() != '/') {
    context.problems.Add(*node.Find("remote"), what + ".remote: must be an absolute path");
    return std::nullopt;
  }
  return std::filesystem::path(remote).lexically_normal();
}

SourceSettings ReadSource(const YamlNode& node, const std::string& what, ReadingContext& context) {
  SourceSettings source;
  MappingReader reader(node, what, context.problems);
  reader.Required("name");
  source.name = SourceName(reader.Name("name").value_or(""));
  ReadRemote(reader, what, source, context);
  source.projects = ReadProjects(reader, what, context);
  if (reader.OneOf("kind", {"code", "data", "image"}).value_or("code") == "data") {
    source.kind = SourceKind::kData;
  }
  ReadDataBranch(reader, what, source, context);
  if (const YamlNode* dvc = reader.Optional("dvc")) {
    source.dvc_remote = ReadDvcRemote(*dvc, what + ".dvc", context);
  }
  reader.Finish();
  return source;
}

bool IsImage(const YamlNode& node) {
  return std::any_of(node.entries.begin(), node.entries.end(), [](const YamlNode::Entry& entry) {
    return entry.key.scalar == "kind" && entry.value.scalar == "image";
  });
}

}  // namespace

std::vector<ProjectName> ReadProjects(MappingReader& reader,
                                      const std::string& what,
                                      ReadingContext& context) {
  std::vector<ProjectName> names;
  const YamlNode* projects = reader.Required("projects");
  for (const std::string& project :
       reader.Strings("projects").value_or(std::vector<std::string>())) {
    if (IsValidName(project)) {
      names.emplace_back(project);
    } else {
      context.problems.Add(
          *projects,
          what + ".projects: \"" + OneLine(project, 80) + "\" is not a name of a project");
    }
  }
  if (projects != nullptr && projects->kind == YamlNode::Kind::kSequence &&
      projects->items.empty()) {
    context.problems.Add(*projects, what + ".projects: at least one project is needed");
  }
  return names;
}

bool IsLoopbackUrl(std::string_view url) {
  std::string_view authority = Authority(url);
  if (StartsWith(authority, "[::1]")) return true;
  const std::string host = ToLower(authority.substr(0, authority.find(':')));
  return host == "localhost" || (StartsWith(host, "127.") && IsIpAddress(host));
}

std::optional<std::string> FaultOfRepositoryUrl(std::string_view url) {
  const bool clean = std::all_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
  });
  if (!clean || StartsWith(url, "-")) return "must not begin with '-' or hold blanks or controls";
  const Transport transport = TransportOf(url);
  if (transport == Transport::kHttps || transport == Transport::kHttp) {
    if (const auto fault = FaultOfCallAddress(url)) return fault;
  }
  switch (transport) {
    case Transport::kUnknown:
      return "must be https://, http://, ssh://, user@host:path, file:/// or an absolute path";
    case Transport::kHttps:
    case Transport::kHttp:
      if (Authority(url).find('@') != std::string_view::npos) {
        return "must not hold credentials: write them under credentials";
      }
      if (Authority(url).empty()) return "names no host";
      break;
    case Transport::kSsh:
      if (StartsWith(url, "ssh://")) {
        const std::string_view authority = Authority(url);
        const std::size_t at = authority.find('@');
        const std::string_view user =
            at == std::string_view::npos ? std::string_view() : authority.substr(0, at);
        if (user.find(':') != std::string_view::npos) {
          return "must not hold a password: write an ssh_key under credentials";
        }
        if (authority.empty() || StartsWith(authority, "-")) return "names no host";
      }
      break;
    case Transport::kFile:
      break;
  }
  return std::nullopt;
}

OperationsSettings ReadOperations(const YamlNode& node, ReadingContext& context) {
  OperationsSettings operations;
  MappingReader reader(node, "operations", context.problems);
  ReadRemote(reader, "operations", operations, context);
  if (const YamlNode* key = reader.Required("signing_key")) {
    operations.signing_key =
        ReadFileReference(*key, "operations.signing_key", context).value_or("");
  }
  reader.Finish();
  return operations;
}

void ReadSources(const YamlNode& node, ServerFile& server, ReadingContext& context) {
  if (node.kind != YamlNode::Kind::kSequence) {
    context.problems.Add(node, "sources: must be a list");
    return;
  }
  std::map<std::string, int> source_lines;
  std::map<std::string, int> project_lines;
  for (const YamlNode& item : node.items) {
    const std::string what = "sources[" + std::to_string(&item - node.items.data()) + "]";
    const auto check_name = [&](const SourceName& name) {
      if (!name.empty() && !source_lines.emplace(name.text(), item.line).second) {
        context.problems.Add(item,
                             what + ": the source " + name.text() + " is named already in line " +
                                 std::to_string(source_lines.at(name.text())));
      }
    };
    if (IsImage(item)) {
      server.images.push_back(ReadImageSource(item, what, context));
      check_name(server.images.back().name);
      continue;
    }
    SourceSettings source = ReadSource(item, what, context);
    check_name(source.name);
    for (const ProjectName& project : source.projects) {
      if (source.kind == SourceKind::kData) continue;
      const auto [first, added] = project_lines.emplace(project.text(), item.line);
      if (added) continue;
      context.problems.Add(item,
                           what + ": the project " + project.text() +
                               " is bound already to the source in line " +
                               std::to_string(first->second) + ": a project belongs to one source");
    }
    server.sources.push_back(std::move(source));
  }
  for (const SourceSettings& source : server.sources) {
    for (const ProjectName& project : source.projects) {
      if (source.kind == SourceKind::kData && project_lines.count(project.text()) == 0) {
        context.problems.Add(node,
                             "sources: " + source.name.text() + " is data of the project " +
                                 project.text() +
                                 ", which has no source of kind code: name the source of its "
                                 "pipeline too");
      }
    }
  }
}

}  // namespace failgate
