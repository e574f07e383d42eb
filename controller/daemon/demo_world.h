// The demo's small world: a forge of two bare repositories, work trees, keys, people, a controller.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "controller/daemon/demo_controller.h"
#include "controller/daemon/demo_people.h"
#include "controller/daemon/demo_shell.h"
#include "controller/daemon/demo_watch.h"
#include "controller/process/process.h"

namespace failgate {

/// Below its folder:
///   git/{churn,operations}.git   the forge: bare repositories whose hooks tell the controller
///   churn/  operations/          work trees
///   server/                     server file, signing key, secrets of the webhooks (0700)
///   people/                     a token a file (0700)
///   live/{dev,recette,prod}/    what is deployed
///   data/  home/  controller.log
/// Made, used and destroyed by one thread.
class DemoWorld {
 public:
  /// Touches nothing yet. `folder` exists and is empty.
  DemoWorld(ProcessRunner& processes, std::filesystem::path folder, int port, std::stop_token stop);

  /// Folders, key, secrets, server file, both repositories; the ladder is on main.
  void LayDown();
  /// Why steps run without a sandbox here; empty when they run in one. After LayDown.
  [[nodiscard]] const std::string& no_sandbox() const { return no_sandbox_; }
  /// The controller, then the hooks that tell it of pushes.
  void StartController();
  /// Of everybody who has a role, by the command line. Needs the controller.
  void MakeTokens();

  /// The controller ends; throws Error(kNeedsChange) when it did not end as it should.
  void StopController();

  /// Replaces files of the project by those of `push` (a folder of manifests/demo/pushes).
  void Edit(const std::string& push) const;
  [[nodiscard]] CommitId Head() const;
  /// What a person's commands find in their environment.
  [[nodiscard]] DemoEnvironment EnvironmentOf(const DemoPerson& person) const;

  [[nodiscard]] const DemoShell& shell() const { return shell_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Only after StartController and MakeTokens.
  [[nodiscard]] const DemoController& controller() const { return *controller_; }
  [[nodiscard]] const DemoWatch& watch() const { return *watch_; }
  [[nodiscard]] bool started() const { return controller_ != nullptr; }

 private:
  void MakeFolders() const;
  void MakeServer();
  void MakeOperations() const;
  void MakeRepository(const std::string& name, const std::string& handle) const;
  void HookUp(const std::string& name, const std::string& provider) const;

  ProcessRunner& processes_;
  std::filesystem::path folder_;
  int port_;
  DemoShell shell_;
  std::string no_sandbox_;
  std::map<std::string, Secret> tokens_;  ///< by handle
  std::unique_ptr<DemoController> controller_;
  std::unique_ptr<DemoWatch> watch_;
};

}  // namespace failgate
