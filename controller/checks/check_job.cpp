#include "controller/checks/check_job.h"

#include <nlohmann/json.hpp>

#include "policies/facts_object.h"
#include "policies/strict_json.h"

namespace failgate {

using Json = nlohmann::json;

std::string_view Word(CheckKind kind) {
  switch (kind) {
    case CheckKind::kBefore:
      return "before";
    case CheckKind::kAfter:
      return "after";
    case CheckKind::kCommand:
      return "command";
  }
  return "";
}

std::string KeyOf(const CheckJob& job) {
  ProgramDigest digest("failgate check job 1");
  digest.Add("kind", Word(job.kind));
  digest.Add("environment", job.environment.text());
  digest.Add("project", job.project.text());
  digest.Add("check", CheckDigest(job.check));
  digest.Add("files", job.files.digest);
  digest.Add("release", job.candidate.release.text());
  digest.Add("record", job.candidate.record);
  if (job.champion) {
    digest.Add("champion", job.champion->release.text());
    digest.Add("champion record", job.champion->record);
  }
  digest.Add("order", job.order);
  digest.Add("address", job.address);
  digest.Add("input", job.input_digest);
  return digest.Finish().substr(std::string_view("sha256:").size());
}

std::filesystem::path CheckLogPath(const std::filesystem::path& logs, const std::string& key) {
  return logs / "checks" / (key + ".log");
}

std::string CheckOutcomeToJson(const CheckOutcome& outcome) {
  return CanonicalJson({{"passed", outcome.passed},
                        {"reason", outcome.reason},
                        {"tests", TestCountsObject(outcome.tests)},
                        {"metrics", MetricsObject(outcome.metrics)},
                        {"answer", outcome.answer},
                        {"started", FormatTimeMilliseconds(outcome.started)},
                        {"finished", FormatTimeMilliseconds(outcome.finished)}});
}

Result<CheckOutcome> ParseCheckOutcome(std::string_view json) {
  try {
    const Json root = ParseStrictJson(json);
    JsonObjectReader reader(root, "check outcome");
    CheckOutcome outcome;
    outcome.passed = reader.Bool("passed");
    outcome.reason = reader.String("reason");
    outcome.tests = TestCountsFromObject(reader.Required("tests"), "tests");
    outcome.metrics = MetricsFromObject(reader.Required("metrics"), "metrics");
    outcome.answer = reader.String("answer");
    outcome.started = reader.Time("started");
    outcome.finished = reader.Time("finished");
    reader.Finish();
    return outcome;
  } catch (const JsonFault& fault) {
    return Refusal{"invalid_check_outcome", fault.text};
  }
}

}  // namespace failgate
