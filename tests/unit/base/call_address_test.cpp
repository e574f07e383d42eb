#include "controller/base/call_address.h"

#include <gtest/gtest.h>

namespace failgate {
namespace {

TEST(CallAddress, IsNotWhereEverybodyListens) {
  for (const char* address : {"0.0.0.0",
                              "0.0.0.0:5000",
                              "http://0.0.0.0:5000/x",
                              "https://0.0.0.0",
                              "https://user@0.0.0.0/a.git",
                              "http://[::]:5000",
                              "[::]:80",
                              "::",
                              "http://[0:0:0:0:0:0:0:0]/",
                              "http://[::0.0.0.0]/",
                              "http://0/"}) {
    EXPECT_TRUE(FaultOfCallAddress(address)) << address;
  }
  for (const char* address : {"127.0.0.1:5000",
                              "http://localhost:5000/0.0.0.0",
                              "http://[::1]:5000",
                              "10.0.0.0",
                              "http://example.com?u=0.0.0.0",
                              "00.example.com",
                              "",
                              "/srv/git/a.git"}) {
    EXPECT_FALSE(FaultOfCallAddress(address)) << address;
  }
}

}  // namespace
}  // namespace failgate
