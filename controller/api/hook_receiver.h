// One webhook of the server file: its provider with the secrets as they are on disk now.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/api/answer_counts.h"
#include "controller/base/clock.h"
#include "controller/base/guarded.h"
#include "controller/config/server_file.h"
#include "webhooks/provider.h"

namespace failgate {

/// What the server file says about a provider beside its secrets.
[[nodiscard]] ProviderOptions OptionsOf(const WebhookSettings& settings);

/// Turns what is about something else into an ignored delivery.
using KeepConfigured = std::function<ParsedDelivery(ParsedDelivery)>;
/// By the URL of a repository, as configured.
[[nodiscard]] KeepConfigured AboutRepository(const std::string& url);
[[nodiscard]] KeepConfigured AboutImage(const ImageName& image);

/// Thread-safe. Secrets are read again when a file of theirs changed, looked at once a second at
/// most: rotation needs no restart.
class HookReceiver {
 public:
  /// `keep`: what deliveries must be about. The references must outlive it.
  HookReceiver(SourceName source,
               KeepConfigured keep,
               const WebhookSettings& settings,
               const EnvironmentLookup& environment,
               const Clock& clock);

  /// With the secrets that can be read; answers 503 by itself when none can.
  [[nodiscard]] std::shared_ptr<const Provider> Current();
  /// Notes which secret a sender used, and says so in the log when it is another than the last
  /// time: the former ones may go when "current" comes.
  void NoteSecret(std::size_t secret_index);
  [[nodiscard]] const SourceName& source() const { return source_; }
  [[nodiscard]] const std::string& provider_word() const { return settings_.provider; }
  [[nodiscard]] ParsedDelivery Keep(ParsedDelivery parsed) const {
    return keep_(std::move(parsed));
  }
  [[nodiscard]] AnswerCounts& answers() const { return *answers_; }
  /// For answers that are given after the receiver may have gone.
  [[nodiscard]] std::shared_ptr<AnswerCounts> shared_answers() const { return answers_; }

 private:
  /// Enough of a file's identity to see that it was replaced or rewritten.
  struct Stamp {
    long long device = 0;
    long long inode = 0;
    long long size = 0;
    long long modified_ns = 0;
    long long changed_ns = 0;  ///< of owner and mode too
    bool operator==(const Stamp&) const = default;
  };
  struct State {
    std::shared_ptr<const Provider> provider;
    std::vector<std::optional<Stamp>> stamps;
    SteadyTime looked_at;
    std::optional<std::size_t> secret_index;  ///< that matched last
  };
  [[nodiscard]] std::vector<std::optional<Stamp>> Stamps() const;
  [[nodiscard]] std::shared_ptr<const Provider> ReadSecrets() const;

  SourceName source_;
  KeepConfigured keep_;
  const WebhookSettings& settings_;
  const EnvironmentLookup& environment_;
  const Clock& clock_;
  Guarded<State> state_;
  std::shared_ptr<AnswerCounts> answers_ = std::make_shared<AnswerCounts>();
};

}  // namespace failgate
