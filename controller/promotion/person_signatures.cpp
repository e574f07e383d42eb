#include "controller/promotion/person_signatures.h"

#include <fmt/format.h>

#include <algorithm>

#include "controller/base/text.h"

namespace failgate {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxVersions = 100;

/// The commit's own name for the person, where it speaks of the same address and can be written in
/// a fact.
Person Named(const std::string& email, const Person& author) {
  Person person{"", email};
  if (SamePerson(author.email, email)) {
    const auto whole = ParsePerson(FormatPerson(Person{author.name, email}));
    person.name = whole && whole->email == email ? whole->name : std::string();
  }
  return person;
}

CommitSigner Nobody(std::string why_not) {
  return {Person{}, "", std::move(why_not)};
}

}  // namespace

const People& PersonSignatures::At(const Repository& repository, const CommitId& commit) {
  const ObjectId blob = repository.BlobId(commit, kPeopleFile).value_or(ObjectId());
  const auto known = versions_.find(blob);
  if (known != versions_.end()) {
    return known->second;
  }
  if (versions_.size() >= kMaxVersions) {
    versions_.clear();
  }
  People people =
      blob.empty() ? People{} : ReadPeople(repository.ReadBlob(blob, kMaxFileBytes), blob);
  return versions_.emplace(blob, std::move(people)).first->second;
}

SignatureCheck PersonSignatures::Check(const Signed& what, const People& people) {
  return VerifySignature(
      what.signature, what.bytes, what.name_space, people.signers, what.at, prover_);
}

CommitSigner PersonSignatures::SignerOf(const Repository& repository,
                                        const CommitInfo& commit,
                                        const CommitId& main,
                                        const std::optional<CommitId>& seen) {
  if (!commit.signature || commit.parents.empty()) {
    return {};
  }
  const TimePoint parents = repository.ReadCommit(commit.parents.front()).committer_time;
  const Signed what{*commit.signature,
                    commit.signed_payload,
                    kRequestNamespace,
                    std::max(commit.committer_time, parents)};
  return Ask(repository, what, commit, main, seen);
}

CommitSigner PersonSignatures::SignerOfFile(const Repository& repository,
                                            const std::string& signature,
                                            const std::string& bytes,
                                            TimePoint at,
                                            const CommitInfo& commit,
                                            const CommitId& main,
                                            const std::optional<CommitId>& seen) {
  return Ask(repository, Signed{signature, bytes, kApprovalNamespace, at}, commit, main, seen);
}

bool PersonSignatures::StillSigns(const Repository& repository,
                                  const std::string& signature,
                                  const std::string& bytes,
                                  TimePoint at,
                                  const std::string& email,
                                  const CommitId& main) {
  const auto by = [&](const CommitId& commit) {
    const SignatureCheck check =
        Check(Signed{signature, bytes, kApprovalNamespace, at}, At(repository, commit));
    return check.good() && SamePerson(check.principal, email);
  };
  return by(main) && (policy_.empty() || by(policy_));
}

CommitSigner PersonSignatures::Ask(const Repository& repository,
                                   const Signed& what,
                                   const CommitInfo& commit,
                                   const CommitId& main,
                                   const std::optional<CommitId>& seen) {
  if (commit.parents.empty()) {
    return Nobody(fmt::format("no {} was there before it", kPeopleFile));
  }
  const People then = At(repository, commit.parents.front());
  if (!then.problems.empty()) {
    return Nobody(fmt::format("{} had faults then: nobody's signature counts", kPeopleFile));
  }
  const SignatureCheck first = Check(what, then);
  if (!first.good()) {
    return Nobody(first.text);
  }
  const auto still = [&](const CommitId& commit_of_main) {
    const People& people = At(repository, commit_of_main);
    const SignatureCheck again = people.blob == then.blob ? first : Check(what, people);
    return again.good() && SamePerson(again.principal, first.principal);
  };
  if (!still(main)) {
    return Nobody(fmt::format("{} does not list {} of {} any more",
                              kPeopleFile,
                              first.fingerprint,
                              OneLine(first.principal, 200)));
  }
  if (!policy_.empty() && !still(policy_)) {
    return Nobody(
        fmt::format("no owner signed a {} that lists {}", kPeopleFile, first.fingerprint));
  }
  if (seen && !still(*seen)) {
    return Nobody(fmt::format(
        "{} came into {} with the same push: sign once more", first.fingerprint, kPeopleFile));
  }
  CommitSigner signer;
  signer.person = Named(first.principal, commit.author);
  signer.signed_with = fmt::format("{} {}@{}", first.fingerprint, kPeopleFile, then.blob.text());
  return signer;
}

}  // namespace failgate
