#include "controller/api/http_server.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "controller/api/answers_together.h"
#include "controller/base/error.h"
#include "tests/integration/api/raw_client.h"
#include "tests/integration/api/test_front.h"

namespace failgate {
namespace {

const std::string kPlain = "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kPark = "GET /park HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kStream = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";

std::string Big(std::size_t size) {
  return "POST /big HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
}

class HttpServerTest : public testing::TestWithParam<bool> {
 protected:
  RawClient Connect(TestFront& front) { return RawClient(front.port(), GetParam()); }
};

TEST_P(HttpServerTest, CarriesLargeBodiesBothWays) {
  TestFront front({}, GetParam());
  RawClient client = Connect(front);
  std::string body(std::size_t{1} << 20U, 'a');
  body[77'777] = 'b';
  std::thread sender([&] { client.Send(Big(body.size()) + body); });
  sender.join();
  EXPECT_EQ(client.Answer()->body, body);
  front.AwaitEmptyBudget();
}

TEST_P(HttpServerTest, TakesAnswersFromAnotherThread) {
  HttpServerOptions options;
  options.io_threads = 2;
  TestFront front(options, GetParam());
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(Connect(front));
    clients.back().Send(kPark + kPlain);
  }
  front.routes.AwaitParked(8);
  std::thread answering([&] {
    auto parked = front.routes.parked.Lock();
    for (Responder& responder : *parked) {
      responder.Send(StatusResponse(202));
    }
    parked->clear();
  });
  answering.join();
  for (RawClient& client : clients) {
    EXPECT_EQ(client.Answer()->status, 202);
    EXPECT_EQ(client.Answer()->status, 200);
  }
}

TEST_P(HttpServerTest, TakesAnswersOfOneMomentTogether) {
  HttpServerOptions options;
  options.io_threads = 2;
  TestFront front(options, GetParam());
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(Connect(front));
    clients.back().Send(kPark);
  }
  front.routes.AwaitParked(8);
  const auto answers = [&] { return front.server().statistics().answers_2xx; };
  std::uint64_t inside = 1;
  std::thread([&] {
    auto parked = front.routes.parked.Lock();
    const AnswersTogether together;
    for (Responder& responder : *parked) {
      responder.Send(StatusResponse(202));
    }
    parked->clear();
    inside = answers();
  }).join();
  EXPECT_EQ(inside, 0U);
  for (RawClient& client : clients) {
    EXPECT_EQ(client.Answer()->status, 202);
  }
  EXPECT_EQ(answers(), 8U);
}

TEST_P(HttpServerTest, EndsATurnAfterWhatWasHandledInIt) {
  TestFront front({}, GetParam());
  RawClient client = Connect(front);
  client.Send(kPlain + kPlain);
  EXPECT_EQ(client.Answer()->status, 200);
  EXPECT_EQ(client.Answer()->status, 200);
  front.server().Stop();
  EXPECT_EQ(front.routes.handled_in_ended_turns, 2);
}

TEST_P(HttpServerTest, Answers500WhenAResponderIsDroppedElsewhere) {
  TestFront front({}, GetParam());
  RawClient client = Connect(front);
  client.Send(kPark);
  front.routes.AwaitParked(1);
  std::thread([&] { front.routes.parked.Lock()->clear(); }).join();
  EXPECT_EQ(client.Answer()->status, 500);
}

TEST_P(HttpServerTest, RefusesBodiesBeyondTheBudgetAtOnce) {
  HttpServerOptions options;
  options.body_budget_bytes = std::size_t{1} << 20U;
  TestFront front(options, GetParam());
  RawClient holder = Connect(front);
  holder.Send(Big(900'000) + "a");
  while (front.server().statistics().body_bytes_reserved == 0) {
    std::this_thread::yield();
  }
  RawClient refused = Connect(front);
  refused.Send(Big(300'000));
  const auto answer = refused.Answer();
  EXPECT_EQ(answer->status, 503);
  EXPECT_NE(answer->head.find("Retry-After: 1"), std::string::npos);
  EXPECT_TRUE(refused.AtEnd());
  RawClient chunked = Connect(front);
  chunked.Send("POST /big HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n30d40\r\n" +
               std::string(200'000, 'a'));
  EXPECT_EQ(chunked.Answer()->status, 503);
  RawClient bodiless = Connect(front);
  bodiless.Send(kPlain);
  EXPECT_EQ(bodiless.Answer()->status, 200);
  holder.Send(std::string(899'999, 'a'));
  EXPECT_EQ(holder.Answer()->status, 202);
  front.AwaitEmptyBudget();
  EXPECT_EQ(front.server().statistics().budget_refusals, 2U);
}

TEST_P(HttpServerTest, StreamsUntilTheWriterGoes) {
  TestFront front({}, GetParam());
  std::promise<StreamWriter> started;
  front.routes.on_stream = [&](Responder responder) {
    HttpResponse head;
    head.content_type = "text/event-stream";
    head.body = "first;";
    started.set_value(responder.StartStream(std::move(head)));
  };
  RawClient client = Connect(front);
  client.Send(kStream);
  {
    StreamWriter writer = started.get_future().get();
    EXPECT_TRUE(writer.Write("second;"));
    const auto answer = client.Answer();
    EXPECT_EQ(answer->head.find("Content-Length"), std::string::npos);
    EXPECT_EQ(client.Bytes(13), "first;second;");
    EXPECT_TRUE(writer.Write("third;"));
  }
  EXPECT_EQ(client.Bytes(1000), "first;second;third;");
}

TEST_P(HttpServerTest, TellsAStreamThatItsClientHasGone) {
  TestFront front({}, GetParam());
  std::promise<StreamWriter> started;
  front.routes.on_stream = [&](Responder r) { started.set_value(r.StartStream({})); };
  StreamWriter writer;
  {
    RawClient client = Connect(front);
    client.Send(kStream);
    writer = started.get_future().get();
    EXPECT_TRUE(client.Answer());
  }
  while (!writer.closed()) {
    std::this_thread::yield();
  }
  EXPECT_FALSE(writer.Write("late"));
  while (front.server().statistics().streams != 0) {
    std::this_thread::yield();
  }
}

TEST_P(HttpServerTest, DropsAClientThatDoesNotKeepUpWithItsStream) {
  TestFront front({}, GetParam());
  std::promise<StreamWriter> started;
  front.routes.on_stream = [&](Responder r) { started.set_value(r.StartStream({})); };
  RawClient client = Connect(front);
  client.Send(kStream);
  StreamWriter writer = started.get_future().get();
  while (writer.Write(std::string(60'000, 'a'))) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(writer.closed());
  while (front.server().statistics().streams_dropped != 1) {
    std::this_thread::yield();
  }
}

TEST_P(HttpServerTest, FinishesAnswersUnderWayWhenItStops) {
  TestFront front({}, GetParam());
  RawClient idle = Connect(front);
  idle.Send(kPlain);
  EXPECT_TRUE(idle.Answer());
  RawClient waiting = Connect(front);
  waiting.Send(kPark);
  front.routes.AwaitParked(1);
  std::thread stopping([&] { front.server().Stop(); });
  EXPECT_TRUE(idle.AtEnd());
  front.routes.parked.Lock()->front().Send(StatusResponse(202));
  const auto answer = waiting.Answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 202);
  EXPECT_NE(answer->head.find("Connection: close"), std::string::npos);
  EXPECT_TRUE(waiting.AtEnd());
  { const RawClient gone = std::move(waiting); }
  stopping.join();
  EXPECT_THROW(Connect(front), Error);
}

TEST_P(HttpServerTest, DoesNotWaitForAnswersForEverWhenItStops) {
  HttpServerOptions options;
  options.stop_deadline = Milliseconds(50);
  TestFront front(options, GetParam());
  std::promise<StreamWriter> started;
  front.routes.on_stream = [&](Responder r) { started.set_value(r.StartStream({})); };
  RawClient client = Connect(front);
  client.Send(kPark);
  RawClient streaming = Connect(front);
  streaming.Send(kStream);
  StreamWriter writer = started.get_future().get();
  front.routes.AwaitParked(1);
  front.server().Stop();
  EXPECT_TRUE(client.AtEnd());
  EXPECT_FALSE(writer.Write("late"));
  front.routes.parked.Lock()->front().Send(StatusResponse(202));
}

INSTANTIATE_TEST_SUITE_P(Transport, HttpServerTest, testing::Bool());

TEST(HttpServerCap, ClosesTheOldestIdleConnectionForANewOne) {
  HttpServerOptions options;
  options.max_connections = 2;
  TestFront front(options);
  RawClient oldest(front.port(), false);
  oldest.Send(kPlain);
  EXPECT_TRUE(oldest.Answer());
  RawClient busy(front.port(), false);
  busy.Send(kPark);
  front.routes.AwaitParked(1);
  RawClient newest(front.port(), false);
  newest.Send(kPlain);
  EXPECT_TRUE(newest.Answer());
  EXPECT_TRUE(oldest.AtEnd());
  EXPECT_EQ(front.server().statistics().refused, 1U);
}

TEST(HttpServerCap, LetsAHeadThatDripsGoBeforeAConnectionThatJustCame) {
  HttpServerOptions options;
  options.max_connections = 3;
  TestFront front(options);
  RawClient dripping(front.port(), false);
  dripping.Send("GET /pl");
  RawClient second(front.port(), false);
  second.Send(kPlain);
  EXPECT_TRUE(second.Answer());  // what came before it was read before
  RawClient fresh(front.port(), false);
  RawClient newest(front.port(), false);
  newest.Send(kPlain);
  EXPECT_TRUE(newest.Answer());
  EXPECT_TRUE(dripping.AtEnd());
  fresh.Send(kPlain);
  EXPECT_TRUE(fresh.Answer());
  // And the other way: the second has been idle since before this head begins.
  newest.Send("GET /pl");
  RawClient last(front.port(), false);
  last.Send(kPlain);
  EXPECT_TRUE(last.Answer());
  EXPECT_TRUE(second.AtEnd());
  newest.Send(kPlain.substr(7));
  EXPECT_TRUE(newest.Answer());
  EXPECT_EQ(front.server().statistics().refused, 2U);
}

TEST(HttpServerCap, RefusesANewConnectionWhenAllAreBusy) {
  HttpServerOptions options;
  options.max_connections = 1;
  TestFront front(options);
  RawClient busy(front.port(), false);
  busy.Send(kPark);
  front.routes.AwaitParked(1);
  RawClient refused(front.port(), false);
  EXPECT_TRUE(refused.AtEnd());
  front.routes.parked.Lock()->front().Send(StatusResponse(202));
  EXPECT_EQ(busy.Answer()->status, 202);
}

TEST(HttpServerCap, ClosesTheOldestIdleConnectionOfAnAddressAtItsOwnCap) {
  HttpServerOptions options;
  options.max_connections_per_network = 2;
  TestFront front(options);
  RawClient oldest(front.port(), false);
  oldest.Send(kPlain);
  EXPECT_TRUE(oldest.Answer());
  RawClient busy(front.port(), false);
  busy.Send(kPark);
  front.routes.AwaitParked(1);
  RawClient newest(front.port(), false);
  newest.Send(kPlain);
  EXPECT_TRUE(newest.Answer());
  EXPECT_TRUE(oldest.AtEnd());
  EXPECT_EQ(front.server().statistics().network_refusals, 1U);
}

TEST(HttpServerCap, EndsABodyThatDripsWhenItsMemoryIsNeeded) {
  HttpServerOptions options;
  options.body_budget_bytes = 60'000;
  options.body_patience = Milliseconds(0);
  TestFront front(options);
  RawClient slow(front.port(), false);
  slow.Send(Big(50'000) + std::string(49'000, 'a'));
  while (front.server().statistics().body_bytes_reserved < 49'000) {
    std::this_thread::yield();
  }
  RawClient client(front.port(), false);
  client.Send(Big(20'000) + std::string(20'000, 'b'));
  EXPECT_EQ(client.Answer()->status, 202);
  const auto answer = slow.Answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_NE(answer->head.find("Retry-After"), std::string::npos);
  front.AwaitEmptyBudget();
}

TEST(HttpServerCap, DropsADrippingBodyForANewConnection) {
  HttpServerOptions options;
  options.max_connections = 1;
  options.body_patience = Milliseconds(0);
  TestFront front(options);
  RawClient slow(front.port(), false);
  slow.Send(Big(50'000) + "a");
  while (front.server().statistics().body_bytes_reserved == 0) {
    std::this_thread::yield();
  }
  RawClient client(front.port(), false);
  client.Send(kPlain);
  EXPECT_EQ(client.Answer()->status, 200);
  EXPECT_TRUE(slow.AtEnd());
}

TEST(HttpServerLoad, AnswersAmongThousandsOfIdleAndDrippingClients) {
  TestFront front;
  std::vector<RawClient> crowd;
  for (int i = 0; i < 2000; ++i) {
    crowd.emplace_back(front.port(), false);
    if (i % 2 == 0) {
      crowd.back().Send("GET /pl");
    }
  }
  RawClient client(front.port(), false);
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < crowd.size(); i += 20) {
      crowd[i].Send("a");
    }
    client.Send(kPlain);
    const auto answer = client.Answer();
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200);
  }
  EXPECT_EQ(front.server().statistics().connections, 2001U);
}

TEST(HttpServerStart, SaysWhyItCannotListen) {
  TestRoutes routes;
  HttpServerOptions options;
  options.address = "nowhere";
  EXPECT_THROW(HttpServer(options, routes), Error);
  TestFront front;
  options.address = "127.0.0.1";
  options.port = front.port();
  try {
    const HttpServer second(options, routes);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.remedy(), Remedy::kRetry);
  }
  options.port = 0;
  options.tls = TlsFiles{"/nowhere/certificate.pem", "/nowhere/key.pem"};
  EXPECT_THROW(HttpServer(options, routes), Error);
}

TEST(HttpServerStart, RefusesAKeyOfAnotherCertificate) {
  const TemporaryFolder folder;
  TestRoutes routes;
  HttpServerOptions options;
  options.tls = TlsFiles{folder.path() / "certificate.pem", folder.path() / "key.pem"};
  WriteFileDurably(options.tls->certificate, MakeCertificate().certificate);
  WriteFileDurably(options.tls->private_key, MakeCertificate().key, 0600);
  EXPECT_THROW(HttpServer(options, routes), Error);
}

}  // namespace
}  // namespace failgate
