// The demo's chapters: each is done by people at the command line and must come true.
#pragma once

#include <string>
#include <vector>

#include "controller/daemon/demo_voice.h"
#include "controller/daemon/demo_world.h"

namespace failgate {

/// Both must outlive it.
class DemoStory {
 public:
  DemoStory(DemoWorld& world, DemoVoice& voice) : world_(world), voice_(voice) {}

  /// All chapters in order. Throws Error when one does not come true.
  void Tell();
  /// How to go on by hand, while the controller serves.
  void TellHowToGoOn() const;

 private:
  void LayLadder();
  void FirstPush();
  void BrokenPush();
  void UntestedPush();
  void CodePush();
  void DataPush();
  void BadDataPush();
  void WorseModel();
  void HandEdit();
  void RollBack();
  void ReadTheLog();

  /// Shows the command and what it printed; an exit code other than 0 ends the story.
  void Type(const std::string& handle, const std::vector<std::string>& argv) const;
  /// Commits and pushes what was edited; answers the run that came of it.
  [[nodiscard]] DemoRun Push(const std::string& handle, const std::string& message) const;
  /// Push, which must succeed and climb to recette.
  [[nodiscard]] DemoRun PushToRecette(const std::string& handle, const std::string& message) const;
  void TakeToProd(const std::string& release) const;
  /// What was edited in the project's own code.
  void ShowEdit(const std::string& handle) const;
  void Expect(bool holds, const std::string& expected, const std::string& seen) const;

  DemoWorld& world_;
  DemoVoice& voice_;
  std::string first_release_;  ///< the first champion: before the data push, and after the rollback
  std::string better_release_;  ///< of the data push
};

}  // namespace failgate
