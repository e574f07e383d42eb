// The list of bad inputs that webhook receivers are measured against, as raw bytes and answers.
#pragma once

#include <string>
#include <vector>

#include "tests/support/registry_senders.h"
#include "tests/support/senders.h"

namespace failgate {

struct WebhookRow {
  int number = 0;    ///< in that list; 0 = a good request beside it
  std::string what;  ///< special about this row
  std::string bytes;
  /// "401" or "202 queued", in order; then the connection ends. None: it ends in silence.
  std::vector<std::string> answers;
  bool breaks_off = false;  ///< the client ends its side after the bytes
};

/// Rows are sent to /hooks/WORD of each sender, and to /hooks/broken, whose secret is missing. No
/// body may be longer than this.
inline constexpr std::size_t kRowsMaxBodyBytes = std::size_t{1} << 20U;

/// Framing, routes, methods and sizes.
[[nodiscard]] std::vector<WebhookRow> TransportRows();
/// The client is too slow: only for a server with short deadlines.
[[nodiscard]] std::vector<WebhookRow> SlowRows();
/// Types, encodings and proofs.
[[nodiscard]] std::vector<WebhookRow> ProofRows();
/// What the body must be before anybody asks what it means.
[[nodiscard]] std::vector<WebhookRow> BodyRows();
/// Events, refs, repositories and repeated deliveries.
[[nodiscard]] std::vector<WebhookRow> MeaningRows();

/// What registries send.
[[nodiscard]] std::vector<WebhookRow> RegistryRows();

/// What a SonarQube server sends.
[[nodiscard]] std::vector<WebhookRow> SonarRows();
/// Of the receiver at /hooks/sonar.
inline constexpr const char* kSonarSecret = "sonar-hook-s3cret";

/// What an MLflow server sends.
[[nodiscard]] std::vector<WebhookRow> MlflowRows();
/// Of the receiver at /hooks/mlflow.
inline constexpr const char* kMlflowSecret = "mlflow-hook-s3cret";

/// One request to the path of a sender and its answer.
struct HookCase {
  int number = 0;
  std::string what;
  RawDelivery request;
  std::string answer;
};
void AddCases(std::vector<WebhookRow>& rows,
              const TestSender& sender,
              const std::vector<HookCase>& cases);
/// To /hooks/RECEIVER.
void AddCases(std::vector<WebhookRow>& rows,
              const std::string& receiver,
              const std::vector<HookCase>& cases);

/// The request as bytes; the connection ends after it.
[[nodiscard]] std::string RawHook(const TestSender& sender, const RawDelivery& request);
/// The same with another method or path, or on a connection that stays.
[[nodiscard]] std::string RawHookAs(const std::string& method,
                                    const std::string& path,
                                    const RawDelivery& request);
[[nodiscard]] std::string KeptOpen(std::string bytes);

/// `text` with the first `from` replaced; it must be there.
[[nodiscard]] std::string Replaced(std::string text,
                                   const std::string& from,
                                   const std::string& to);

}  // namespace failgate
