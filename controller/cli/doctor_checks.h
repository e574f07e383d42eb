// The single checks of `failgate doctor`. None changes anything but a temporary folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "controller/base/clock.h"
#include "controller/config/secret_reference.h"
#include "controller/config/server_file.h"
#include "controller/process/process.h"

namespace failgate {

enum class CheckState { kOk, kWarn, kFail };
/// "ok", "warn", "fail".
[[nodiscard]] std::string Word(CheckState state);

struct DoctorCheck {
  std::string name;
  CheckState state = CheckState::kOk;
  std::string text;    ///< one line, without secrets
  std::string remedy;  ///< what to do; empty when all is well
};

/// git, ssh, ssh-keygen and bwrap with their versions.
[[nodiscard]] std::vector<DoctorCheck> CheckPrograms(ProcessRunner& processes);
/// The clock is set and kept by somebody.
[[nodiscard]] DoctorCheck CheckClock(const Clock& clock);
/// Tries a step as the server would. `data_dir` empty or absent = in the folder for temporary
/// files.
[[nodiscard]] DoctorCheck CheckSandbox(ProcessRunner& processes,
                                       const std::filesystem::path& data_dir);
/// Signing key, ssh keys, TLS key: there, readable by nobody else, whole; the signing key is the
/// one that the log is signed with, where a mirror of it is on this machine.
[[nodiscard]] std::vector<DoctorCheck> CheckKeys(const ServerFile& server);
/// The owners file, and whether one of them signed the policy that was fetched last. Nothing where
/// the server file names no owners.
[[nodiscard]] std::vector<DoctorCheck> CheckPolicy(const ServerFile& server,
                                                   ProcessRunner& processes,
                                                   TimePoint now);
/// Every secret can be read now; names where it is, never what it is.
[[nodiscard]] std::vector<DoctorCheck> CheckSecrets(const ServerFile& server,
                                                    const EnvironmentLookup& environment);
/// Data directory and target roots: there, writable, with room. Watched folders: there and
/// readable.
[[nodiscard]] std::vector<DoctorCheck> CheckFolders(const ServerFile& server);
/// Of each source with `dvc`: its folder is there, readable and laid out as DVC does.
[[nodiscard]] std::vector<DoctorCheck> CheckDvcFolders(const ServerFile& server);
/// Every remote answers within ten seconds.
[[nodiscard]] std::vector<DoctorCheck> CheckRemotes(const ServerFile& server,
                                                    const EnvironmentLookup& environment,
                                                    ProcessRunner& processes);
/// The MLflow server of the server file answers and takes the credentials; nothing where there is
/// none.
[[nodiscard]] std::vector<DoctorCheck> CheckMlflow(const ServerFile& server,
                                                   const EnvironmentLookup& environment);
/// Buckets of watches answer, take the credentials and hold what is watched.
[[nodiscard]] std::vector<DoctorCheck> CheckBuckets(const ServerFile& server,
                                                    const EnvironmentLookup& environment);
/// MLflow, Airflow and JupyterHub servers that listen on this host, with their ports.
[[nodiscard]] std::vector<DoctorCheck> CheckServersNearby();
/// Whether a server answers at the configured address now.
[[nodiscard]] DoctorCheck CheckListening(const ServerFile& server);

}  // namespace failgate
