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

CommitSigner PersonSignatures::SignerOf(const Repository& repository,
                                        const CommitInfo& commit,
                                        const CommitId& main,
                                        const std::optional<CommitId>& seen) {
  if (!commit.signature || commit.parents.empty()) {
    return {};
  }
  const CommitId& parent = commit.parents.front();
  const TimePoint at =
      std::max(commit.committer_time, repository.ReadCommit(parent).committer_time);
  const auto check = [&](const People& people) {
    return VerifySignature(
        commit.signature, commit.signed_payload, kRequestNamespace, people.signers, at, prover_);
  };
  const People then = At(repository, parent);
  if (!then.problems.empty()) {
    return Nobody(fmt::format("{} had faults then: nobody's signature counts", kPeopleFile));
  }
  const SignatureCheck first = check(then);
  if (!first.good()) {
    return Nobody(first.text);
  }
  const auto still = [&](const CommitId& commit_of_main) {
    const People& people = At(repository, commit_of_main);
    const SignatureCheck again = people.blob == then.blob ? first : check(people);
    return again.good() && SamePerson(again.principal, first.principal);
  };
  if (!still(main)) {
    return Nobody(fmt::format("{} does not list {} of {} any more",
                              kPeopleFile,
                              first.fingerprint,
                              OneLine(first.principal, 200)));
  }
  if (seen && !still(*seen)) {
    return Nobody(fmt::format("{} came into {} with the same push: ask again with another commit",
                              first.fingerprint,
                              kPeopleFile));
  }
  CommitSigner signer;
  signer.person = Named(first.principal, commit.author);
  signer.signed_with = fmt::format("{} {}@{}", first.fingerprint, kPeopleFile, then.blob.text());
  return signer;
}

}  // namespace failgate
