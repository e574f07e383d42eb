// What people do all day, whether the server lives or not: they push, promote, approve, reject,
// roll back, edit main by hand, and change deployed files.
#pragma once

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/guarded.h"
#include "tests/functional/crash/books.h"
#include "tests/functional/crash/crash_world.h"

namespace failgate {

/// The same choices for the same seed; the moments are the machine's.
class Chance {
 public:
  explicit Chance(unsigned long seed) : engine_(seed) {}
  int Between(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(engine_);
  }
  /// Of a hundred.
  bool Percent(int share) { return Between(1, 100) <= share; }
  template <typename List>
  const auto& OneOf(const List& list) {
    return list[static_cast<std::size_t>(Between(0, static_cast<int>(std::size(list)) - 1))];
  }
  /// Milliseconds.
  void Pause(int least, int most);

 private:
  std::mt19937_64 engine_;
};

/// Deployed files are changed only there: the links of the other environments are watched.
inline constexpr const char* kTampered = "recette";

class People {
 public:
  /// One person pushes to each project of the world.
  People(CrashWorld& world, unsigned long seed);
  ~People();
  void Begin();
  void End();

  /// Of the project, now; throws Error when the push fails.
  CommitId PushOnce(const std::string& project);
  [[nodiscard]] std::vector<PushedStream> Streams() const { return *streams_.Lock(); }
  /// Commits that people pushed to main.
  [[nodiscard]] std::vector<CommitId> OnMain() const { return *on_main_.Lock(); }
  /// Commits that the server named when it said yes: on main, or facts of the log.
  [[nodiscard]] std::vector<CommitId> Answered() const { return *answered_.Lock(); }
  /// What was accepted before is not promised any more: its journal is gone.
  void ForgetDeliveries();

 private:
  void Push(const std::string& project, Chance& chance);
  void Ask(Chance& chance);
  void EditMain(Chance& chance);
  void Tamper(Chance& chance);
  void Employ(void (People::*work)(Chance&), int least_pause, int most_pause);
  /// The body is of a POST to projects/PROJECT/environments/ENVIRONMENT/VERB.
  void Demand(const std::string& project,
              const std::string& environment,
              const std::string& verb,
              const nlohmann::json& body,
              const std::string& person);

  CrashWorld& world_;
  unsigned long seed_;
  std::atomic<int> pushes_{0};
  std::atomic<int> journals_{0};  ///< how many were lost
  Guarded<std::vector<PushedStream>> streams_;
  Guarded<std::vector<CommitId>> on_main_;
  Guarded<std::vector<CommitId>> answered_;
  std::vector<std::jthread> threads_;
};

}  // namespace failgate
