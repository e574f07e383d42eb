#include "controller/git/maintenance.h"

#include <fmt/format.h>

#include <system_error>

#include "controller/base/error.h"
#include "controller/base/log.h"
#include "controller/git/git_program.h"
#include "controller/git/leftovers.h"

namespace failgate {
namespace {

constexpr int kNice = 15;
/// What is packed is what came since the last time, and the packs up to twice its size: seconds.
constexpr Milliseconds kDeadline = std::chrono::minutes(5);

std::size_t CountFiles(const std::filesystem::path& folder, std::string_view extension) {
  std::error_code absent;
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder, absent)) {
    if (extension.empty() || entry.path().extension() == extension) {
      ++count;
    }
  }
  return count;
}

}  // namespace

ObjectCounts CountObjects(const std::filesystem::path& repository) {
  const std::filesystem::path objects = repository / "objects";
  ObjectCounts counts;
  counts.packs = CountFiles(objects / "pack", ".pack");
  for (int first_byte = 0; first_byte < 256; ++first_byte) {
    counts.loose += CountFiles(objects / fmt::format("{:02x}", first_byte), "");
  }
  return counts;
}

bool MaintainRepository(ProcessRunner& runner,
                        const std::filesystem::path& repository,
                        Milliseconds deadline,
                        const ObjectCounts& threshold) {
  const ObjectCounts counts = CountObjects(repository);
  if (counts.packs <= threshold.packs && counts.loose <= threshold.loose) {
    return false;
  }
  ProcessSpec spec =
      GitSpec({"--git-dir=" + repository.native(), "repack", "-d", "--geometric=2", "--quiet"},
              CommonGitSettings(),
              repository,
              "/dev/null");
  spec.nice = kNice;
  spec.timeout = deadline;
  const ProcessResult result = runner.Run(spec);
  if (!result.Succeeded()) {
    throw Error(
        Remedy::kRetry,
        fmt::format("repacking {}: {}", repository.native(), GitComplaint(result, deadline)));
  }
  return true;
}

void KeepRepositorySmall(ProcessRunner& runner, const std::filesystem::path& repository) {
  try {
    MaintainRepository(runner, repository, kDeadline);
  } catch (const Error& error) {
    log::Warning("a repository could not be repacked", {{"cause", error.what()}});
    RemoveGitLeftovers(repository);
  }
}

}  // namespace failgate
