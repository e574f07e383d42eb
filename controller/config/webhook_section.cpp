// Who may knock: the sender of a webhook and how it is proven.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "controller/base/text.h"
#include "controller/config/section_reader.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxHeaderName = 64;

const std::vector<std::string>& Senders() {
  static const std::vector<std::string> senders = {"github",
                                                   "gitlab",
                                                   "gitlab-signed",
                                                   "gitea",
                                                   "bitbucket",
                                                   "bitbucket-server",
                                                   "azure",
                                                   "standard",
                                                   "generic"};
  return senders;
}

const std::vector<std::string>& Registries() {
  static const std::vector<std::string> registries = {"distribution", "harbor", "dockerhub"};
  return registries;
}

// Headers that every request has for a purpose of its own: none can carry a proof beside it.
bool IsTaken(const std::string& name) {
  constexpr std::array<std::string_view, 8> kTaken = {"connection",
                                                      "content-encoding",
                                                      "content-length",
                                                      "content-type",
                                                      "expect",
                                                      "host",
                                                      "transfer-encoding",
                                                      "user-agent"};
  return std::find(kTaken.begin(), kTaken.end(), ToLower(name)) != kTaken.end();
}

bool IsHeaderName(const std::string& name) {
  return !name.empty() && name.size() <= kMaxHeaderName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

void ReadHeader(MappingReader& reader,
                const std::string& what,
                WebhookSettings& webhook,
                ReadingContext& context) {
  const YamlNode* node = reader.Optional("header");
  if (node == nullptr) {
    return;
  }
  webhook.header = reader.String("header").value_or("");
  if (webhook.provider != "azure" && webhook.provider != "generic") {
    context.problems.Add(*node, what + ".header: only the providers azure and generic take it");
  } else if (!IsHeaderName(webhook.header) || IsTaken(webhook.header)) {
    context.problems.Add(*node,
                         what +
                             ".header: write the name of a header of its own, of letters, digits, "
                             "'-' and '_'");
  }
}

void ReadAlgorithm(MappingReader& reader,
                   const std::string& what,
                   WebhookSettings& webhook,
                   ReadingContext& context) {
  const YamlNode* node = reader.Optional("algorithm");
  if (node == nullptr) {
    return;
  }
  webhook.algorithm = reader.OneOf("algorithm", {"sha256", "sha512"}).value_or(webhook.algorithm);
  if (webhook.provider != "generic") {
    context.problems.Add(*node, what + ".algorithm: only the provider generic takes it");
  }
}

// A credential goes there: it must be encrypted or stay on this machine.
void ReadApi(MappingReader& reader,
             const std::string& what,
             WebhookSettings& webhook,
             ReadingContext& context) {
  const YamlNode* node = reader.Optional("api");
  if (node == nullptr) return;
  webhook.api = reader.String("api").value_or("");
  const bool clean = std::all_of(webhook.api.begin(), webhook.api.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '@' && c != '?' && c != '#';
  });
  const bool safe = webhook.api.rfind("https://", 0) == 0 ||
                    (webhook.api.rfind("http://", 0) == 0 && IsLoopbackUrl(webhook.api));
  if (webhook.provider != "github") {
    context.problems.Add(*node, what + ".api: only the provider github takes it");
  } else if (!clean || !safe || webhook.api.back() == '/') {
    context.problems.Add(*node,
                         what +
                             ".api: write an https:// address without user, query and final slash, "
                             "such as https://github.example.com/api/v3");
  }
}

}  // namespace

std::optional<WebhookSettings> ReadWebhook(MappingReader& parent,
                                           const std::string& what,
                                           ReadingContext& context,
                                           SenderKind kind) {
  const YamlNode* node = parent.Optional("webhook");
  if (node == nullptr) {
    return std::nullopt;
  }
  MappingReader reader(*node, what, context.problems);
  WebhookSettings webhook;
  // Nobody else sends to a place of its own.
  if (kind == SenderKind::kSonar) {
    webhook.provider = "sonar";
  } else if (kind == SenderKind::kMlflow) {
    webhook.provider = "mlflow";
  } else {
    reader.Required("provider");
    webhook.provider =
        reader.OneOf("provider", kind == SenderKind::kForge ? Senders() : Registries())
            .value_or("");
    ReadHeader(reader, what, webhook, context);
    ReadAlgorithm(reader, what, webhook, context);
    ReadApi(reader, what, webhook, context);
  }
  const YamlNode* secrets = reader.Required("secrets");
  if (secrets != nullptr && secrets->kind == YamlNode::Kind::kSequence) {
    for (const YamlNode& item : secrets->items) {
      std::optional<SecretReference> secret = ReadSecretReference(item, what + ".secrets", context);
      if (secret) {
        webhook.secrets.push_back(std::move(*secret));
      }
    }
    if (secrets->items.empty()) {
      context.problems.Add(*secrets, what + ".secrets: at least one secret is needed");
    }
  } else if (secrets != nullptr) {
    context.problems.Add(*secrets, what + ".secrets: write a list: [{file: ...}] or [{env: ...}]");
  }
  reader.Finish();
  return webhook;
}

}  // namespace failgate
