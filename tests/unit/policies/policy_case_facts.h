// The facts of a case, as tests/data/policy_cases/README.md says they are written.
#pragma once

#include <string>
#include <vector>

#include "controller/base/yaml_document.h"
#include "policies/facts.h"

namespace failgate {

/// A file of tests/data/policy_cases. Throws Error when it is malformed.
YamlNode ReadCaseTable(const std::string& name);
/// The scalar of a key, or `absent`.
std::string CaseText(const YamlNode& node, const std::string& key, const std::string& absent = {});

Facts ReadCaseFacts(const YamlNode& node);
/// `zones: unknown`, or a list of names; all of zones.yaml when nothing is written.
std::vector<ZoneFact> ReadCaseZones(const YamlNode& facts);

}  // namespace failgate
