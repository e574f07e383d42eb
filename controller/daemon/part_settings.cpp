#include "controller/daemon/part_settings.h"

#include <unistd.h>

#include <array>
#include <vector>

#include "controller/base/ids.h"
#include "controller/base/log.h"

namespace failgate {
namespace {

std::string HostName() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "unknown";
}

}  // namespace

Inbox::Options InboxOptions(const ServerFile& config) {
  Inbox::Options options;
  options.max_queued_rows = static_cast<std::size_t>(config.limits.max_queued_deliveries);
  options.max_queued_bytes = static_cast<std::size_t>(config.limits.max_queued_bytes);
  // The operations repository sends too.
  options.many_sources =
      config.sources.size() + config.images.size() + (config.operations.webhook ? 1 : 0) > 1;
  options.keep = config.limits.keep_deliveries;
  options.max_journal_bytes = config.limits.max_journal_bytes;
  return options;
}

HttpServerOptions HttpOptions(const ServerFile& config) {
  HttpServerOptions options;
  options.address = config.listen.address;
  options.port = static_cast<std::uint16_t>(config.listen.port);
  if (config.listen.tls) {
    options.tls = TlsFiles{config.listen.tls->certificate, config.listen.tls->key};
  }
  options.head_deadline = config.limits.head_deadline;
  options.request_deadline = config.limits.request_deadline;
  options.max_connections = static_cast<std::size_t>(config.limits.max_connections);
  options.max_connections_per_network =
      static_cast<std::size_t>(config.limits.max_connections_per_address);
  options.body_budget_bytes = static_cast<std::size_t>(config.limits.body_budget_bytes);
  return options;
}

PromotionBounds BoundsOf(const ServerFile& config, const Folders& folders) {
  PromotionBounds bounds;
  bounds.targets = config.targets.allow;
  bounds.directory_roots = config.targets.directory_roots;
  bounds.mirrors = folders.mirrors();
  if (config.mlflow) {
    bounds.mlflow_projects = {config.mlflow->projects.begin(), config.mlflow->projects.end()};
  }
  for (const SourceSettings& source : config.sources) {
    if (source.kind != SourceKind::kCode) continue;
    for (const ProjectName& project : source.projects) {
      bounds.sources[project] = source.name;
    }
  }
  return bounds;
}

std::map<SourceName, std::string> SourceUrls(const ServerFile& config) {
  std::map<SourceName, std::string> urls;
  for (const SourceSettings& source : config.sources) {
    urls[source.name] = source.url;
  }
  return urls;
}

StepLimits HealthLimits(const ServerFile& config) {
  StepLimits limits;
  limits.memory_bytes = config.runner.memory_bytes;
  limits.disk_bytes = config.runner.disk_bytes;
  limits.cpu = config.runner.cpu;
  return limits;
}

DeployLog::Options LogOptions(const ServerFile& config, const Folders& folders) {
  DeployLog::Options options;
  options.repository = folders.operations();
  options.controller = config.controller;
  options.instance = NewUuid(SystemClock().Now());
  options.host = HostName();
  return options;
}

void KnowSecrets(const ServerFile& config, const EnvironmentLookup& environment) {
  std::vector<SecretReference> references;
  const auto remote = [&](const RemoteCredentials& credentials,
                          const std::optional<WebhookSettings>& webhook) {
    if (credentials.token) {
      references.push_back(*credentials.token);
    }
    if (webhook) {
      references.insert(references.end(), webhook->secrets.begin(), webhook->secrets.end());
    }
  };
  remote(config.operations.credentials, config.operations.webhook);
  for (const SourceSettings& source : config.sources) {
    remote(source.credentials, source.webhook);
  }
  for (const ImageSourceSettings& image : config.images) {
    remote(RemoteCredentials{image.credentials.token, {}, {}}, image.webhook);
    if (image.credentials.password) {
      references.push_back(*image.credentials.password);
    }
  }
  if (config.sonar) {
    remote(RemoteCredentials{config.sonar->token, {}, {}}, config.sonar->webhook);
  }
  for (const auto& secret : config.secrets) {
    references.push_back(secret.second.reference);
  }
  if (config.mlflow) {
    remote({}, config.mlflow->webhook);
    for (const auto& reference : {config.mlflow->token, config.mlflow->basic}) {
      if (reference) {
        references.push_back(*reference);
      }
    }
  }
  for (const SecretReference& reference : references) {
    if (const auto secret = ReadSecret(reference, environment); !secret) {
      log::Warning("a secret cannot be read", {{"reason", secret.error().text}});
    }
  }
}

}  // namespace failgate
