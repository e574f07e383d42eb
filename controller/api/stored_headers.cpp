#include "controller/api/stored_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "controller/api/http_message.h"
#include "controller/base/secret.h"
#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxStoredHeaderCharacters = 300;
constexpr std::array<std::string_view, 37> kStoredHeaders{
    "Content-Type",
    "User-Agent",
    "X-Request-Id",
    "Idempotency-Key",
    "X-GitHub-Event",
    "X-GitHub-Delivery",
    "X-GitHub-Hook-ID",
    "X-GitHub-Hook-Installation-Target-ID",
    "X-GitHub-Hook-Installation-Target-Type",
    "X-GitHub-Enterprise-Host",
    "X-GitHub-Enterprise-Version",
    "X-Gitlab-Event",
    "X-Gitlab-Event-UUID",
    "X-Gitlab-Webhook-UUID",
    "X-Gitlab-Instance",
    "webhook-id",
    "webhook-timestamp",
    "X-Gitea-Event",
    "X-Gitea-Event-Type",
    "X-Gitea-Delivery",
    "X-Gitea-Hook-Installation-Target-Type",
    "X-Forgejo-Event",
    "X-Forgejo-Event-Type",
    "X-Forgejo-Delivery",
    "X-Gogs-Event",
    "X-Gogs-Event-Type",
    "X-Gogs-Delivery",
    "X-Event-Key",
    "X-Event-Time",
    "X-Hook-UUID",
    "X-Request-UUID",
    "X-Attempt-Number",
    "X-VSS-ActivityId",
    "X-VSS-SubscriptionId",
    "Request-Id",
    "Traceparent",
    "X-Forwarded-For",
};

}  // namespace

HeaderList StoredHeaders(const HookHeaders& headers) {
  HeaderList stored;
  stored.reserve(headers.size());
  for (const auto& header : headers) {
    const bool known =
        std::any_of(kStoredHeaders.begin(), kStoredHeaders.end(), [&](std::string_view name) {
          return EqualsIgnoringCase(header.first, name);
        });
    if (known) {
      stored.emplace_back(header.first, OneLine(Redact(header.second), kMaxStoredHeaderCharacters));
    }
  }
  return stored;
}

}  // namespace failgate
