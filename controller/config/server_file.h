// The server file (product.md §6): the outermost bound of what this controller may do.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/base/result.h"
#include "controller/config/image_name.h"
#include "controller/config/secret_reference.h"

namespace failgate {

/// All paths are absolute after parsing: relative ones are taken from the server file's folder.
struct TlsSettings {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct ListenSettings {
  std::string address = "127.0.0.1";  ///< an IP address, or "localhost"
  int port = 8484;                    ///< 0 = any free port
  std::optional<TlsSettings> tls;
};

/// Either a token or an ssh key, or nothing.
struct RemoteCredentials {
  std::optional<SecretReference> token;
  std::optional<std::filesystem::path> ssh_key;
  std::optional<std::filesystem::path> known_hosts;
};

struct WebhookSettings {
  std::string provider;                  ///< a word of ProviderWords (webhooks/provider.h)
  std::vector<SecretReference> secrets;  ///< at least one: current first, then former ones
  std::string header{};                  ///< azure, generic; empty = the usual one
  std::string algorithm = "sha256";      ///< generic: "sha256" | "sha512"
  std::string api = {};                  ///< github; empty = found by the source's URL
};

struct OperationsSettings {
  std::string url;
  std::filesystem::path signing_key;
  RemoteCredentials credentials;
  std::optional<std::filesystem::path> ca;
  std::optional<WebhookSettings> webhook;  ///< absent = no hook route
  Milliseconds poll = std::chrono::minutes(1);
};

enum class SourceKind {
  kCode,  ///< has the pipeline of its projects; a project belongs to one such source
  kData,  ///< read by the runs of its projects; a project may have several
};

struct SourceSettings {
  SourceName name;
  std::string url;
  std::vector<ProjectName> projects;  ///< at least one
  RemoteCredentials credentials;
  std::optional<std::filesystem::path> ca;
  std::optional<WebhookSettings> webhook;
  Milliseconds poll = std::chrono::minutes(5);
  SourceKind kind = SourceKind::kCode;
  std::string branch = "main";  ///< of kind data: its head is the data
  /// Folder laid out as a DVC cache or remote: where `.dvc` files of this source find their bytes.
  std::optional<std::filesystem::path> dvc_remote = {};
};

/// Nothing, username and password, or a token.
struct ImageCredentials {
  std::string username;
  std::optional<SecretReference> password;
  std::optional<SecretReference> token;
};

/// A source of `kind: image`.
struct ImageSourceSettings {
  SourceName name;
  ImageName image;
  std::vector<std::string> tags{"*"};  ///< globs; the tags that count
  std::vector<ProjectName> projects;   ///< at least one
  ImageCredentials credentials;
  std::vector<std::string> token_hosts;  ///< beside the registry: who may be asked for its tokens
  std::optional<std::filesystem::path> ca;
  std::optional<WebhookSettings> webhook;
  Milliseconds poll = std::chrono::minutes(5);
};

/// A named secret and where it may go; empty lists = nowhere is not possible: both must be written.
struct NamedSecret {
  SecretReference reference;
  std::vector<EnvironmentName> environments;
  std::vector<ProjectName> projects;
};

enum class SandboxMode { kRequired, kNone };

struct RunnerSettings {
  SandboxMode sandbox = SandboxMode::kRequired;
  int parallel = 2;
  bool network = false;
  long long memory_bytes = 4LL << 30U;
  double cpu = 2;  ///< cores
  long long disk_bytes = 10LL << 30U;
};

struct TargetSettings {
  std::vector<std::string> allow;  ///< target kinds; empty = no deployments
  std::vector<std::filesystem::path> directory_roots;
  [[nodiscard]] bool Allows(std::string_view kind) const;
};

/// Bounds of the intake; every one has a safe default.
struct IntakeLimits {
  int max_connections = 10000;
  int max_connections_per_address = 5000;      ///< of IPv6: per /64 network
  int rate_per_address = 0;                    ///< deliveries a second; 0 = no limit
  int rate_per_source = 0;                     ///< as above
  long long body_budget_bytes = 128LL << 20U;  ///< memory of all bodies together
  long long max_body_bytes = 25LL << 20U;
  Milliseconds head_deadline = std::chrono::seconds(10);
  Milliseconds request_deadline = std::chrono::seconds(60);
  long long max_queued_deliveries = 50000;
  long long max_queued_bytes = 512LL << 20U;
  Milliseconds keep_deliveries = std::chrono::hours(24 * 14);  ///< done and ignored ones
  long long max_journal_bytes = 4LL << 30U;  ///< past it done and ignored ones go earlier
};

/// Policy is in force only when an owner's key signed its content.
struct TrustSettings {
  std::filesystem::path owners;  ///< git's allowed_signers format; read again at each look
};

/// The SonarQube server that gates ask; no other is.
struct SonarServerSettings {
  std::string url;  ///< https, or http on this machine; without a final '/'
  SecretReference token;
  std::optional<std::filesystem::path> ca;
  std::optional<WebhookSettings> webhook;  ///< at /hooks/sonar; absent = no hook route
  Milliseconds poll = std::chrono::minutes(1);
};

/// The MLflow server that this controller writes to; no other is asked.
struct MlflowSettings {
  std::string url;                       ///< "https://mlflow.example.com/base", without a final '/'
  std::optional<SecretReference> token;  ///< sent as Bearer
  std::optional<SecretReference> basic;  ///< "USER:PASSWORD"; never beside token
  std::optional<std::filesystem::path> ca;
  std::vector<ProjectName> projects;            ///< at least one; whose releases are recorded there
  std::optional<WebhookSettings> webhook = {};  ///< at /hooks/mlflow; absent = no hook route
  [[nodiscard]] bool Serves(const ProjectName& project) const;
};

/// Objects of S3, or of a server that speaks its protocol, and how they are reached.
struct BucketSettings {
  std::string bucket;
  std::string prefix;    ///< "sales/2026/", or empty for the whole bucket
  std::string region;    ///< by which requests are signed
  std::string endpoint;  ///< "https://s3.eu-west-3.amazonaws.com", without a final '/'
  /// "https://HOST/BUCKET/KEY"; else "https://BUCKET.HOST/KEY".
  bool path_style = false;
  /// Both or neither: without them requests are not signed, as for a public bucket.
  std::optional<SecretReference> access_key = {};
  std::optional<SecretReference> secret_key = {};
  std::optional<SecretReference> session_token = {};
  std::optional<std::filesystem::path> ca = {};
};

enum class WatchKind { kFiles, kDelta };

/// When a watched file counts as whole.
enum class Completion {
  kStable,  ///< size and times stayed the same for `stable`
  kRename,  ///< names that match appear by rename only
  kMarker,  ///< a marker file that is not older says so
};

/// Data outside of git that is looked after (an entry of `watch:`).
struct WatchSettings {
  std::string name;
  WatchKind kind = WatchKind::kFiles;
  std::filesystem::path path;  ///< a folder on this machine; "s3://BUCKET/PREFIX" of a bucket
  std::vector<std::string> patterns{"**"};        ///< of files: globs below the folder
  Completion completion = Completion::kStable;    ///< of files
  Milliseconds stable = std::chrono::seconds(5);  ///< for kStable
  std::string marker = {};                        ///< for kMarker: ".done" or "_SUCCESS"
  std::vector<ProjectName> projects = {};         ///< at least one: who may use it
  Milliseconds rescan = std::chrono::minutes(1);  ///< the net under the kernel's notices
  std::optional<BucketSettings> bucket = {};      ///< absent = a folder
};

struct ServerFile {
  std::filesystem::path file;  ///< where it was read from, absolute
  std::string controller;
  std::string url;  ///< without a final '/'; empty = what `listen` comes to
  ListenSettings listen;
  std::filesystem::path data_dir;
  OperationsSettings operations;
  std::vector<SourceSettings> sources;      ///< of kind code and data
  std::vector<ImageSourceSettings> images;  ///< of kind image; names differ from those of sources
  std::map<std::string, NamedSecret> secrets;
  RunnerSettings runner;
  TargetSettings targets;
  std::vector<std::string> metrics_allow;  ///< IP addresses that may read /metrics without a token
  IntakeLimits limits;
  std::optional<TrustSettings> trust;  ///< absent = whoever may push to main makes policy
  std::optional<SonarServerSettings> sonar = {};  ///< absent = gates `sonar` fail
  std::optional<MlflowSettings> mlflow = {};
  std::vector<WatchSettings> watches = {};  ///< names unique

  [[nodiscard]] const SourceSettings* FindSource(const SourceName& name) const;
  [[nodiscard]] const ImageSourceSettings* FindImage(const SourceName& name) const;
  [[nodiscard]] const WatchSettings* FindWatch(std::string_view name) const;
  /// Of a source of any kind; nullptr when there is none of that name.
  [[nodiscard]] const std::vector<ProjectName>* ProjectsOf(const SourceName& name) const;
  /// The source of kind code a project is bound to; nullptr for a project nobody may release.
  [[nodiscard]] const SourceSettings* SourceOf(const ProjectName& project) const;
};

/// The name under which deliveries of the SonarQube server are stored.
inline constexpr const char* kSonarSource = "sonar";
/// The same of the MLflow server.
inline constexpr const char* kMlflowSource = "mlflow";

/// Pure but for making relative paths absolute: reads no file and no secret; a secret that is not
/// there is found at its use. `file` is the path of the server file. Every key of the contract that
/// this version does not have is a problem with its place.
[[nodiscard]] Parsed<ServerFile> ParseServerFile(std::string_view text,
                                                 const std::filesystem::path& file);
/// Reads and parses; a file that cannot be read is a problem too.
[[nodiscard]] Parsed<ServerFile> LoadServerFile(const std::filesystem::path& file);

}  // namespace failgate
