#include "controller/daemon/demo_people.h"

#include "controller/base/error.h"

namespace failgate {

const std::vector<DemoPerson>& DemoPeople() {
  static const std::vector<DemoPerson> kPeople = {
      {"dana", {"Dana Petit", "dana@example.com"}, "developer"},
      {"erik", {"Erik Lund", "erik@example.com"}, ""},
      {"farah", {"Farah Haddad", "farah@example.com"}, ""},
      {"alice", {"Alice Martin", "alice@example.com"}, "approver"},
      {"bob", {"Bob Durand", "bob@example.com"}, "approver"},
      {"carol", {"Carol Weber", "carol@example.com"}, "approver"},
      {"you", {"A Visitor", "visitor@example.com"}, "viewer"},
  };
  return kPeople;
}

const DemoPerson& DemoPersonOf(const std::string& handle) {
  for (const DemoPerson& person : DemoPeople()) {
    if (person.handle == handle) return person;
  }
  throw Error(Remedy::kNeedsChange, "the demo knows nobody called " + handle);
}

}  // namespace failgate
