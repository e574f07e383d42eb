#include "controller/store/request_store.h"

#include <array>

#include "controller/base/error.h"
#include "controller/store/words.h"

namespace failgate {
namespace {

constexpr const char* kColumns =
    "SELECT id, kind, project, environment, release, person_name, person_email, role, token_id, "
    "reason, options, state, answer, created, finished FROM requests ";

std::optional<RequestState> ParseRequestState(std::string_view word) {
  constexpr std::array kAll = {RequestState::kOpen, RequestState::kDone, RequestState::kRefused};
  return FindWord<RequestState>(kAll, word);
}

Request RequestOf(const Rows& rows) {
  Request request;
  request.id = rows.Text(0);
  request.kind = rows.Text(1);
  request.project = ProjectName(rows.Text(2));
  request.environment = EnvironmentName(rows.Text(3));
  request.release = ReleaseName(rows.Text(4));
  request.person = Person{rows.Text(5), rows.Text(6)};
  request.role = MustParse(ParseRole(rows.Text(7)), "requests.role");
  request.token_id = rows.Text(8);
  request.reason = rows.Text(9);
  request.options_json = rows.Text(10);
  request.state = MustParse(ParseRequestState(rows.Text(11)), "requests.state");
  request.answer_json = rows.Text(12);
  request.created = rows.Time(13);
  request.finished = rows.OptionalTime(14);
  return request;
}

}  // namespace

std::string_view Word(RequestState state) {
  switch (state) {
    case RequestState::kOpen:
      return "open";
    case RequestState::kDone:
      return "done";
    case RequestState::kRefused:
      return "refused";
  }
  return "";
}

RequestStore::RequestStore(Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

std::string RequestStore::Add(Request request) {
  request.created = clock_.Now();
  request.id = database_.NextId(request.created);
  Transaction transaction(database_);
  transaction->Run(
      "INSERT INTO requests (id, kind, project, environment, release, person_name, person_email, "
      "role, token_id, reason, options, state, created) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?)",
      {request.id,
       request.kind,
       request.project,
       request.environment,
       request.release,
       request.person.name,
       request.person.email,
       Word(request.role),
       request.token_id,
       request.reason,
       request.options_json,
       request.created});
  transaction.Commit();
  return request.id;
}

std::vector<Request> RequestStore::Open() const {
  std::vector<Request> requests;
  Session session(database_);
  Rows rows = session->Query(std::string(kColumns) + "WHERE state = 'open' ORDER BY id");
  while (rows.Next()) requests.push_back(RequestOf(rows));
  return requests;
}

std::optional<Request> RequestStore::Get(const std::string& id) const {
  Session session(database_);
  Rows rows = session->Query(std::string(kColumns) + "WHERE id = ?", {id});
  if (!rows.Next()) return std::nullopt;
  return RequestOf(rows);
}

bool RequestStore::Finish(const std::string& id,
                          RequestState state,
                          const std::string& answer_json) {
  Check(state != RequestState::kOpen, "a finished request is done or refused");
  Transaction transaction(database_);
  const bool finished = transaction->Run(
                            "UPDATE requests SET state = ?, answer = ?, finished = ? "
                            "WHERE id = ? AND state = 'open'",
                            {Word(state), answer_json, clock_.Now(), id}) == 1;
  transaction.Commit();
  return finished;
}

}  // namespace failgate
