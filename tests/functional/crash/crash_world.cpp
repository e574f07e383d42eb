#include "tests/functional/crash/crash_world.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include <array>

#include "controller/base/error.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDiskSize = "size=800m";
constexpr const char* kFiller = "filler";

// In the bare repository, where hooks run: `mood` says what to do.
constexpr const char* kPreReceive = R"sh(#!/bin/sh
refs=$(cat)
case $(cat mood 2>/dev/null) in
  refuse) echo 'closed for the night' >&2; exit 1 ;;
  hang) : > hanging; sleep 1.5; rm -f hanging ;;
  die) kill -9 $PPID ;;
  race)
    case $refs in *refs/heads/main*)
      unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES
      export GIT_AUTHOR_NAME='Erik Lund' GIT_AUTHOR_EMAIL=erik@example.com
      export GIT_COMMITTER_NAME='Erik Lund' GIT_COMMITTER_EMAIL=erik@example.com
      first=$(echo 'Be first' | git commit-tree 'main^{tree}' -p main) &&
        git update-ref refs/heads/main "$first" && echo "$first" >> raced ;;
    esac ;;
esac
exit 0
)sh";

constexpr const char* kPostReceive = R"sh(#!/bin/sh
cat > /dev/null
case $(cat mood 2>/dev/null) in
  forget) kill -9 $PPID ;;
  answer-late) sleep 1.5 ;;
esac
exit 0
)sh";

const char* Word(RemoteMood mood) {
  switch (mood) {
    case RemoteMood::kKind:
      return "kind";
    case RemoteMood::kRefuse:
      return "refuse";
    case RemoteMood::kHang:
      return "hang";
    case RemoteMood::kDie:
      return "die";
    case RemoteMood::kForget:
      return "forget";
    case RemoteMood::kRace:
      return "race";
    case RemoteMood::kAnswerLate:
      return "answer-late";
  }
  return "";
}

bool SomebodyWorksIn(const fs::path& folder) {
  std::error_code gone;
  for (const auto& process : fs::directory_iterator("/proc")) {
    const fs::path place = fs::read_symlink(process.path() / "cwd", gone);
    if (!gone && place == folder) return true;
  }
  return false;
}

std::vector<InstalledSource> SourcesOf(const std::vector<std::string>& projects) {
  constexpr std::array kProviders = {"github", "gitlab"};
  std::vector<InstalledSource> sources;
  for (const std::string& project : projects) {
    sources.push_back({project, kProviders.at(sources.size() % 2), "2s", "", ""});
  }
  return sources;
}

}  // namespace

CrashWorld::CrashWorld(const std::vector<std::string>& projects)
    : projects_(projects), world_(SourcesOf(projects)) {
  world_.operations_poll = "500ms";
  world_.WriteServerFile();
  const fs::path hooks = world_.origin("operations") / "hooks";
  WriteFileDurably(hooks / "pre-receive", kPreReceive, 0755);
  WriteFileDurably(hooks / "post-receive", kPostReceive, 0755);
}

CrashWorld::~CrashWorld() {
  if (!mounted_) return;
  try {
    world_.Kill();
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
  }
  umount2(data().c_str(), MNT_DETACH);
}

void CrashWorld::Arm(const std::string& fail_point, int clock_seconds) {
  armed_ = fail_point.substr(0, fail_point.find_first_of(":="));
  world_.server_environment.clear();
  if (!fail_point.empty()) {
    world_.server_environment.emplace_back("FAILGATE_FAIL_POINT", fail_point);
  }
  if (clock_seconds != 0) {
    world_.server_environment.emplace_back("FAILGATE_FAIL_CLOCK", std::to_string(clock_seconds));
  }
}

bool CrashWorld::DiedAtItsPlace() const {
  const Installation& world = world_;
  return !armed_.empty() && !world.server().running() &&
         world.server().output().find("fail point " + armed_ + "\n") != std::string::npos;
}

bool CrashWorld::Start() {
  try {
    world_.Start(false);
    return true;
  } catch (const Error&) {
    if (!DiedAtItsPlace()) throw;
    return false;
  }
}

void CrashWorld::Kill() {
  if (!world_.server().running() && !DiedAtItsPlace()) {
    throw Error(Remedy::kNeedsChange, "the server ended by itself: " + world_.server().output());
  }
  world_.Kill();
}

void CrashWorld::AwaitDeathAt(const std::string& fail_point, Milliseconds patience) const {
  world_.WaitFor(
      "it dies at " + fail_point, [&] { return !world_.server().running(); }, patience);
  if (!DiedAtItsPlace()) {
    throw Error(Remedy::kNeedsChange,
                fmt::format("it did not die at {}: {}", fail_point, world_.server().output()));
  }
}

void CrashWorld::SetMood(RemoteMood mood) const {
  WriteFileDurably(world_.origin("operations") / "mood", Word(mood));
}

std::vector<CommitId> CrashWorld::Raced() const {
  std::vector<CommitId> raced;
  const auto text = ReadFileIfPresent(world_.origin("operations") / "raced").value_or("");
  for (const std::string& line : Split(text, '\n')) {
    if (!line.empty()) raced.emplace_back(line);
  }
  return raced;
}

void CrashWorld::MoveAway(const std::string& repository) const {
  const fs::path away = world_.folder() / "git" / (repository + "-away");
  // A push under way knows the path of its lock of the branch: moved, it would leave it for ever.
  world_.WaitFor("nobody works in " + repository, [&] {
    if (SomebodyWorksIn(world_.origin(repository))) return false;
    fs::rename(world_.origin(repository), away);
    if (!SomebodyWorksIn(away)) return true;
    fs::rename(away, world_.origin(repository));
    return false;
  });
}

void CrashWorld::MoveBack(const std::string& repository) const {
  fs::rename(world_.folder() / "git" / (repository + "-away"), world_.origin(repository));
}

bool CrashWorld::HaveSmallDisk() {
  if (mounted_) return true;
  mounted_ = mount("tmpfs", data().c_str(), "tmpfs", 0, kDiskSize) == 0;
  if (mounted_) world_.MakeTokens();
  return mounted_;
}

void CrashWorld::FillDisk() const {
  Check(mounted_, "only a disk of its own may be full");
  const FileDescriptor file(
      ::open((data() / kFiller).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  struct statvfs room {};
  if (!file.valid() || ::statvfs(data().c_str(), &room) != 0) return;  // it is full already
  // By halves: the server takes of it meanwhile.
  off_t size = 0;
  for (auto step = static_cast<off_t>(room.f_bavail * room.f_frsize); step >= 4096; step /= 2) {
    if (::posix_fallocate(file.get(), size, step) == 0) size += step;
  }
}

void CrashWorld::FreeDisk() const {
  std::error_code absent;
  fs::remove(data() / kFiller, absent);
}

void CrashWorld::LoseDatabase() {
  for (const char* part : {"", "-wal", "-shm"}) {
    fs::remove(data() / (std::string("failgate.db") + part));
  }
  world_.MakeTokens();
}

void CrashWorld::LoseDataDirectory() {
  for (const auto& entry : fs::directory_iterator(data())) RemoveTree(entry.path());
  world_.MakeTokens();
}

}  // namespace failgate
