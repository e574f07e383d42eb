// Any bytes as what lies in the deploy log: messages, states, facts, decisions, release records.
// What is accepted comes back the same when it is written and read again.
#include "controller/deploylog/fact.h"
#include "controller/deploylog/key_chain.h"
#include "controller/deploylog/log_state.h"
#include "controller/deploylog/state_audit.h"
#include "controller/release/release_record.h"
#include "policies/decision_json.h"
#include "policies/facts_json.h"
#include "tests/fuzz/require.h"

namespace failgate {
namespace {

void FuzzMessage(std::string_view text) {
  const Result<WrittenFact> read = ParseFactMessage(text);
  if (!read) {
    Require(!read.error().text.empty());
    return;
  }
  Require(read->sequence > 0);
  const Result<WrittenFact> again = ParseFactMessage(FormatFactMessage(read->fact, read->sequence));
  Require(again.has_value() && again->sequence == read->sequence);
  Require(again->fact.kind == read->fact.kind && again->fact.at == read->fact.at);
  Require(again->fact.trailers.size() == read->fact.trailers.size());
  const Result<KeyRotation> rotation = ReadKeyRotation(*read);
  Require(!rotation || SignerOf(rotation->new_line) == rotation->new_signer);
}

/// An auditor meets any file below any fact.
void FuzzExpectation(std::string_view text) {
  const Result<EnvironmentState> state = ReadEnvironmentState(text);
  if (!state) {
    return;
  }
  for (int kind = 0; kind <= static_cast<int>(FactKind::kTokenChanged); ++kind) {
    WrittenFact written;
    written.fact.kind = static_cast<FactKind>(kind);
    written.fact.release = state->decided.release;
    written.fact.Add("Attempt", std::to_string(state->decided.attempt));
    written.sequence = 1;
    static_cast<void>(CheckState(*state, *state, text, {}, written, nullptr));
  }
}

template <typename State>
void FuzzState(const Result<State>& read, Result<State> (*reader)(std::string_view)) {
  if (!read) {
    Require(!read.error().text.empty());
    return;
  }
  const std::string written = WriteJson(*read);
  const Result<State> again = reader(written);
  Require(again.has_value() && WriteJson(*again) == written);
}

void FuzzFacts(std::string_view text) {
  const Result<Facts> facts = FactsFromJson(text);
  if (facts) {
    const Result<Facts> again = FactsFromJson(FactsToJson(*facts));
    Require(again.has_value() && *again == *facts);
  }
}

void FuzzDecision(std::string_view text) {
  const Result<DecisionRecord> record = DecisionRecordFromJson(text);
  if (record) {
    Require(DecisionRecordToJson(*record) == text);
    static_cast<void>(VerifyDecision(*record));
  }
}

void FuzzRecord(std::string_view text) {
  const Result<ReleaseRecord> record = ParseReleaseRecord(text);
  if (record) {
    Require(ReleaseRecordToJson(*record) == text && SameRelease(*record, *record));
  }
}

}  // namespace
}  // namespace failgate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = failgate::TextOf(data, size);
  failgate::FuzzMessage(text);
  failgate::FuzzState(failgate::ReadEnvironmentState(text), failgate::ReadEnvironmentState);
  failgate::FuzzState(failgate::ReadProjectState(text), failgate::ReadProjectState);
  failgate::FuzzState(failgate::ReadControllerState(text), failgate::ReadControllerState);
  failgate::FuzzExpectation(text);
  failgate::FuzzFacts(text);
  failgate::FuzzDecision(text);
  failgate::FuzzRecord(text);
  return 0;
}
