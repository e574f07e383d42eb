#include "controller/cli/commands/hook.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "controller/base/digest.h"
#include "controller/base/error.h"
#include "controller/base/ids.h"
#include "controller/base/text.h"
#include "controller/cli/exit_code.h"
#include "controller/cli/json_fields.h"
#include "controller/http/http_client.h"

namespace failgate {
namespace {

constexpr Milliseconds kConnectTimeout{3'000};
constexpr Milliseconds kTimeout{10'000};
constexpr std::size_t kMaxRefs = 100;

struct PushedRef {
  std::string before;
  std::string after;
  std::string ref;
  [[nodiscard]] bool is_tag() const { return ref.rfind("refs/tags/", 0) == 0; }
};

/// Branches and tags only; other refs are nobody's business.
std::vector<PushedRef> ReadPushedRefs(std::istream& input) {
  std::vector<PushedRef> refs;
  std::string line;
  while (refs.size() < kMaxRefs && std::getline(input, line)) {
    const std::vector<std::string> parts = Split(line, ' ');
    if (parts.size() != 3 || !IsObjectId(parts[0]) || !IsObjectId(parts[1]) ||
        !IsValidRefName(parts[2])) {
      continue;
    }
    PushedRef pushed{parts[0], parts[1], parts[2]};
    if (pushed.is_tag() || pushed.ref.rfind("refs/heads/", 0) == 0) {
      refs.push_back(std::move(pushed));
    }
  }
  return refs;
}

/// Who pushed, as far as ssh or git tells: for people to read, never for rights.
std::string Pusher(const CommandContext& context) {
  for (const char* name : {"REMOTE_USER", "USER", "LOGNAME"}) {
    const std::string value = context.environment(name).value_or("");
    if (!value.empty()) {
      return OneLine(value, 100);
    }
  }
  return "git";
}

std::string GithubBody(const PushedRef& pushed, const std::string& path, const std::string& who) {
  const std::string name = std::filesystem::path(path).stem().string();
  return nlohmann::json{{"ref", pushed.ref},
                        {"before", pushed.before},
                        {"after", pushed.after},
                        {"created", IsZeroObjectId(pushed.before)},
                        {"deleted", IsZeroObjectId(pushed.after)},
                        {"forced", false},
                        {"repository", {{"name", name}, {"clone_url", path}}},
                        {"pusher", {{"name", who}}},
                        {"commits", nlohmann::json::array()}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string GitlabBody(const PushedRef& pushed, const std::string& path, const std::string& who) {
  const std::string kind = pushed.is_tag() ? "tag_push" : "push";
  return nlohmann::json{{"object_kind", kind},
                        {"event_name", kind},
                        {"ref", pushed.ref},
                        {"before", pushed.before},
                        {"after", pushed.after},
                        {"user_name", who},
                        {"project", {{"git_http_url", path}}},
                        {"commits", nlohmann::json::array()},
                        {"total_commits_count", 0}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

ClientRequest MakeRequest(const HookOptions& options,
                          const PushedRef& pushed,
                          const std::string& path,
                          const Secret& secret,
                          const CommandContext& context) {
  ClientRequest request;
  request.method = "POST";
  request.url = options.url;
  request.connect_timeout = kConnectTimeout;
  request.timeout = kTimeout;
  const std::string id = NewUuid(context.clock.Now());
  request.headers.emplace_back("Content-Type", "application/json");
  if (options.provider == "gitlab") {
    request.body = GitlabBody(pushed, path, Pusher(context));
    request.headers.emplace_back("X-Gitlab-Event", pushed.is_tag() ? "Tag Push Hook" : "Push Hook");
    request.headers.emplace_back("X-Gitlab-Token", secret.Reveal());
    request.headers.emplace_back("Idempotency-Key", id);
    return request;
  }
  request.body = GithubBody(pushed, path, Pusher(context));
  request.headers.emplace_back("X-GitHub-Event", "push");
  request.headers.emplace_back("X-GitHub-Delivery", id);
  request.headers.emplace_back("X-Hub-Signature-256",
                               "sha256=" + HexEncode(HmacSha256(secret.Reveal(), request.body)));
  return request;
}

/// The absolute path that a server file names this repository by.
std::filesystem::path RepositoryPath(const HookOptions& options, const CommandContext& context) {
  std::filesystem::path path = options.repository;
  if (path.empty()) {
    path = context.environment("GIT_DIR").value_or(".");
  }
  path = std::filesystem::absolute(path).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

void Send(const ClientRequest& request, const PushedRef& pushed, Terminal& terminal) {
  const std::string ref = EscapeControls(pushed.ref);
  try {
    const ClientResponse response = Fetch(request);
    const auto answer = nlohmann::json::parse(response.body, nullptr, false);
    const std::string status = TextField(answer, "status");
    if (response.status < 200 || response.status >= 300) {
      terminal.Note(fmt::format(
          "failgate: warning: the server answered {} for {}; the next poll will find the push",
          response.status,
          ref));
      return;
    }
    const std::string delivery = TextField(answer, "delivery");
    terminal.Note(fmt::format("failgate: {} {}{}",
                              status.empty() ? "accepted" : status,
                              ref,
                              delivery.empty() ? "" : " as delivery " + delivery));
  } catch (const Error& error) {
    terminal.Note(fmt::format("failgate: warning: {}: {}; the next poll will find the push",
                              ref,
                              EscapeControls(error.what())));
  }
}

}  // namespace

int RunHook(const HookOptions& options, CommandContext& context) {
  if (options.provider != "github" && options.provider != "gitlab") {
    context.terminal.Error("--provider must be github or gitlab");
    return kExitUsage;
  }
  const std::vector<PushedRef> refs = ReadPushedRefs(context.input);
  const SecretReference reference{"", std::filesystem::absolute(options.secret_file)};
  const Result<Secret> secret = ReadSecret(reference, context.environment);
  if (!secret) {
    context.terminal.Note(fmt::format("failgate: warning: {}; the next poll will find the push",
                                      secret.error().text));
    return kExitDone;
  }
  const std::string path = RepositoryPath(options, context).string();
  for (const PushedRef& pushed : refs) {
    Send(MakeRequest(options, pushed, path, *secret, context), pushed, context.terminal);
  }
  return kExitDone;
}

}  // namespace failgate
