#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "policies/check_facts_object.h"
#include "policies/facts_object.h"
#include "policies/state_words.h"

namespace failgate {
namespace {

using nlohmann::json;

constexpr std::array<std::pair<CheckProgress, const char*>, 4> kCheckStates{
    {{CheckProgress::kDue, "due"},
     {CheckProgress::kRunning, "running"},
     {CheckProgress::kPassed, "passed"},
     {CheckProgress::kFailed, "failed"}}};

json CheckObject(const CheckFact& check) {
  json object = {{"name", check.name},
                 {"state", WordIn(kCheckStates, check.state)},
                 {"record", check.record},
                 {"champion", check.champion.text()},
                 {"spec", check.spec},
                 {"files", check.files},
                 {"tests", TestCountsObject(check.tests)},
                 {"metrics", MetricsObject(check.metrics)},
                 {"detail", check.detail}};
  if (check.finished) object["finished"] = FormatTimeMilliseconds(*check.finished);
  return object;
}

CheckFact ReadCheck(const json& object) {
  JsonObjectReader reader(object, "check");
  CheckFact check;
  check.name = reader.String("name");
  check.state = ValueIn(kCheckStates, reader.String("state"), "check");
  check.record = reader.String("record");
  check.champion = ReleaseName(reader.String("champion"));
  check.spec = reader.String("spec");
  check.files = reader.String("files");
  check.tests = TestCountsFromObject(reader.Required("tests"), "check.tests");
  check.metrics = MetricsFromObject(reader.Required("metrics"), "check.metrics");
  check.detail = reader.String("detail");
  check.finished = reader.OptionalTime("finished");
  reader.Finish();
  return check;
}

json CommandObject(const CommandFact& command) {
  json object = {{"name", command.name},
                 {"spec", command.spec},
                 {"files", command.files},
                 {"input", command.input},
                 {"asked", FormatTimeMilliseconds(command.asked)},
                 {"verdict", Word(command.verdict)},
                 {"reason", command.reason}};
  if (!command.fault.empty()) object["fault"] = command.fault;
  if (command.until) object["until"] = FormatTimeMilliseconds(*command.until);
  return object;
}

CommandFact ReadCommand(const json& object) {
  JsonObjectReader reader(object, "command");
  CommandFact command;
  command.name = reader.String("name");
  command.spec = reader.String("spec");
  command.files = reader.String("files");
  command.input = reader.String("input");
  command.asked = reader.Time("asked");
  const auto verdict = ParseVerdict(reader.String("verdict"));
  if (!verdict) throw JsonFault{"command.verdict is no verdict"};
  command.verdict = *verdict;
  command.reason = reader.String("reason");
  if (const json* fault = reader.Optional("fault"); fault != nullptr) {
    command.fault = ExpectString(*fault, "command.fault");
    if (command.fault.empty()) throw JsonFault{"command.fault must not be empty"};
  }
  command.until = reader.OptionalTime("until");
  reader.Finish();
  return command;
}

}  // namespace

void AddCheckFacts(const Facts& facts, json& object) {
  if (facts.check_files) {
    object["check_files"] = {{"commit", facts.check_files->commit.text()},
                             {"digest", facts.check_files->digest}};
  }
  for (const CheckFact& check : facts.checks) object["checks"].push_back(CheckObject(check));
  for (const CommandFact& command : facts.commands) {
    object["commands"].push_back(CommandObject(command));
  }
}

void ReadCheckFacts(JsonObjectReader& reader, Facts& facts) {
  if (const json* files = reader.Optional("check_files"); files != nullptr) {
    JsonObjectReader inside(*files, "check_files");
    facts.check_files = CheckFilesFact{CommitId(inside.String("commit")), inside.String("digest")};
    inside.Finish();
  }
  if (const json* checks = reader.Optional("checks"); checks != nullptr) {
    for (const json& check : ExpectArray(*checks, "checks")) {
      facts.checks.push_back(ReadCheck(check));
    }
  }
  if (const json* commands = reader.Optional("commands"); commands != nullptr) {
    for (const json& command : ExpectArray(*commands, "commands")) {
      facts.commands.push_back(ReadCommand(command));
    }
  }
}

}  // namespace failgate
