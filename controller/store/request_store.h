// A person's wish, from the API's answer until it is done or refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/clock.h"
#include "controller/base/ids.h"
#include "controller/store/database.h"
#include "controller/store/role.h"

namespace failgate {

enum class RequestState { kOpen, kDone, kRefused };
/// "open", "done", "refused".
[[nodiscard]] std::string_view Word(RequestState state);

struct Request {
  std::string id;    ///< UUID 7; the commit's `Request:` trailer
  std::string kind;  ///< promote, rollback, approve, reject, withdraw, hold, resume, retry, ...
  ProjectName project;
  EnvironmentName environment;
  ReleaseName release;
  Person person;
  Role role = Role::kViewer;
  std::string token_id;
  std::string reason;
  std::string options_json;
  RequestState state = RequestState::kOpen;
  std::string answer_json;
  TimePoint created;
  std::optional<TimePoint> finished;
};

/// Thread-safe.
class RequestStore {
 public:
  explicit RequestStore(Database& database, const Clock& clock = SystemClock());
  /// Durable when it returns; `id`, `state` and times are set here. Answers the id.
  std::string Add(Request request);
  /// Oldest first.
  [[nodiscard]] std::vector<Request> Open() const;
  [[nodiscard]] std::optional<Request> Get(const std::string& id) const;
  /// Open -> done or refused; false when it was finished already.
  bool Finish(const std::string& id, RequestState state, const std::string& answer_json);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace failgate
