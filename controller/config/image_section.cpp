// A source that is a container image: where its registry is and how it is reached.
#include <algorithm>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxTagPatterns = 50;
constexpr std::size_t kMaxTokenHosts = 10;
constexpr const char* kDockerHub = "docker.io";

ImageCredentials ReadImageCredentials(const YamlNode& node,
                                      const std::string& what,
                                      ReadingContext& context) {
  ImageCredentials credentials;
  if (node.kind != YamlNode::Kind::kMapping) {
    context.problems.Add(node,
                         what +
                             ": write {username: NAME, password: {file: ...}} or "
                             "{token: {file: ...}}");
    return credentials;
  }
  MappingReader reader(node, what, context.problems);
  credentials.username = reader.String("username").value_or("");
  if (const YamlNode* password = reader.Optional("password")) {
    credentials.password = ReadSecretReference(*password, what + ".password", context);
  }
  if (const YamlNode* token = reader.Optional("token")) {
    credentials.token = ReadSecretReference(*token, what + ".token", context);
  }
  const bool user = reader.Optional("username") != nullptr;
  const bool password = reader.Optional("password") != nullptr;
  if (user != password || user == (reader.Optional("token") != nullptr)) {
    context.problems.Add(node, what + ": write either username and password, or a token");
  } else if (user && (credentials.username.find(':') != std::string::npos ||
                      EscapeControls(credentials.username) != credentials.username)) {
    context.problems.Add(node, what + ".username: must hold no ':' and no control characters");
  }
  reader.Finish();
  return credentials;
}

std::vector<std::string> ReadTags(MappingReader& reader,
                                  const std::string& what,
                                  ReadingContext& context) {
  std::vector<std::string> tags = reader.Strings("tags").value_or(std::vector<std::string>{"*"});
  const YamlNode* node = reader.Optional("tags");
  if (node == nullptr) {
    return {"*"};
  }
  if (tags.empty() || tags.size() > kMaxTagPatterns) {
    context.problems.Add(*node, what + ".tags: write one to fifty patterns, such as \"v*\"");
  }
  for (const std::string& tag : tags) {
    std::string plain = tag;
    for (char& c : plain) {
      c = c == '*' || c == '?' ? 'x' : c;
    }
    if (!IsImageTag(plain)) {
      context.problems.Add(
          *node, what + ".tags: \"" + OneLine(tag, 80) + "\" matches no tag an image can have");
    }
  }
  return tags;
}

std::vector<std::string> ReadTokenHosts(MappingReader& reader,
                                        const std::string& what,
                                        const ImageName& image,
                                        ReadingContext& context) {
  std::vector<std::string> hosts =
      reader.Strings("token_hosts").value_or(std::vector<std::string>());
  const YamlNode* node = reader.Optional("token_hosts");
  if (hosts.size() > kMaxTokenHosts) {
    context.problems.Add(*node, what + ".token_hosts: at most ten are possible");
  }
  for (const std::string& host : hosts) {
    if (!IsRegistryHost(host) || host.find(':') != std::string::npos) {
      context.problems.Add(*node,
                           what + ".token_hosts: \"" + OneLine(host, 80) +
                               "\" is not a host name: write it without scheme, port and path");
    }
  }
  if (image.registry == kDockerHub) {
    hosts.emplace_back("auth.docker.io");
  }
  return hosts;
}

void CheckImageTransport(const YamlNode& node,
                         const std::string& what,
                         const ImageSourceSettings& source,
                         ReadingContext& context) {
  if (source.ca && IsLoopbackHost(source.image.registry)) {
    context.problems.Add(
        node, what + ".ca: a registry on this machine is asked over http:// : remove it");
  }
}

}  // namespace

ImageSourceSettings ReadImageSource(const YamlNode& node,
                                    const std::string& what,
                                    ReadingContext& context) {
  ImageSourceSettings source;
  MappingReader reader(node, what, context.problems);
  reader.Required("name");
  reader.Allow("kind");
  source.name = SourceName(reader.Name("name").value_or(""));
  const std::string image = reader.RequiredString("image");
  if (const Result<ImageName> name = ParseImageName(image)) {
    source.image = *name;
  } else if (!image.empty()) {
    context.problems.Add(*reader.Optional("image"), what + ".image: " + name.error().text);
  }
  source.tags = ReadTags(reader, what, context);
  source.projects = ReadProjects(reader, what, context);
  if (const YamlNode* credentials = reader.Optional("credentials")) {
    source.credentials = ReadImageCredentials(*credentials, what + ".credentials", context);
  }
  source.token_hosts = ReadTokenHosts(reader, what, source.image, context);
  source.ca = OptionalFile(reader, "ca", what + ".ca", context);
  source.webhook = ReadWebhook(reader, what + ".webhook", context, SenderKind::kRegistry);
  source.poll = ReadPoll(reader, what, source.poll, context);
  CheckImageTransport(node, what, source, context);
  reader.Finish();
  return source;
}

}  // namespace failgate
