#include "controller/promotion/people.h"

#include <fmt/format.h>

#include <map>

#include "controller/base/text.h"

namespace failgate {
namespace {

bool IsAddress(const std::string& principal) {
  return principal.find_first_of("*?!") == std::string::npos &&
         ParsePerson(principal).has_value() && ParsePerson(principal)->name.empty();
}

std::optional<std::string> WhyNobody(const AllowedSigner& signer,
                                     std::map<std::string, const AllowedSigner*>& owners) {
  if (signer.principals.size() != 1 || !IsAddress(signer.principals.front())) {
    return "a line begins with one person's e-mail address, without patterns: give each person "
           "lines of their own";
  }
  const auto [owner, is_new] = owners.emplace(signer.public_blob, &signer);
  const std::string& first = owner->second->principals.front();
  if (!is_new && !SamePerson(first, signer.principals.front())) {
    return fmt::format("the key is {}'s already (line {}): a key belongs to one person",
                       OneLine(first, 200),
                       owner->second->line);
  }
  return std::nullopt;
}

}  // namespace

People ReadPeople(std::string_view text, const ObjectId& blob) {
  People people;
  people.blob = blob;
  Parsed<AllowedSigners> signers = AllowedSigners::Parse(text, kPeopleFile);
  if (!signers) {
    people.problems = signers.error();
    return people;
  }
  std::map<std::string, const AllowedSigner*> owners;
  for (const AllowedSigner& signer : signers->signers()) {
    if (auto why = WhyNobody(signer, owners)) {
      people.problems.push_back(Problem{kPeopleFile, signer.line, 1, std::move(*why)});
    }
  }
  if (people.problems.empty()) {
    people.signers = std::move(*signers);
  }
  return people;
}

}  // namespace failgate
