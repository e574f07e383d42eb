#include <gtest/gtest.h>

#include <string>

#include "controller/config/server_file.h"

namespace failgate {
namespace {

constexpr const char* kOperations = "operations: {url: /ops.git, signing_key: {file: k}}\n";

// `more` replaces or follows the smallest whole file; a test names the text that must be in the
// answer.
std::string ProblemsOf(const std::string& text) {
  const Parsed<ServerFile> server = ParseServerFile(text, "/etc/server.yaml");
  return server ? std::string() : Describe(server.error());
}

std::string With(const std::string& more) {
  return ProblemsOf(std::string("controller: main\ndata_dir: /d\n") + kOperations + more);
}

std::string WithSource(const std::string& keys) {
  return With("sources: [{name: s, projects: [p], " + keys + "}]\n");
}

struct Case {
  const char* name;
  std::string problems;
  const char* expected;
};

void ExpectAll(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_NE(one.problems.find(one.expected), std::string::npos)
        << one.name << " gave: " << one.problems;
  }
}

TEST(ServerFileRefusals, AcceptTheSmallestFile) {
  EXPECT_EQ(With(""), "");
}

TEST(ServerFileRefusals, KeepTheTokenOfSonarOnItsWay) {
  const auto with = [](const std::string& keys) { return With("sonar: {" + keys + "}\n"); };
  const std::string good = "url: https://sonar.example.com/sonar, token: {env: T}";
  EXPECT_EQ(with(good + ", ca: {file: ca.pem}, webhook: {secrets: [{env: A}]}, poll: 30s"), "");
  EXPECT_EQ(with("url: 'http://127.0.0.1:9000', token: {env: T}"), "");
  ExpectAll({{"no token", with("url: https://sonar.example.com"), "sonar needs \"token\""},
             {"no url", with("token: {env: T}"), "sonar needs \"url\""},
             {"http", with("url: http://sonar.example.com, token: {env: T}"), "https:// address"},
             {"slash", with("url: https://sonar.example.com/, token: {env: T}"), "final slash"},
             {"user", with("url: https://a:b@sonar.example.com, token: {env: T}"), "without user"},
             {"query", with("url: 'https://sonar.example.com?a=b', token: {env: T}"), "query"},
             {"literal token", with("url: https://sonar.example.com, token: squ_x"), "literal"},
             {"rare poll", with(good + ", poll: 6m"), "at most 5m"},
             {"provider",
              with(good + ", webhook: {provider: github, secrets: [{env: A}]}"),
              "unknown key \"provider\""},
             {"no secrets", with(good + ", webhook: {}"), "needs \"secrets\""},
             {"ca of http",
              with("url: 'http://127.0.0.1:9000', token: {env: T}, ca: {file: k}"),
              "https:// URL only"},
             {"a source of that name",
              With("sources: [{name: sonar, projects: [p], url: /a.git}]\nsonar: {" + good +
                   ", webhook: {secrets: [{env: A}]}}\n"),
              "/hooks/sonar is the source sonar already"}});
}

TEST(ServerFileRefusals, NamePlaceAndNearestKey) {
  EXPECT_NE(With("listne: {}\n")
                .find("/etc/server.yaml:4:1: unknown key \"listne\": did you mean "
                      "\"listen\"?"),
            std::string::npos);
}

TEST(ServerFileRefusals, RequiredKeys) {
  ExpectAll({{"controller", ProblemsOf("data_dir: /d\n"), "needs \"controller\""},
             {"data_dir", ProblemsOf("controller: main\n"), "needs \"data_dir\""},
             {"operations", ProblemsOf("controller: main\n"), "needs \"operations\""},
             {"signing key",
              ProblemsOf("operations: {url: /o.git}\n"),
              "operations needs \"signing_key\""},
             {"project", With("sources: [{name: s, url: /s.git}]\n"), "needs \"projects\""}});
}

TEST(ServerFileRefusals, WhatThisVersionDoesNotHave) {
  const char* text = "not available in this version of failgate";
  ExpectAll({{"docker runner", With("runner: {kind: docker}\n"), text},
             {"kubernetes runner", With("runner: {kind: kubernetes}\n"), text},
             {"postgresql", With("store: postgresql://u:pw@h/db\n"), text},
             {"s3", With("artifacts: {kind: s3, bucket: b}\n"), text},
             {"oci", With("artifacts: {kind: oci}\n"), text},
             {"artifactory", With("artifacts: {kind: artifactory}\n"), text},
             {"code_from", With("targets: {code_from: release}\n"), text},
             {"docker target settings", With("targets: {docker: {}}\n"), text}});
}

std::string WithWatch(const std::string& keys) {
  return With("watch: [{name: w, projects: [p], " + keys + "}]\n");
}

TEST(ServerFileRefusals, WatchesThatAreNone) {
  ExpectAll(
      {{"kind", WithWatch("path: /w"), "needs \"kind\""},
       {"unknown kind", WithWatch("path: /w, kind: kafka"), "one of files, delta"},
       {"folder with s3",
        WithWatch("path: /w, kind: files, s3: {region: r}"),
        "watch[0].s3: goes with a path s3://BUCKET/PREFIX only"},
       {"relative", WithWatch("path: w, kind: files"), "must be an absolute folder"},
       {"root", WithWatch("path: /, kind: files"), "must be an absolute folder"},
       {"our own", WithWatch("path: /d/x, kind: files"), "must lie apart from data_dir"},
       {"pattern of a table", WithWatch("path: /w, kind: delta, pattern: x"), "unknown key"},
       {"pattern", WithWatch("path: /w, kind: files, pattern: /x"), "must be relative"},
       {"complete", WithWatch("path: /w, kind: files, complete: soon"), "write rename, {marker"},
       {"marker",
        WithWatch("path: /w, kind: files, complete: {marker: a/b}"),
        "write the end of its name"},
       {"both",
        WithWatch("path: /w, kind: files, complete: {marker: .x, stable: 5s}"),
        "either marker or stable"},
       {"stable", WithWatch("path: /w, kind: files, complete: {stable: 1ms}"), "at least 100ms"},
       {"rescan", WithWatch("path: /w, kind: files, rescan: 10ms"), "at least 1s"},
       {"twice",
        With(
            "watch: [{name: w, kind: files, path: /w, projects: [p]}, {name: w, kind: files, path: "
            "/v, projects: [p]}]\n"),
        "the watch w is named already"}});
}

std::string WithBucket(const std::string& s3, const std::string& path = "s3://acme/p") {
  return WithWatch("kind: files, path: \"" + path + "\", s3: {" + s3 + "}");
}

TEST(ServerFileRefusals, BucketsThatCannotBeReached) {
  const std::string region = "region: eu-west-3";
  ExpectAll(
      {{"no s3", WithWatch("path: s3://acme/p, kind: files"), "watch[0] needs \"s3\""},
       {"no region", WithBucket("path_style: true"), "watch[0].s3 needs \"region\""},
       {"region", WithBucket("region: Paris"), "write a region such as eu-west-3"},
       {"no bucket", WithBucket(region, "s3://"), "write s3://BUCKET/PREFIX"},
       {"capitals", WithBucket(region, "s3://Acme/p"), "write s3://BUCKET/PREFIX"},
       {"short", WithBucket(region, "s3://ab"), "write s3://BUCKET/PREFIX"},
       {"another host", WithBucket(region, "s3://a.example.com#/p"), "write s3://BUCKET/PREFIX"},
       {"address", WithBucket(region, "s3://10.0.0.1/p"), "write s3://BUCKET/PREFIX"},
       {"prefix", WithBucket(region, "s3://acme/a/../b"), "a path without empty parts"},
       {"prefix", WithBucket(region, "s3://acme//b"), "a path without empty parts"},
       {"http",
        WithBucket("endpoint: 'http://minio:9000'"),
        "watch[0].s3.endpoint: data would cross the network where anybody may change it"},
       {"endpoint", WithBucket("endpoint: minio"), "must be an https:// address"},
       {"path", WithBucket("endpoint: 'https://a/b'"), "must be an address without credentials"},
       {"user", WithBucket("endpoint: 'https://u:p@a'"), "must be an address without credentials"},
       {"nobody", WithBucket("endpoint: 'http://0.0.0.0:9000'"), "s3.endpoint: "},
       {"style",
        WithBucket("endpoint: 'http://127.0.0.1:9000', path_style: false"),
        "must be true where the endpoint is an IP address"},
       {"half", WithBucket(region + ", access_key: {env: A}"), "both access_key and secret_key"},
       {"session",
        WithBucket(region + ", session_token: {env: A}"),
        "session_token: goes with access_key and secret_key only"},
       {"literal", WithBucket(region + ", access_key: AKIA, secret_key: {env: B}"), "access_key"},
       {"ca",
        WithBucket("endpoint: 'http://127.0.0.1:9000', ca: {file: c}"),
        "goes with an https:// endpoint only"},
       {"slip", WithBucket(region + ", acces_key: {env: A}"), "did you mean \"access_key\"?"},
       {"rename",
        WithWatch("kind: files, path: s3://acme, complete: rename, s3: {region: eu-west-3}"),
        "nothing is renamed in a bucket"}});
  EXPECT_EQ(WithBucket("endpoint: 'http://minio:9000', plain_http: true"), "");
  EXPECT_EQ(WithBucket("endpoint: 'http://localhost:9000'", "s3://acme/"), "");
}

TEST(ServerFileRefusals, OwnersThatAreNoFile) {
  ExpectAll({{"nothing", With("trust: {}\n"), "trust needs \"owners\""},
             {"another key", With("trust: {owner: {file: o}}\n"), "did you mean \"owners\""},
             {"empty", With("trust: {owners: {file: ''}}\n"), "trust.owners.file: must be a path"},
             {"list", With("trust: {owners: [a]}\n"), ":4:17: "}});
}

TEST(ServerFileRefusals, LiteralSecretsAndNeverRepeatThem) {
  const std::vector<Case> cases = {
      {"token",
       WithSource("url: 'https://h/s.git', credentials: {token: hunter2hunter2}"),
       "a literal secret is not allowed"},
      {"hook",
       WithSource("url: /s.git, webhook: {provider: github, secrets: [hunter2hunter2]}"),
       "a literal secret is not allowed"},
      {"named", With("secrets: {aws: hunter2hunter2}\n"), "a literal secret is not allowed"},
      {"url", WithSource("url: 'https://u:hunter2hunter2@h/s.git'"), "must not hold credentials"},
      {"ssh url", WithSource("url: 'ssh://u:hunter2hunter2@h/s.git'"), "must not hold a password"},
      {"store", With("store: postgresql://u:hunter2hunter2@h/db\n"), "not available"},
      {"key", ProblemsOf("operations: {url: /o, signing_key: hunter2hunter2}\n"), "write {file:"}};
  ExpectAll(cases);
  for (const Case& one : cases) {
    EXPECT_EQ(one.problems.find("hunter2"), std::string::npos) << one.problems;
  }
}

TEST(ServerFileRefusals, SecretReferencesThatAreNotOne) {
  const char* both = "write either {file: PATH} or {env: NAME}";
  ExpectAll(
      {{"both", WithSource("url: 'https://h/s', credentials: {token: {file: a, env: B}}"), both},
       {"none", WithSource("url: 'https://h/s', credentials: {token: {}}"), both},
       {"name",
        WithSource("url: 'https://h/s', credentials: {token: {env: 'A-B'}}"),
        "name of an environment variable"},
       {"env key",
        ProblemsOf("operations: {url: /o, signing_key: {env: KEY}}\n"),
        "needs \"file\""},
       {"everywhere", With("secrets: {aws: {env: A}}\n"), "needs \"environments\""},
       {"nowhere",
        With("secrets: {aws: {env: A, environments: [], projects: [p]}}\n"),
        "at least one"}});
}

TEST(ServerFileRefusals, UrlsAndCredentialsThatDoNotGoTogether) {
  const std::string token = ", credentials: {token: {env: T}}";
  ExpectAll(
      {{"http token", WithSource("url: 'http://h/s.git'" + token), "not sent over http://"},
       {"host like loopback",
        WithSource("url: 'http://127.0.0.1.evil.example/s.git'" + token),
        "not sent over http://"},
       {"file token", WithSource("url: /s.git" + token), "https:// URL only"},
       {"ssh without key", WithSource("url: 'git@h:s.git'"), "needs credentials with ssh_key"},
       {"ssh without hosts",
        WithSource("url: 'git@h:s.git', credentials: {ssh_key: {file: k}}"),
        "known_hosts"},
       {"key with https",
        WithSource("url: 'https://h/s', credentials: {ssh_key: {file: k}}"),
        "ssh URL only"},
       {"ca with file", WithSource("url: /s.git, ca: {file: c}"), "ca goes with"},
       {"ext", WithSource("url: 'ext::sh -c x'"), "blanks"},
       {"helper", WithSource("url: 'ext::x/y'"), "must be https://"},
       {"option", WithSource("url: '--upload-pack=x'"), "must not begin with '-'"},
       {"relative", WithSource("url: 'repos/s.git'"), "must be https://"}});
  EXPECT_EQ(WithSource("url: 'http://127.0.0.1:9000/s.git'" + token), "");
  EXPECT_EQ(WithSource("url: 'http://[::1]:9000/s.git'" + token), "");
  EXPECT_EQ(WithSource("url: 'file:///s.git'"), "");
}

TEST(ServerFileRefusals, NamesThatAreTakenOrForbidden) {
  ExpectAll(
      {{"reserved", With("sources: [{name: operations, url: /s, projects: [p]}]\n"), "reserved"},
       {"form", With("sources: [{name: 'A b', url: /s, projects: [p]}]\n"), "is not a name"},
       {"project",
        With("sources: [{name: s, url: /s, projects: [../x]}]\n"),
        "is not a name of a project"},
       {"twice",
        With("sources: [{name: s, url: /a, projects: [a]}, {name: s, url: /b, "
             "projects: [b]}]\n"),
        "is named already in line 4"},
       {"project twice",
        With("sources: [{name: s, url: /a, projects: [a]}, {name: t, url: "
             "/b, projects: [a]}]\n"),
        "a project belongs to one source"},
       {"no project", With("sources: [{name: s, url: /a, projects: []}]\n"), "at least one"}});
}

TEST(ServerFileRefusals, FoldersThatAreTooWide) {
  ExpectAll(
      {{"root", With("targets: {allow: [directory], directory: {roots: [/]}}\n"), "other than /"},
       {"dots",
        With("targets: {allow: [directory], directory: {roots: [/srv/..]}}\n"),
        "other than /"},
       {"relative",
        With("targets: {allow: [directory], directory: {roots: [srv]}}\n"),
        "absolute folder"},
       {"none", With("targets: {allow: [directory]}\n"), "roots"},
       {"unknown", With("targets: {allow: [directroy]}\n"), "did you mean \"directory\"?"},
       {"data", ProblemsOf("controller: m\ndata_dir: data\n"), "absolute folder"}});
}

std::string WithWebhook(const std::string& keys) {
  return WithSource("url: /s, webhook: {" + keys + ", secrets: [{env: A}]}");
}

TEST(ServerFileRefusals, WebhookKeysThatTheSenderHasNoUseFor) {
  EXPECT_EQ(WithWebhook("provider: azure, header: X-Token"), "");
  EXPECT_EQ(WithWebhook("provider: generic, header: X-Mac, algorithm: sha512"), "");
  ExpectAll({{"header",
              WithWebhook("provider: github, header: X-Token"),
              "sources[0].webhook.header: only the providers azure and generic take it"},
             {"its place", WithWebhook("provider: gitea, header: X-Token"), "server.yaml:4:80: "},
             {"algorithm",
              WithWebhook("provider: azure, algorithm: sha256"),
              "only the provider generic takes it"},
             {"sha1", WithWebhook("provider: generic, algorithm: sha1"), "one of sha256, sha512"},
             {"number", WithWebhook("provider: generic, algorithm: 256"), "algorithm"},
             {"unknown", WithWebhook("provider: bitbuket"), "did you mean \"bitbucket\"?"},
             {"key", WithWebhook("provider: azure, haeder: X"), "did you mean \"header\"?"}});
  for (const char* header :
       {"''", "Content-Type", "host", "'X Token'", "'X:'", "\"X\\r\\nY\"", "é"}) {
    EXPECT_NE(WithWebhook(std::string("provider: azure, header: ") + header)
                  .find("header: write the name of a header of its own"),
              std::string::npos)
        << header;
  }
}

TEST(ServerFileRefusals, ValuesOutOfRange) {
  ExpectAll({{"port", With("listen: {port: 70000}\n"), "from 0 to 65535"},
             {"address", With("listen: {address: example.com}\n"), "IP address"},
             {"tls", With("listen: {tls: {key: {file: k}}}\n"), "needs \"certificate\""},
             {"poll", WithSource("url: /s, poll: 1ms"), "at least 100ms"},
             {"sandbox", With("runner: {sandbox: off}\n"), "one of required, none"},
             {"parallel", With("runner: {parallel: 0}\n"), "from 1 to 256"},
             {"memory", With("runner: {limits: {memory: 1KiB}}\n"), "at least"},
             {"metrics", With("metrics: {allow: [localhost]}\n"), "not an IP address"},
             {"bodies", With("limits: {max_body: 4MiB, body_budget: 2MiB}\n"), "larger than"},
             {"journal", With("limits: {max_journal: 1MiB}\n"), "at least"},
             {"keep", With("limits: {keep_deliveries: long}\n"), "keep_deliveries"},
             {"url", With("url: 'ftp://h'\n"), "http:// or https://"},
             {"hook list",
              WithSource("url: /s, webhook: {provider: github, secrets: {env: A}}"),
              "write a list"},
             {"no hook secret",
              WithSource("url: /s, webhook: {provider: github, secrets: []}"),
              "at least one secret"}});
}

}  // namespace
}  // namespace failgate
