#include "controller/daemon/demo_world.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "controller/base/digest.h"
#include "controller/base/durable_file.h"
#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/daemon/demo_folder.h"
#include "controller/git/signing_key.h"
#include "controller/runners/local_runner.h"

namespace failgate {
namespace {

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kScript = 0755;

Secret MakeSecret() {
  std::array<char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw ErrnoError("reading", "random bytes", errno);
  }
  Secret secret(HexEncode(std::string_view(bytes.data(), bytes.size())));
  RegisterSecret(secret);
  return secret;
}

/// Empty when steps run in a sandbox here. Throws Error when they do not run without one either.
std::string WhyNoSandbox(ProcessRunner& processes, const std::filesystem::path& folder) {
  const ProbeResult sandbox = LocalRunner(processes, {true, folder}).Probe();
  if (sandbox.works) return {};
  const ProbeResult plain = LocalRunner(processes, {false, folder}).Probe();
  if (!plain.works) {
    throw Error(
        Remedy::kNeedsChange,
        fmt::format(
            "steps cannot run below {}: {}; {}", folder.string(), sandbox.text, sandbox.remedy));
  }
  return fmt::format("{}; {}", sandbox.text, sandbox.remedy);
}

}  // namespace

DemoWorld::DemoWorld(ProcessRunner& processes,
                     std::filesystem::path folder,
                     int port,
                     std::stop_token stop)
    : processes_(processes),
      folder_(std::move(folder)),
      port_(port),
      shell_(processes, folder_, folder_ / "home", std::move(stop)) {}

void DemoWorld::LayDown() {
  MakeFolders();
  MakeServer();
  MakeOperations();
  UnpackDemoFiles("churn", folder_ / "churn");
  MakeRepository("churn", "dana");
}

void DemoWorld::MakeFolders() const {
  for (const char* name : {"git", "live/dev", "live/recette", "live/prod"}) {
    CreateFolders(folder_ / name);
  }
  for (const char* name : {"server", "people", "home"}) {
    CreateFolders(folder_ / name, kPrivateFolder);
  }
}

void DemoWorld::MakeServer() {
  no_sandbox_ = WhyNoSandbox(processes_, folder_);
  const auto server = folder_ / "server";
  UnpackDemoFiles("server",
                  server,
                  {{"DIR", folder_.string()},
                   {"PORT", fmt::format("{}", port_)},
                   {"SANDBOX", no_sandbox_.empty() ? "required" : "none"}});
  for (const char* name : {"churn-hook-secret", "operations-hook-secret"}) {
    WriteFileDurably(server / name, MakeSecret().Reveal() + "\n", kPrivateFile);
  }
}

void DemoWorld::MakeOperations() const {
  const auto operations = folder_ / "operations";
  const SigningKey key = SigningKey::Generate(folder_ / "server/signing_key", "failgate demo");
  UnpackDemoFiles("operations", operations, {{"DIR", folder_.string()}});
  WriteFileDurably(operations / "allowed_signers",
                   fmt::format("failgate@demo namespaces=\"git\" {}\n", key.PublicLine()));
  MakeRepository("operations", "alice");
  const DemoEnvironment alice = GitIdentity(DemoPersonOf("alice").person);
  shell_.Must({"git", "-C", "operations", "add", "-A"}, alice);
  shell_.Must({"git", "-C", "operations", "commit", "-q", "-m", "A ladder: dev, recette, prod"},
              alice);
  shell_.Must({"git", "-C", "operations", "push", "-q", "-u", "origin", "main"}, alice);
}

void DemoWorld::MakeRepository(const std::string& name, const std::string& handle) const {
  const std::string bare = (folder_ / "git" / (name + ".git")).string();
  const Person& person = DemoPersonOf(handle).person;
  shell_.Must({"git", "init", "-q", "--bare", "-b", "main", bare});
  shell_.Must({"git", "init", "-q", "-b", "main", name});
  shell_.Must({"git", "-C", name, "remote", "add", "origin", bare});
  // For whoever pushes by hand when the story is over.
  shell_.Must({"git", "-C", name, "config", "user.name", person.name});
  shell_.Must({"git", "-C", name, "config", "user.email", person.email});
}

void DemoWorld::StartController() {
  controller_ = std::make_unique<DemoController>(
      processes_, shell_, folder_ / "server/failgate.yaml", folder_ / "controller.log");
  controller_->AwaitListening(shell_.stop());
  HookUp("churn", "github");
  HookUp("operations", "gitlab");
}

void DemoWorld::HookUp(const std::string& name, const std::string& provider) const {
  const auto hook = folder_ / "git" / (name + ".git") / "hooks/post-receive";
  const auto secret = folder_ / "server" / (name + "-hook-secret");
  WriteFileDurably(
      hook,
      fmt::format("#!/bin/sh\n"
                  "# Makes this repository a forge: each push is told to failgate, signed.\n"
                  "exec {}\n",
                  AsTyped({shell_.program().string(),
                           "hook",
                           fmt::format("{}/hooks/{}", controller_->url(), name),
                           "--secret-file",
                           secret.string(),
                           "--provider",
                           provider})),
      kScript);
}

void DemoWorld::MakeTokens() {
  for (const DemoPerson& person : DemoPeople()) {
    if (person.role.empty()) continue;
    const std::string file = "people/" + person.handle + ".token";
    const std::string create = AsTyped({"failgate",
                                        "token",
                                        "create",
                                        FormatPerson(person.person),
                                        "--role",
                                        person.role,
                                        "--config",
                                        "server/failgate.yaml"});
    shell_.Must({"sh", "-c", "umask 077 && " + create + " > " + file});
    const Secret token{std::string(Trim(ReadFile(folder_ / file)))};
    Check(!token.empty(), "token create prints a token");
    RegisterSecret(token);
    tokens_[person.handle] = token;
  }
  watch_ = std::make_unique<DemoWatch>(*controller_, tokens_.at("you"), shell_.stop());
  watch_->AwaitReady();
}

void DemoWorld::StopController() {
  const std::string fault = controller_->End();
  if (!fault.empty()) {
    throw Error(Remedy::kNeedsChange,
                "expected: the controller ends in an orderly way; seen: " + fault);
  }
}

void DemoWorld::Edit(const std::string& push) const {
  UnpackDemoFiles("pushes/" + push, folder_ / "churn");
}

CommitId DemoWorld::Head() const {
  return CommitId(std::string(Trim(shell_.Must({"git", "-C", "churn", "rev-parse", "HEAD"}))));
}

DemoEnvironment DemoWorld::EnvironmentOf(const DemoPerson& person) const {
  DemoEnvironment environment = GitIdentity(person.person);
  if (controller_ != nullptr) environment.emplace_back("FAILGATE_URL", controller_->url());
  const auto token = tokens_.find(person.handle);
  if (token != tokens_.end()) environment.emplace_back("FAILGATE_TOKEN", token->second.Reveal());
  return environment;
}

}  // namespace failgate
