// An installation that is treated badly: its server dies, its remotes fail, its disk fills, its
// database goes.
#pragma once

#include <string>
#include <vector>

#include "tests/functional/serve/installation.h"

namespace failgate {

/// What the remote of the operations repository does to every push.
enum class RemoteMood {
  kKind,        ///< takes it
  kRefuse,      ///< says no
  kHang,        ///< takes its time before it takes it
  kDie,         ///< is killed before it took it
  kForget,      ///< takes it and is killed before it says so
  kRace,        ///< somebody's commit on main comes first
  kAnswerLate,  ///< takes it and says so late
};

/// Threads: const methods from any; the rest from one.
class CrashWorld {
 public:
  explicit CrashWorld(const std::vector<std::string>& projects);
  ~CrashWorld();
  CrashWorld(const CrashWorld&) = delete;
  CrashWorld& operator=(const CrashWorld&) = delete;

  [[nodiscard]] Installation& at() { return world_; }
  [[nodiscard]] const Installation& at() const { return world_; }
  [[nodiscard]] const std::vector<std::string>& projects() const { return projects_; }

  /// The place at which lives to come die ("" = none; see FailPoint), and how many seconds their
  /// clock is ahead.
  void Arm(const std::string& fail_point, int clock_seconds = 0);
  /// A new life; false = the armed place ended it before it listened. Throws Error when it ended
  /// for another reason.
  bool Start();
  /// Kills it, if it still lives. Throws Error when it had ended by itself.
  void Kill();
  /// Waits until the armed place ended it; throws Error when that takes `patience`.
  void AwaitDeathAt(const std::string& fail_point,
                    Milliseconds patience = std::chrono::seconds(60)) const;

  void SetMood(RemoteMood mood) const;
  /// Commits that kRace put on main.
  [[nodiscard]] std::vector<CommitId> Raced() const;
  /// "operations" or a source cannot be found for a while.
  void MoveAway(const std::string& repository) const;
  void MoveBack(const std::string& repository) const;

  /// A file system of its own for the data directory, so that it can be full. False: may not mount.
  bool HaveSmallDisk();
  void FillDisk() const;
  void FreeDisk() const;

  /// Between two lives. Tokens are made anew.
  void LoseDatabase();
  void LoseDataDirectory();

 private:
  [[nodiscard]] std::filesystem::path data() const { return world_.folder() / "data"; }
  [[nodiscard]] bool DiedAtItsPlace() const;

  std::vector<std::string> projects_;
  Installation world_;
  std::string armed_;
  bool mounted_ = false;
};

}  // namespace failgate
