// The SonarQube server that is asked for quality gates: the only one.
#include <algorithm>
#include <string>

#include "controller/base/text.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

constexpr Milliseconds kLongestPoll = std::chrono::minutes(5);

/// A token goes there: it must be encrypted or stay on this machine.
bool MayBeAsked(const std::string& url) {
  const bool clean = std::all_of(url.begin(), url.end(), [](char c) {
    return c > ' ' && c < 0x7f && std::string_view("@?#\"<>\\").find(c) == std::string_view::npos;
  });
  const bool safe =
      url.rfind("https://", 0) == 0 || (url.rfind("http://", 0) == 0 && IsLoopbackUrl(url));
  return clean && safe && url.back() != '/';
}

}  // namespace

SonarServerSettings ReadSonarServer(const YamlNode& node, ReadingContext& context) {
  SonarServerSettings sonar;
  MappingReader reader(node, "sonar", context.problems);
  sonar.url = reader.RequiredString("url");
  if (!sonar.url.empty() && !MayBeAsked(sonar.url)) {
    context.problems.Add(*reader.Optional("url"),
                         "sonar.url: write an https:// address without user, query and final "
                         "slash, such as https://sonarqube.example.com");
  }
  if (const YamlNode* token = reader.Required("token")) {
    sonar.token = ReadSecretReference(*token, "sonar.token", context).value_or(SecretReference());
  }
  sonar.ca = OptionalFile(reader, "ca", "sonar.ca", context);
  if (sonar.ca && sonar.url.rfind("http://", 0) == 0) {
    context.problems.Add(*reader.Optional("ca"), "sonar.ca: goes with an https:// URL only");
  }
  sonar.webhook = ReadWebhook(reader, "sonar.webhook", context, SenderKind::kSonar);
  sonar.poll = ReadPoll(reader, "sonar", sonar.poll, context);
  if (sonar.poll > kLongestPoll) {
    context.problems.Add(*reader.Optional("poll"),
                         "sonar.poll: must be at most 5m: older answers let nothing pass");
  }
  reader.Finish();
  return sonar;
}

}  // namespace failgate
