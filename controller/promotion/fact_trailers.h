// The trailers that several facts share, in the order and form of product.md §5.
#pragma once

#include <optional>
#include <string>

#include "controller/deploylog/fact.h"
#include "controller/promotion/wish.h"
#include "controller/release/release_record.h"
#include "policies/decision_json.h"

namespace failgate {

/// Record, Source, Data, Artifact…, Delivery, Run.
void AddReleaseTrailers(Fact& fact, const ReleaseRecord& record);
/// Tests and Coverage of the run, for `released`.
void AddEvidenceTrailers(Fact& fact, const ReleaseRecord& record);
/// Record, Policy, Decision, Gate…, Requested-by, Approved-by…, Via, Wanted, Reason.
void AddDecisionTrailers(Fact& fact,
                         const DecisionRecord& record,
                         const std::string& digest,
                         const std::optional<Wish>& wish);
/// "Alice Martin <alice@example.com>"; who gave no name is called by the local part of the address.
[[nodiscard]] std::string TrailerPerson(const Person& person);

}  // namespace failgate
