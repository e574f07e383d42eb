#include "controller/api/hook_receiver.h"

#include <sys/stat.h>
#include <time.h>

#include <chrono>

#include "controller/base/log.h"

namespace failgate {
namespace {

constexpr Milliseconds kLookEvery = std::chrono::seconds(1);

long long Nanoseconds(const struct timespec& time) {
  return static_cast<long long>(time.tv_sec) * 1'000'000'000LL +
         static_cast<long long>(time.tv_nsec);
}

}  // namespace

ProviderOptions OptionsOf(const WebhookSettings& settings) {
  ProviderOptions options;
  options.header = settings.header;
  options.algorithm =
      settings.algorithm == "sha512" ? MacAlgorithm::kSha512 : MacAlgorithm::kSha256;
  return options;
}

KeepConfigured AboutRepository(const std::string& url) {
  std::vector<RepositoryUrl> repositories;
  if (const std::optional<RepositoryUrl> repository = ParseRepositoryUrl(url)) {
    repositories.push_back(*repository);
  }
  return [repositories](ParsedDelivery parsed) {
    return KeepOnlyConfigured(std::move(parsed), repositories);
  };
}

KeepConfigured AboutImage(const ImageName& image) {
  return [repository = image.repository](ParsedDelivery parsed) {
    return KeepOnlyImage(std::move(parsed), repository);
  };
}

HookReceiver::HookReceiver(SourceName source,
                           KeepConfigured keep,
                           const WebhookSettings& settings,
                           const EnvironmentLookup& environment,
                           const Clock& clock)
    : source_(std::move(source)),
      keep_(std::move(keep)),
      settings_(settings),
      environment_(environment),
      clock_(clock) {}

std::shared_ptr<const Provider> HookReceiver::Current() {
  auto state = state_.Lock();
  const SteadyTime now = clock_.Steady();
  if (state->provider != nullptr && now - state->looked_at < kLookEvery) {
    return state->provider;
  }
  state->looked_at = now;
  // Stamps first: a file that changes while it is read has another stamp at the next look.
  std::vector<std::optional<Stamp>> stamps = Stamps();
  if (state->provider == nullptr || stamps != state->stamps) {
    state->provider = ReadSecrets();
    state->stamps = std::move(stamps);
  }
  return state->provider;
}

void HookReceiver::NoteSecret(std::size_t secret_index) {
  {
    auto state = state_.Lock();
    if (state->secret_index == secret_index) {
      return;
    }
    state->secret_index = secret_index;
  }
  log::Info("webhook secret in use",
            {{"source", source_.text()}, {"secret", secret_index == 0 ? "current" : "previous"}});
}

std::vector<std::optional<HookReceiver::Stamp>> HookReceiver::Stamps() const {
  std::vector<std::optional<Stamp>> stamps;
  for (const SecretReference& reference : settings_.secrets) {
    struct stat status {};
    if (reference.file.empty() || ::stat(reference.file.c_str(), &status) != 0) {
      stamps.emplace_back(std::nullopt);
      continue;
    }
    Stamp stamp;
    stamp.device = static_cast<long long>(status.st_dev);
    stamp.inode = static_cast<long long>(status.st_ino);
    stamp.size = static_cast<long long>(status.st_size);
    stamp.modified_ns = Nanoseconds(status.st_mtim);
    stamp.changed_ns = Nanoseconds(status.st_ctim);
    stamps.emplace_back(stamp);
  }
  return stamps;
}

std::shared_ptr<const Provider> HookReceiver::ReadSecrets() const {
  const ProviderOptions options = OptionsOf(settings_);
  // One that is missing keeps its place: what matched is told by its number.
  std::vector<Secret> secrets;
  for (const SecretReference& reference : settings_.secrets) {
    Result<Secret> secret = ReadSecret(reference, environment_);
    secrets.push_back(secret ? *secret : Secret());
    std::string fault;
    if (!secret) {
      fault = secret.error().text;
    } else if (const auto reason = FaultOfSecret(settings_.provider, *secret, options)) {
      fault = "the secret in " + Describe(reference) + " cannot be used: " + std::string(*reason);
    }
    if (!fault.empty()) {
      log::Warning("a webhook secret cannot be used",
                   {{"source", source_.text()}, {"reason", fault}});
    }
  }
  auto provider = ProviderByName(settings_.provider, secrets, options);
  Check(provider.has_value(), "the server file names a provider that exists");
  return std::shared_ptr<const Provider>(std::move(*provider));
}

}  // namespace failgate
