// A real database in a folder of its own, and a clock that moves only when told.
#pragma once

#include <optional>
#include <string>

#include "controller/base/durable_file.h"
#include "controller/store/body_digest.h"
#include "controller/store/database.h"
#include "controller/store/inbox.h"
#include "tests/support/fake_clock.h"

namespace failgate {

struct StoreWorld {
  TemporaryFolder folder;
  FakeClock clock;
  Database database{folder.path() / "failgate.db", DatabaseUser::kServer, clock};
};

/// Small values by key, as anything that is kept: written in a transaction, read in a session.
class Values {
 public:
  explicit Values(Database& database) : database_(database) {}
  void Set(const std::string& key, const std::string& value) {
    Transaction transaction(database_);
    transaction->Run(
        "INSERT INTO meta (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        {key, value});
    transaction.Commit();
  }
  [[nodiscard]] std::optional<std::string> Get(const std::string& key) const {
    Session session(database_);
    Rows rows = session->Query("SELECT value FROM meta WHERE key = ?", {key});
    return rows.Next() ? std::optional<std::string>(rows.Text(0)) : std::nullopt;
  }

 private:
  Database& database_;
};

inline NewDelivery PushDelivery(const std::string& delivery_id,
                                const std::string& body,
                                TimePoint now) {
  NewDelivery delivery;
  delivery.source = SourceName("churn");
  delivery.provider = "github";
  delivery.delivery_id = delivery_id;
  delivery.event_name = "push";
  delivery.body = body;
  delivery.body_digest = DigestOfBody(body);
  delivery.headers = {{"x-github-event", "push"}};
  delivery.remote_address = "127.0.0.1";
  delivery.received_at = now;
  RefHint hint;
  hint.ref = "refs/heads/main";
  delivery.refs = {hint};
  return delivery;
}

/// Accepts one delivery and lets the writer work once.
inline AcceptOutcome AcceptOne(Inbox& inbox, NewDelivery delivery) {
  AcceptOutcome outcome;
  inbox.Accept(std::move(delivery), [&outcome](AcceptOutcome answer) { outcome = answer; });
  inbox.Step();
  return outcome;
}

}  // namespace failgate
