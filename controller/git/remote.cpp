#include "controller/git/remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "controller/base/durable_file.h"
#include "controller/base/fail_point.h"
#include "controller/base/text.h"
#include "controller/git/askpass.h"
#include "controller/git/git_program.h"

namespace failgate {
namespace {

/// A reference advertisement of some 500,000 refs.
constexpr std::size_t kMaxListBytes = std::size_t{64} << 20U;

/// Git starts upload-pack and receive-pack of a file remote with its configuration variables
/// cleared, so ownership must be waved through by a file: the operator's URL is the consent.
constexpr std::string_view kGlobalConfig = "[safe]\n\tdirectory = *\n";

/// Words of git, git-lfs, curl and ssh for what waiting does not cure.
constexpr std::array<std::string_view, 31> kNeedsChangeWords = {
    "Authentication failed",
    "Authentication required",
    "Authorization error",
    "could not read Username",
    "could not read Password",
    "Permission denied",
    "Host key verification failed",
    "does not appear to be a git repository",
    "does not exist",
    "not found",
    "No such file or directory",
    "returned error: 301",
    "returned error: 302",
    "returned error: 303",
    "returned error: 307",
    "returned error: 308",
    "returned error: 401",
    "returned error: 403",
    "returned error: 404",
    "unable to update url base from redirection",
    "SSL certificate problem",
    "certificate subject name",
    "certificate verification failed",
    "find remote ref",
    "dubious ownership",
    "not allowed",
    "invalid refspec",
    "fsck error",
    "src refspec",
    "error setting certificate",
    "bad object"};

bool NeedsChange(const std::string& complaint) {
  // A name that does not resolve today may tomorrow, whatever else was "not found".
  if (complaint.find("Could not resolve host") != std::string::npos) {
    return false;
  }
  return std::any_of(
      kNeedsChangeWords.begin(), kNeedsChangeWords.end(), [&complaint](std::string_view words) {
        return complaint.find(words) != std::string::npos;
      });
}

[[noreturn]] void RefuseConfig(const std::string& url, std::string_view why) {
  throw Error(Remedy::kNeedsChange,
              fmt::format("using repository {}: {}", OneLine(Redact(url), 300), why));
}

/// ssh splits, expands and unquotes option values, and a shell reads the command before it.
void DemandPlainPath(const std::string& url, const std::filesystem::path& path) {
  const std::string& text = path.native();
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+@=,").find(c) != std::string_view::npos;
  });
  if (!plain || !path.is_absolute()) {
    RefuseConfig(url, fmt::format("the path {} must be absolute and plain", OneLine(text, 200)));
  }
}

void DemandUserName(const std::string& url, const std::string& user) {
  const bool plain = std::all_of(user.begin(), user.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._~-").find(c) != std::string_view::npos;
  });
  if (user.empty() || !plain) {
    RefuseConfig(url, "the user name of a token is letters, digits and . _ ~ -");
  }
}

void DemandArgument(const std::string& text, std::string_view what) {
  const bool odd =
      text.empty() || text.front() == '-' || std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
      });
  if (odd) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("using {} \"{}\": it cannot be one", what, OneLine(text, 100)));
  }
}

std::string_view ProtocolName(UrlScheme scheme) {
  switch (scheme) {
    case UrlScheme::kHttps:
      return "https";
    case UrlScheme::kHttp:
      return "http";
    case UrlScheme::kSsh:
      return "ssh";
    case UrlScheme::kFile:
      break;
  }
  return "file";
}

bool IsHttp(UrlScheme scheme) {
  return scheme == UrlScheme::kHttps || scheme == UrlScheme::kHttp;
}

void PrepareHome(const std::filesystem::path& home) {
  CreateFolders(home, 0700);
  const std::filesystem::path config = home / "gitconfig";
  if (ReadFileIfPresent(config) != std::string(kGlobalConfig)) {
    WriteFileDurably(config, kGlobalConfig, 0600);
  }
}

}  // namespace

Remote::Remote(ProcessRunner& runner, RemoteConfig config, std::stop_token stop)
    : runner_(runner), config_(std::move(config)), stop_(std::move(stop)) {
  Result<RemoteUrl> url = ParseRemoteUrl(config_.url);
  if (!url) {
    RefuseConfig(config_.url, url.error().text);
  }
  url_ = std::move(url).value();
  if (config_.token) {
    RegisterSecret(*config_.token);
    if (!IsHttp(url_.scheme)) {
      RefuseConfig(config_.url, "a token goes with https only");
    }
    if (config_.token->empty() ||
        config_.token->Reveal().find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      RefuseConfig(config_.url, "its token is empty or has line breaks");
    }
    DemandUserName(config_.url, config_.user);
  }
  if (url_.scheme == UrlScheme::kSsh && !config_.known_hosts) {
    RefuseConfig(config_.url, "ssh needs a known_hosts file: host keys are always checked");
  }
  for (const auto& path : {config_.ssh_key, config_.known_hosts, config_.ca_file}) {
    if (path) {
      DemandPlainPath(config_.url, *path);
    }
  }
  Check(config_.home.is_absolute(), "the home of git children is an absolute path");
  PrepareHome(config_.home);
  if (config_.token) {
    InstallAskpass(config_.home);
  }
}

std::string Remote::SshCommand() const {
  std::string command =
      "ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none "
      "-o StrictHostKeyChecking=yes -o GlobalKnownHostsFile=/dev/null -o ForwardAgent=no "
      "-o UpdateHostKeys=no -o PermitLocalCommand=no -o UserKnownHostsFile=" +
      config_.known_hosts->native();
  return command + (config_.ssh_key ? " -i " + config_.ssh_key->native() : "");
}

std::vector<std::pair<std::string, std::string>> Remote::Settings() const {
  GitSettings settings = CommonGitSettings();
  settings.insert(settings.end(),
                  {{"protocol.allow", "never"},
                   {fmt::format("protocol.{}.allow", ProtocolName(url_.scheme)), "always"},
                   {"http.followRedirects", "false"},
                   {"http.sslVerify", "true"},
                   {"transfer.fsckObjects", "true"}});
  // Faults of old tools that many honest histories hold and that mislead nobody.
  for (const char* fault : {"zeroPaddedFilemode",
                            "badTimezone",
                            "missingSpaceBeforeDate",
                            "missingNameBeforeEmail",
                            "missingEmail"}) {
    settings.emplace_back(fmt::format("fetch.fsck.{}", fault), "ignore");
  }
  if (config_.ca_file) {
    settings.emplace_back("http.sslCAInfo", config_.ca_file->native());
  }
  if (config_.token) {
    settings.emplace_back("credential.username", config_.user);
  }
  return settings;
}

ProcessResult Remote::RunGit(const std::vector<std::string>& arguments,
                             Milliseconds deadline) const {
  ProcessSpec spec = GitSpec(arguments, Settings(), config_.home, config_.home / "gitconfig");
  FileDescriptor token;
  if (config_.token) {
    token = AnswerPrompts(config_.home / "askpass", url_, config_.user, *config_.token, spec);
  }
  if (url_.scheme == UrlScheme::kSsh) {
    spec.env.emplace_back("GIT_SSH_COMMAND", SshCommand());
    spec.env.emplace_back("GIT_SSH_VARIANT", "ssh");
  }
  return Start(spec, deadline);
}

ProcessResult Remote::Start(ProcessSpec& spec,
                            Milliseconds deadline,
                            std::optional<StartedChild> started) const {
  Check(deadline.count() > 0, "a call of a remote has a deadline");
  spec.timeout = deadline;
  spec.max_output_bytes = kMaxListBytes;
  const std::function<void()> beside = std::move(spec.on_input);
  spec.on_input = [&beside] {
    FailPoint("remote-running");
    if (beside) {
      beside();
    }
  };
  return started ? runner_.Run(spec, std::move(*started), stop_) : runner_.Run(spec, stop_);
}

Error Remote::Failure(const char* doing, const ProcessResult& result, Milliseconds deadline) const {
  const bool ended_by_us = result.timed_out || result.cancelled;
  // The complaint may be too short for the words that tell.
  return {
      !ended_by_us && NeedsChange(result.stderr_text) ? Remedy::kNeedsChange : Remedy::kRetry,
      fmt::format(
          "{} {}: {}", doing, OneLine(Redact(config_.url), 300), GitComplaint(result, deadline))};
}

std::vector<RemoteRef> Remote::List(const std::vector<std::string>& patterns,
                                    Milliseconds deadline) const {
  // No repository: one that happens to lie above the home folder must not be read.
  std::vector<std::string> arguments = {
      "--git-dir=/dev/null", "ls-remote", "--quiet", "--", url_.text};
  for (const std::string& pattern : patterns) {
    DemandArgument(pattern, "ref pattern");
    arguments.push_back(pattern);
  }
  const ProcessResult result = RunGit(arguments, deadline);
  if (!result.Succeeded()) {
    throw Failure("listing", result, deadline);
  }
  std::vector<RemoteRef> refs;
  for (const std::string& line : Split(result.stdout_text, '\n')) {
    const std::vector<std::string> fields = Split(line, '\t');
    const bool whole = fields.size() == 2 && IsObjectId(fields[0]);
    if ((!whole && !line.empty()) || result.stdout_truncated) {
      throw Error(Remedy::kNeedsChange,
                  fmt::format("listing {}: the remote's answer is no list of refs or too long",
                              OneLine(Redact(config_.url), 300)));
    }
    // "^{}" lines name what a tag leads to: no ref of their own.
    if (whole && fields[1].find("^{}") == std::string::npos) {
      refs.push_back({fields[1], ObjectId(fields[0])});
    }
  }
  return refs;
}

void Remote::Fetch(const std::filesystem::path& repository,
                   const std::vector<std::string>& refspecs,
                   Milliseconds deadline) const {
  std::vector<std::string> arguments = {"--git-dir=" + repository.native(),
                                        "fetch",
                                        "--quiet",
                                        "--no-tags",
                                        "--prune",
                                        "--no-write-fetch-head",
                                        "--no-auto-maintenance",
                                        "--no-recurse-submodules",
                                        "--",
                                        url_.text};
  Check(!refspecs.empty(), "a fetch names what it fetches");
  for (const std::string& refspec : refspecs) {
    DemandArgument(refspec, "refspec");
    arguments.push_back(refspec);
  }
  const ProcessResult result = RunGit(arguments, deadline);
  if (!result.Succeeded()) {
    throw Failure("fetching", result, deadline);
  }
}

}  // namespace failgate
