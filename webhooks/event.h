// What a verified delivery says happened, in our words. A hint: the remote is always asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/ids.h"
#include "webhooks/repository_url.h"

namespace failgate {

/// One moved ref. Branch and tag of one name stay apart: the name is always full.
struct RefUpdate {
  std::string ref;                 ///< "refs/heads/…" or "refs/tags/…", valid and printable
  std::optional<CommitId> before;  ///< nullopt: the ref was absent, or the sender did not say
  /// nullopt: the ref was deleted, or the sender did not say. Never to be checked out as told.
  std::optional<CommitId> after;
  bool deleted = false;
  bool operator==(const RefUpdate&) const = default;
};

/// A repository URL of the payload. `url` is nullopt when it is none that could be configured.
struct SeenRepositoryUrl {
  enum class Use { kClone, kSsh, kPage };
  Use use = Use::kClone;
  std::optional<RepositoryUrl> url;
};

/// One pushed tag of a container image.
struct ImagePush {
  std::string repository;  ///< at its registry: "ml/churn"
  std::string tag;
  bool operator==(const ImagePush&) const = default;
};

struct ParsedDelivery {
  enum class Kind {
    kPush,     ///< ref_updates, or of a registry image_pushes, has at least one; of a registry of
               ///< models has models; of an analyser of code none: it is a reason to ask it
    kPing,     ///< the sender tries the connection: answer 200, do nothing
    kIgnored,  ///< answer 202 and keep nothing but the row; ignored_because says why
  };
  /// The sender's, the same when it sends again; empty when it gives none that is stable. Then each
  /// delivery is its own: equal bodies may be different pushes (back and forth).
  std::string delivery_id;
  std::string event_name;  ///< as the sender calls it; escaped, one line
  Kind kind = Kind::kIgnored;
  std::string ignored_because;  ///< one constant sentence
  std::vector<SeenRepositoryUrl> repository_urls;
  /// "project/name", for a sender that may leave every URL out. Decides only then.
  std::string repository_name;
  /// The sender's format need not say which repository: the receiver it was sent to does.
  bool any_repository = false;
  std::vector<RefUpdate> ref_updates;
  std::vector<ImagePush> image_pushes = {};
  std::vector<std::string> models = {};  ///< registered models that something happened to
  std::string sender;  ///< who pushed, for people to read; escaped, one line; may be empty
};

/// Whether the payload is about the repository configured as `configured`. The URL of the same way
/// to connect decides (ssh by ssh, else the clone URL); another one counts only when that one is
/// not sent, and the name only when there is no URL at all.
[[nodiscard]] bool IsAbout(const ParsedDelivery& delivery, const RepositoryUrl& configured);

/// A push to none of the `configured` repositories becomes kIgnored; everything else stays as it
/// is.
[[nodiscard]] ParsedDelivery KeepOnlyConfigured(ParsedDelivery delivery,
                                                const std::vector<RepositoryUrl>& configured);

/// The same of a registry's pushes: those of another repository are left out.
[[nodiscard]] ParsedDelivery KeepOnlyImage(ParsedDelivery delivery, std::string_view repository);

/// The outcome of reading one ref and its ids out of a payload.
struct RefReading {
  enum class Kind { kUpdate, kIgnored, kUnusable };
  Kind kind = Kind::kUnusable;
  RefUpdate update;         ///< for kUpdate
  std::string_view reason;  ///< a constant, for the other two
};

/// `before` and `after` as sent; absent ones were not said. Zero ids (40 or 64) mean "no such ref".
/// Names that git refuses, that look like options or that cannot be printed are kUnusable; refs
/// that are neither branch nor tag, and short names, are kIgnored.
[[nodiscard]] RefReading ReadRefUpdate(std::string_view ref,
                                       std::optional<std::string_view> before,
                                       std::optional<std::string_view> after);

}  // namespace failgate
