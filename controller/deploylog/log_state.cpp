#include "controller/deploylog/log_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "controller/base/json_number.h"

namespace failgate {
namespace {

using Json = nlohmann::json;

Json NameOrNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string TextOrEmpty(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? std::string() : found->get<std::string>();
}

TimePoint TimeOf(const Json& object, const char* key) {
  const auto time = ParseTime(object.at(key).get<std::string>());
  Check(time.has_value(), fmt::format("a time in {}", key));
  return *time;
}

Health ParseHealth(const std::string& word) {
  for (const Health health : {Health::kUnknown, Health::kHealthy, Health::kUnhealthy}) {
    if (word == HealthWord(health)) {
      return health;
    }
  }
  throw Error(Remedy::kNeedsChange, "unknown health");
}

Drift ParseDrift(const std::string& word) {
  for (const Drift drift : {Drift::kUnknown, Drift::kNone, Drift::kDrifted}) {
    if (word == DriftWord(drift)) {
      return drift;
    }
  }
  throw Error(Remedy::kNeedsChange, "unknown drift");
}

Json ToJson(const LastFact& last) {
  return Json{{"fact", last.fact}, {"result", last.result}, {"at", FormatTime(last.at)}};
}

LastFact LastOf(const Json& object) {
  const Json& last = object.at("last");
  return LastFact{last.at("fact"), last.at("result"), TimeOf(last, "at")};
}

Json ToJson(const Ordered& decided) {
  Json json{{"spec", decided.spec},
            {"decision", decided.decision},
            {"wanted", NameOrNull(decided.wanted)},
            {"at", FormatTimeMilliseconds(decided.at)},
            {"attempt", decided.attempt},
            {"finished", decided.finished},
            {"rollback", decided.rollback},
            {"retry", decided.retry}};
  if (decided.removes) {
    json["removes"] = true;
  }
  return json;
}

Ordered OrderedOf(const Json& object, const std::string& release) {
  Ordered decided;
  decided.release = ReleaseName(release);
  decided.spec = object.at("spec");
  decided.decision = object.at("decision");
  decided.wanted = TextOrEmpty(object, "wanted");
  decided.at = TimeOf(object, "at");
  decided.attempt = WholeNumber(object, "attempt");
  decided.finished = object.at("finished");
  decided.rollback = object.at("rollback");
  decided.retry = object.at("retry");
  decided.removes = object.value("removes", false);
  return decided;
}

Json ToJson(const StandingApproval& approval) {
  Json json{{"release", approval.release.text()},
            {"name", approval.person.name},
            {"email", approval.person.email},
            {"rejects", approval.rejects},
            {"record", approval.record},
            {"spec", approval.spec},
            {"at", FormatTimeMilliseconds(approval.at)},
            {"request", approval.request}};
  if (approval.expires) {
    json["expires"] = FormatTimeMilliseconds(*approval.expires);
  }
  if (!approval.file.empty()) {
    json["file"] = approval.file;
  }
  return json;
}

StandingApproval ApprovalOf(const Json& json) {
  StandingApproval approval;
  approval.release = ReleaseName(json.at("release"));
  approval.person = Person{json.at("name"), json.at("email")};
  approval.rejects = json.at("rejects");
  approval.record = json.at("record");
  approval.spec = json.at("spec");
  approval.at = TimeOf(json, "at");
  approval.request = json.at("request");
  if (json.contains("expires")) {
    approval.expires = TimeOf(json, "expires");
  }
  approval.file = TextOrEmpty(json, "file");
  return approval;
}

Json ToJson(const StandingHold& hold) {
  Json json{{"name", hold.by.name},
            {"email", hold.by.email},
            {"reason", hold.reason},
            {"healing", hold.healing},
            {"wanted", hold.wanted},
            {"at", FormatTime(hold.at)}};
  if (hold.until) {
    json["until"] = FormatTime(*hold.until);
  }
  return json;
}

StandingHold HoldOf(const Json& json) {
  StandingHold hold;
  hold.by = Person{json.at("name"), json.at("email")};
  hold.reason = json.at("reason");
  hold.healing = json.at("healing");
  hold.wanted = json.at("wanted");
  hold.at = TimeOf(json, "at");
  if (json.contains("until")) {
    hold.until = TimeOf(json, "until");
  }
  return hold;
}

Json ToJson(const StandingOverride& given) {
  return Json{{"release", given.release.text()},
              {"gate", given.gate},
              {"name", given.person.name},
              {"email", given.person.email},
              {"reason", given.reason},
              {"record", given.record},
              {"spec", given.spec},
              {"at", FormatTime(given.at)},
              {"until", FormatTime(given.until)},
              {"request", given.request}};
}

StandingOverride OverrideOf(const Json& json) {
  StandingOverride given;
  given.release = ReleaseName(json.at("release"));
  given.gate = json.at("gate");
  given.person = Person{json.at("name"), json.at("email")};
  given.reason = json.at("reason");
  given.record = json.at("record");
  given.spec = json.at("spec");
  given.at = TimeOf(json, "at");
  given.until = TimeOf(json, "until");
  given.request = json.at("request");
  return given;
}

/// Every reader has one shape: any surprise in the JSON is one refusal that names the file's kind.
template <typename T, typename Reader>
Result<T> Read(std::string_view json, const char* what, Reader reader) {
  try {
    return reader(Json::parse(json));
  } catch (const Json::exception& error) {
    return Refusal{"malformed_state", fmt::format("{} of the deploy log: {}", what, error.what())};
  } catch (const Error& error) {
    return Refusal{"malformed_state", fmt::format("{} of the deploy log: {}", what, error.what())};
  }
}

Json EndsInside(const EnvironmentState& state) {
  Json ends = Json::array();
  for (const HistoryEntry& entry : state.history) {
    ends.push_back(Json{{"release", entry.release.text()},
                        {"spec", entry.spec},
                        {"decision", entry.decision},
                        {"at", FormatTimeMilliseconds(entry.at)},
                        {"end", EndWord(entry.end)}});
  }
  return ends;
}

void ReadEndsInside(const Json& ends, EnvironmentState& state) {
  state.ends_inside = true;
  for (const Json& entry : ends) {
    state.history.push_back(HistoryEntry{ReleaseName(entry.at("release")),
                                         entry.at("spec"),
                                         entry.at("decision"),
                                         TimeOf(entry, "at"),
                                         ParseEnd(entry.at("end")),
                                         static_cast<long>(state.history.size()) + 1});
  }
}

std::string Dump(const Json& json) {
  return json.dump(1) + "\n";
}

}  // namespace

std::string HealthWord(Health health) {
  switch (health) {
    case Health::kUnknown:
      return "unknown";
    case Health::kHealthy:
      return "healthy";
    case Health::kUnhealthy:
      return "unhealthy";
  }
  return "";
}

std::string DriftWord(Drift drift) {
  switch (drift) {
    case Drift::kUnknown:
      return "unknown";
    case Drift::kNone:
      return "none";
    case Drift::kDrifted:
      return "drifted";
  }
  return "";
}

std::string EndWord(DeploymentEnd end) {
  switch (end) {
    case DeploymentEnd::kHealthy:
      return "healthy";
    case DeploymentEnd::kFailed:
      return "failed";
    case DeploymentEnd::kRolledBack:
      return "rolled-back";
  }
  return "";
}

DeploymentEnd ParseEnd(const std::string& word) {
  for (const DeploymentEnd end :
       {DeploymentEnd::kHealthy, DeploymentEnd::kFailed, DeploymentEnd::kRolledBack}) {
    if (word == EndWord(end)) {
      return end;
    }
  }
  throw Error(Remedy::kNeedsChange, "unknown end of a deployment");
}

std::string WriteJson(const EnvironmentState& state) {
  Json json{{"sequence", state.sequence},
            {"running", NameOrNull(state.running.text())},
            {"decided", NameOrNull(state.decided.release.text())},
            {"health", HealthWord(state.health)},
            {"drift", DriftWord(state.drift)},
            {"last", ToJson(state.last)}};
  if (!state.running.empty()) {
    json["running_spec"] = state.running_spec;
  }
  if (state.since) {
    json["since"] = FormatTime(*state.since);
  }
  // The number of attempts goes on though nothing is decided any more.
  if (!state.decided.release.empty() || state.decided.attempt > 0) {
    json["order"] = ToJson(state.decided);
  }
  if (state.ends_inside) {
    json["history"] = EndsInside(state);
  }
  json["approvals"] = Json::array();
  for (const StandingApproval& approval : state.approvals) {
    json["approvals"].push_back(ToJson(approval));
  }
  for (const auto& verdict : state.verdicts) {
    json["verdicts"][verdict.first.text()] = verdict.second;
  }
  if (!state.cause.empty()) {
    json["cause"] = state.cause;
  }
  if (!state.stopped.empty()) {
    json["stopped"] = state.stopped;
  }
  if (!state.refused.empty()) {
    json["refused"] = state.refused;
  }
  if (state.hold) {
    json["hold"] = ToJson(*state.hold);
  }
  for (const StandingOverride& given : state.overrides) {
    json["overrides"].push_back(ToJson(given));
  }
  for (const auto& [path, told] : state.approval_files) {
    json["approval_files"][path] =
        Json{{"file", told.file}, {"signature", told.signature}, {"refused", told.refused}};
  }
  if (state.removed > 0) {
    json["removed"] = state.removed;
  }
  return Dump(json);
}

Result<EnvironmentState> ReadEnvironmentState(std::string_view text) {
  return Read<EnvironmentState>(text, "an environment's state", [](const Json& json) {
    EnvironmentState state;
    state.sequence = WholeNumber(json, "sequence");
    state.running = ReleaseName(TextOrEmpty(json, "running"));
    state.running_spec = TextOrEmpty(json, "running_spec");
    if (json.contains("since")) {
      state.since = TimeOf(json, "since");
    }
    if (json.contains("order")) {
      state.decided = OrderedOf(json.at("order"), TextOrEmpty(json, "decided"));
    }
    state.health = ParseHealth(json.at("health"));
    state.drift = ParseDrift(json.at("drift"));
    state.last = LastOf(json);
    if (json.contains("history")) {
      ReadEndsInside(json.at("history"), state);
    }
    for (const Json& approval : json.at("approvals")) {
      state.approvals.push_back(ApprovalOf(approval));
    }
    if (json.contains("verdicts")) {
      for (const auto& verdict : json.at("verdicts").items()) {
        state.verdicts[ReleaseName(verdict.key())] = verdict.value();
      }
    }
    state.cause = TextOrEmpty(json, "cause");
    state.stopped = TextOrEmpty(json, "stopped");
    state.refused = TextOrEmpty(json, "refused");
    if (json.contains("hold")) {
      state.hold = HoldOf(json.at("hold"));
    }
    if (json.contains("overrides")) {
      for (const Json& given : json.at("overrides")) {
        state.overrides.push_back(OverrideOf(given));
      }
    }
    if (json.contains("approval_files")) {
      for (const auto& told : json.at("approval_files").items()) {
        state.approval_files[told.key()] = ToldApproval{
            told.value().at("file"), told.value().at("signature"), told.value().at("refused")};
      }
    }
    if (json.contains("removed")) {
      state.removed = WholeNumber(json, "removed");
    }
    return state;
  });
}

std::string WriteJson(const ProjectState& state) {
  Json json{
      {"sequence", state.sequence}, {"releases", state.releases}, {"last", ToJson(state.last)}};
  if (!state.superseded.empty()) {
    json["superseded"] = state.superseded;
  }
  return Dump(json);
}

Result<ProjectState> ReadProjectState(std::string_view text) {
  return Read<ProjectState>(text, "a project's state", [](const Json& json) {
    return ProjectState{WholeNumber(json, "sequence"),
                        WholeNumber(json, "releases"),
                        LastOf(json),
                        json.value("superseded", std::vector<std::string>())};
  });
}

std::string WriteJson(const ControllerState& state) {
  Json json{{"sequence", state.sequence},
            {"name", state.name},
            {"instance", state.instance},
            {"since", FormatTime(state.since)},
            {"host", state.host},
            {"key", state.key}};
  if (!state.accepted.empty()) {
    json["accepted"] = state.accepted;
  }
  if (state.policy) {
    json["policy"] = Json{{"commit", state.policy->commit.text()},
                          {"listing", state.policy->listing},
                          {"signature", state.policy->signature},
                          {"signer", state.policy->signer},
                          {"key", state.policy->key},
                          {"since", FormatTime(state.policy->since)}};
  }
  if (!state.policy_refused.empty()) {
    json["policy_refused"] = state.policy_refused;
  }
  for (const FormerKey& former : state.former) {
    json["former"].push_back(Json{{"key", former.line}, {"main", former.main.text()}});
  }
  return Dump(json);
}

Result<ControllerState> ReadControllerState(std::string_view text) {
  return Read<ControllerState>(text, "controller.json", [](const Json& json) {
    ControllerState state{WholeNumber(json, "sequence"),
                          json.at("name"),
                          json.at("instance"),
                          TimeOf(json, "since"),
                          json.at("host"),
                          TextOrEmpty(json, "key")};
    if (json.contains("former")) {
      for (const Json& former : json.at("former")) {
        state.former.push_back(FormerKey{former.at("key"), CommitId(former.at("main"))});
      }
    }
    state.accepted = TextOrEmpty(json, "accepted");
    if (json.contains("policy")) {
      const Json& policy = json.at("policy");
      state.policy = PolicyInForce{CommitId(policy.at("commit")),
                                   policy.at("listing"),
                                   policy.at("signature"),
                                   policy.at("signer"),
                                   policy.at("key"),
                                   TimeOf(policy, "since")};
    }
    state.policy_refused = TextOrEmpty(json, "policy_refused");
    return state;
  });
}

std::string EnvironmentPath(const EnvironmentName& environment, const ProjectName& project) {
  return environment.text() + "/" + project.text() + ".json";
}

std::string ProjectPath(const ProjectName& project) {
  return "projects/" + project.text() + ".json";
}

std::string RecordPath(const ProjectName& project, const ReleaseName& release) {
  return "releases/" + project.text() + "/" + release.text() + ".json";
}

}  // namespace failgate
