// Appends facts to the deploy log of an operations repository and says how long that took, and how
// much CPU, its own and that of git and the remote. Started by log_writing.py: FOLDER holds
// operations.git and signing_key; MIRROR is a name not used before.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "controller/base/error.h"
#include "controller/base/text.h"
#include "controller/deploylog/deploy_log.h"

namespace failgate {
namespace {

FactDraft Healed(const Clock& clock, long number) {
  FactDraft draft;
  draft.fact.kind = FactKind::kHealed;
  draft.fact.at = clock.Now();
  draft.fact.subject = fmt::format("healed churn-{} in prod", number);
  draft.fact.project = ProjectName("churn");
  draft.fact.environment = EnvironmentName("prod");
  draft.fact.release = ReleaseName(fmt::format("churn-{}", number));
  draft.fact.Add("Gate", "tests pass (unit 212, integration 18, functional 4)");
  draft.fact.Add("Gate", "coverage pass (lines 91 %)");
  draft.result = "success";
  return draft;
}

/// Seconds of CPU of this process, or of the children that have ended.
double ProcessorTime(int whose) {
  rusage usage{};
  Check(getrusage(whose, &usage) == 0, "the usage of a process is known");
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Seconds for `facts` facts, `batch` of them in each Append; each Append is one push.
double Write(DeployLog& log, const Clock& clock, long facts, long batch) {
  const auto begin = std::chrono::steady_clock::now();
  for (long done = 0; done < facts; done += batch) {
    std::vector<FactDraft> drafts;
    for (long i = 0; i < batch; ++i) {
      drafts.push_back(Healed(clock, done + i + 1));
    }
    for (const auto& written : log.Append(drafts)) {
      Check(written.has_value(), "every fact is written");
    }
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int Run(const std::filesystem::path& folder, const std::string& mirror, long facts, long batch) {
  ProcessRunner runner;
  RemoteConfig config;
  config.url = (folder / "operations.git").string();
  config.home = folder / "home-of-log-writer";
  const SigningKey key = SigningKey::Load(folder / "signing_key");
  DeployLog::Options options;
  options.repository = folder / mirror;
  options.controller = "benchmark";
  options.instance = mirror;
  options.host = "localhost";
  DeployLog log(
      options, [&] { return Remote(runner, config); }, key, SystemClock());
  log.Fetch();
  log.TakeOver();
  Write(log, SystemClock(), 1, 1);  // The first push also makes what stays.
  const double own = ProcessorTime(RUSAGE_SELF);
  const double children = ProcessorTime(RUSAGE_CHILDREN);
  const double seconds = Write(log, SystemClock(), facts, batch);
  fmt::print("{:.6f} {:.6f} {:.6f}\n",
             seconds,
             ProcessorTime(RUSAGE_SELF) - own,
             ProcessorTime(RUSAGE_CHILDREN) - children);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace failgate

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto facts =
      arguments.size() == 4 ? failgate::ParseNonNegative(arguments[2]) : std::nullopt;
  const auto batch =
      arguments.size() == 4 ? failgate::ParseNonNegative(arguments[3]) : std::nullopt;
  if (!facts || !batch || *batch < 1 || *facts % *batch != 0) {
    std::fputs("usage: failgate_log_writer FOLDER MIRROR FACTS BATCH\n", stderr);
    return 2;
  }
  try {
    return failgate::Run(arguments[0], arguments[1], *facts, *batch);
  } catch (const failgate::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}
