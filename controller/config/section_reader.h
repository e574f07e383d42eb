// Parts of the server file that several sections share; for the sources of this folder only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "controller/base/yaml_reader.h"
#include "controller/config/server_file.h"

namespace failgate {

/// Where problems go and what relative paths start from.
struct ReadingContext {
  ProblemSink& problems;
  std::filesystem::path folder;
};

/// {file: PATH} or {env: NAME}; anything else is a problem that never repeats the text it found.
std::optional<SecretReference> ReadSecretReference(const YamlNode& node,
                                                   const std::string& what,
                                                   ReadingContext& context);
/// {file: PATH} only: for keys and certificates.
std::optional<std::filesystem::path> ReadFileReference(const YamlNode& node,
                                                       const std::string& what,
                                                       ReadingContext& context);
/// The same for an optional key of a mapping.
std::optional<std::filesystem::path> OptionalFile(MappingReader& reader,
                                                  const std::string& key,
                                                  const std::string& what,
                                                  ReadingContext& context);
/// At least 100 ms.
Milliseconds ReadPoll(MappingReader& reader,
                      const std::string& what,
                      Milliseconds standard,
                      ReadingContext& context);

/// Who may send to a source.
enum class SenderKind { kForge, kRegistry, kSonar, kMlflow };
/// The key `webhook` of `parent`, when it is there.
std::optional<WebhookSettings> ReadWebhook(MappingReader& parent,
                                           const std::string& what,
                                           ReadingContext& context,
                                           SenderKind kind);
/// The key `projects`: names, at least one.
std::vector<ProjectName> ReadProjects(MappingReader& reader,
                                      const std::string& what,
                                      ReadingContext& context);

OperationsSettings ReadOperations(const YamlNode& node, ReadingContext& context);
/// Sources and images of the list.
void ReadSources(const YamlNode& node, ServerFile& server, ReadingContext& context);
ImageSourceSettings ReadImageSource(const YamlNode& node,
                                    const std::string& what,
                                    ReadingContext& context);
RunnerSettings ReadRunner(const YamlNode& node, ReadingContext& context);
TargetSettings ReadTargets(const YamlNode& node, ReadingContext& context);
SonarServerSettings ReadSonarServer(const YamlNode& node, ReadingContext& context);
MlflowSettings ReadMlflow(const YamlNode& node, ReadingContext& context);
IntakeLimits ReadLimits(const YamlNode& node, ReadingContext& context);
/// The bucket of a path "s3://BUCKET/PREFIX" and the key `s3` beside it; nullopt after a problem.
std::optional<BucketSettings> ReadBucket(MappingReader& reader,
                                         const std::string& what,
                                         const std::string& path,
                                         ReadingContext& context);
void ReadWatches(const YamlNode& node, ServerFile& server, ReadingContext& context);

/// What is wrong with a repository URL, or nothing. The answer never repeats the URL.
std::optional<std::string> FaultOfRepositoryUrl(std::string_view url);
[[nodiscard]] bool IsIpAddress(const std::string& text);

/// Whether what is sent to the URL stays on this machine.
[[nodiscard]] bool IsLoopbackUrl(std::string_view url);

}  // namespace failgate
