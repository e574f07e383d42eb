#include "controller/deploylog/people_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "controller/base/secret.h"
#include "controller/base/text.h"
#include "controller/git/openssh_key.h"

namespace failgate {
namespace {

constexpr std::string_view kCreated = "created";
constexpr std::string_view kRevoked = "revoked";
constexpr std::string_view kLost = "lost";
constexpr std::string_view kRestored = "restored";
constexpr std::string_view kAdded = "added ";
constexpr std::string_view kRemoved = "removed ";
constexpr const char* kPeopleSigners = "people_signers";
constexpr const char* kNever = "never";

/// Facts and files name whole seconds; a token's time must not differ between the two.
TimePoint Seconds(TimePoint at) {
  return std::chrono::floor<std::chrono::seconds>(at);
}

ToldToken Told(const TokenRecord& record) {
  const TokenIdentity& identity = record.identity;
  ToldToken told;
  told.person = OneLine(Redact(FormatPerson(identity.person)));
  told.role = std::string(Word(identity.role));
  told.projects = identity.projects.empty() ? "all" : Join(identity.projects, ",");
  if (record.expires) {
    told.expires = Seconds(*record.expires);
  }
  return told;
}

void Describe(Fact& fact, std::string_view change, const std::string& id, const ToldToken& token) {
  fact.subject = fmt::format("token {} for {}: {} of {}",
                             change,
                             token.person,
                             token.role,
                             token.projects == "all" ? "all projects" : token.projects);
  fact.Add("Change", std::string(change));
  fact.Add("Token", id);
  fact.Add("Person", token.person);
  fact.Add("Role", token.role);
  fact.Add("Projects", token.projects);
  fact.Add("Expires", token.expires ? FormatTime(*token.expires) : kNever);
}

FactDraft NewDraft(TimePoint at) {
  FactDraft draft;
  draft.fact.kind = FactKind::kTokenChanged;
  draft.fact.at = Seconds(at);
  return draft;
}

std::string KeyLine(const AllowedSigner& signer) {
  std::string line = fmt::format(
      "{} {}", KeyFingerprint(signer.public_blob), OneLine(Redact(Join(signer.principals, ","))));
  if (signer.namespaces) {
    line += " namespaces=" + OneLine(Redact(*signer.namespaces));
  }
  if (signer.valid_after) {
    line += " valid-after=" + FormatTime(*signer.valid_after);
  }
  if (signer.valid_before) {
    line += " valid-before=" + FormatTime(*signer.valid_before);
  }
  return line;
}

/// Adds what differs to the fact; false when nothing does.
bool AddChanges(const std::set<std::string>& from, const std::set<std::string>& to, Fact& fact) {
  long removed = 0;
  long added = 0;
  for (const std::string& line : from) {
    if (to.count(line) == 0) {
      fact.Add("Key", std::string(kRemoved) + line);
      ++removed;
    }
  }
  for (const std::string& line : to) {
    if (from.count(line) == 0) {
      fact.Add("Key", std::string(kAdded) + line);
      ++added;
    }
  }
  fact.subject =
      fmt::format("keys of {} changed: {} added, {} removed", kPeopleSigners, added, removed);
  return added + removed > 0;
}

/// One fact, followed as an auditor does.
class Expectation {
 public:
  Expectation(PeopleState& state, const WrittenFact& written, std::vector<AuditFinding>& findings)
      : state_(state), written_(written), findings_(findings) {}

  void Follow() {
    if (const auto token = written_.Value("Token")) {
      return Token(*token);
    }
    bool any = false;
    for (const Trailer& trailer : written_.fact.trailers) {
      if (trailer.first == "Key") {
        any = true;
        Key(trailer.second);
      }
    }
    if (!any) {
      Add(AuditKind::kRewritten, "it names neither a token nor a key");
    }
  }

 private:
  void Add(AuditKind kind, std::string text) {
    findings_.push_back(AuditFinding{kind, std::move(text)});
  }

  [[nodiscard]] std::optional<ToldToken> Named() {
    ToldToken token{written_.Value("Person").value_or(""),
                    written_.Value("Role").value_or(""),
                    written_.Value("Projects").value_or(""),
                    ParseTime(written_.Value("Expires").value_or(""))};
    const bool whole = ParsePerson(token.person) && ParseRole(token.role) &&
                       !token.projects.empty() &&
                       (token.expires || written_.Value("Expires") == kNever);
    return whole ? std::optional<ToldToken>(std::move(token)) : std::nullopt;
  }

  void Token(const std::string& id) {
    const auto token = Named();
    if (!token) {
      return Add(AuditKind::kRewritten, "it does not say whose token it is, or what it opens");
    }
    const std::string change = written_.Value("Change").value_or("");
    const auto known = state_.tokens.find(id);
    if (change == kCreated || change == kRestored) {
      if (known != state_.tokens.end()) {
        Add(AuditKind::kOrphan, fmt::format("the token {} counted already", OneLine(id, 80)));
      }
      state_.tokens[id] = *token;
    } else if (change == kRevoked || change == kLost) {
      if (known == state_.tokens.end() || known->second != *token) {
        Add(AuditKind::kOrphan, fmt::format("nobody had the token {}", OneLine(id, 80)));
      }
      state_.tokens.erase(id);
    } else {
      Add(AuditKind::kRewritten, "it does not say how the token changed");
    }
    state_.DropExpired(written_.fact.at);
    if (const auto request = written_.Value("Request")) {
      state_.RememberTold(*request);
    }
  }

  void Key(const std::string& text) {
    if (text.compare(0, kAdded.size(), kAdded) == 0) {
      if (!state_.keys.insert(text.substr(kAdded.size())).second) {
        Add(AuditKind::kOrphan, "it adds a key that counted already");
      }
    } else if (text.compare(0, kRemoved.size(), kRemoved) == 0) {
      if (state_.keys.erase(text.substr(kRemoved.size())) == 0) {
        Add(AuditKind::kOrphan, "it removes a key that nobody had");
      }
    } else {
      Add(AuditKind::kRewritten, "it does not say whether a key was added or removed");
    }
  }

  PeopleState& state_;
  const WrittenFact& written_;
  std::vector<AuditFinding>& findings_;
};

}  // namespace

FactDraft TokenChangedDraft(const TokenChange& change) {
  FactDraft draft = NewDraft(change.at);
  const std::string id = change.token.identity.id;
  const ToldToken token = Told(change.token);
  Describe(draft.fact, change.revoked ? kRevoked : kCreated, id, token);
  if (!change.by.empty()) {
    draft.fact.Add("Host-user", change.by);
  }
  draft.fact.Add("Request", change.id);
  draft.change = [id, token, request = change.id, revoked = change.revoked](LogEdit& edit) {
    PeopleState& people = *edit.people;
    const auto& told = people.told;
    if (std::find(told.begin(), told.end(), request) != told.end() ||
        revoked == (people.tokens.count(id) == 0)) {
      return false;
    }
    if (revoked) {
      people.tokens.erase(id);
    } else {
      people.tokens[id] = token;
    }
    people.DropExpired(edit.fact.at);
    people.RememberTold(request);
    return true;
  };
  return draft;
}

FactDraft TokenLostDraft(const std::string& id, TimePoint at) {
  FactDraft draft = NewDraft(at);
  draft.change = [id](LogEdit& edit) {
    const auto known = edit.people->tokens.find(id);
    if (known == edit.people->tokens.end()) {
      return false;
    }
    Describe(edit.fact, kLost, id, known->second);
    edit.fact.Add("Reason", "the controller's database does not have it");
    edit.people->tokens.erase(known);
    edit.people->DropExpired(edit.fact.at);
    return true;
  };
  return draft;
}

FactDraft TokenRestoredDraft(const TokenRecord& record, TimePoint at) {
  FactDraft draft = NewDraft(at);
  const std::string id = record.identity.id;
  const ToldToken token = Told(record);
  Describe(draft.fact, kRestored, id, token);
  draft.fact.Add("Reason", "the controller's database has it, as after a backup came back");
  draft.change = [id, token](LogEdit& edit) {
    if (!edit.people->tokens.emplace(id, token).second) {
      return false;
    }
    edit.people->DropExpired(edit.fact.at);
    return true;
  };
  return draft;
}

FactDraft KeysChangedDraft(std::set<std::string> keys,
                           const ObjectId& file,
                           const CommitId& commit,
                           TimePoint at) {
  FactDraft draft = NewDraft(at);
  draft.fact.Add("Commit", commit.text());
  draft.fact.Add(
      "Listed",
      file.empty() ? std::string("none") : fmt::format("{}@{}", kPeopleSigners, file.text()));
  draft.change = [keys = std::move(keys)](LogEdit& edit) {
    if (!AddChanges(edit.people->keys, keys, edit.fact)) {
      return false;
    }
    edit.people->keys = keys;
    return true;
  };
  return draft;
}

std::set<std::string> KeyLines(const AllowedSigners& signers) {
  std::set<std::string> lines;
  for (const AllowedSigner& signer : signers.signers()) {
    lines.insert(KeyLine(signer));
  }
  return lines;
}

PeopleState ExpectedPeople(const PeopleState& before,
                           const WrittenFact& written,
                           std::vector<AuditFinding>& findings) {
  PeopleState state = before;
  state.sequence = written.sequence;
  Expectation(state, written, findings).Follow();
  return state;
}

std::vector<AuditFinding> CheckState(const PeopleState& before,
                                     std::string_view text,
                                     const WrittenFact& written) {
  std::vector<AuditFinding> findings;
  if (WriteJson(ExpectedPeople(before, written, findings)) != text) {
    findings.push_back(
        AuditFinding{AuditKind::kRewritten, "people.json holds what the fact does not explain"});
  }
  return findings;
}

}  // namespace failgate
