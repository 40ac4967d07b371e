// Produces through librdkafka and prints what went through, as moldau_load does: to see where the
// client is the limit and not the broker.
//
//   rdkafka_produce --bootstrap HOST:PORT --topic T --seconds S [--record-size B] [--acks 0|1|all]
//                   [--linger-ms MS]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <sys/resource.h>
#include <time.h>

#include <librdkafka/rdkafka.h>

namespace {

struct Delivered {
  int64_t records = 0;
  int64_t errors = 0;
};

using Options = std::map<std::string, std::string>;

constexpr int kFlushMs = 60'000;
constexpr int kWaitForRoomMs = 10;

double seconds_now() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

double cpu_seconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

[[noreturn]] void fail(const std::string& why) {
  std::cerr << "rdkafka_produce: " << why << '\n';
  std::exit(1);
}

Options read_options(int argc, char** argv) {
  Options options = {{"--record-size", "1024"}, {"--acks", "1"}, {"--linger-ms", "5"}};
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  if (argc % 2 == 0) fail("each option has a value");
  for (const char* name : {"--bootstrap", "--topic", "--seconds"})
    if (!options.contains(name)) fail(std::string("needed: ") + name);
  return options;
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& delivered = *static_cast<Delivered*>(opaque);
  ++(message->err ? delivered.errors : delivered.records);
}

void set(rd_kafka_conf_t* conf, const char* key, const std::string& value) {
  char why[512];
  if (rd_kafka_conf_set(conf, key, value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) fail(why);
}

rd_kafka_t* make_producer(const Options& options, Delivered& delivered) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", options.at("--bootstrap"));
  set(conf, "acks", options.at("--acks"));
  set(conf, "linger.ms", options.at("--linger-ms"));
  rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  rd_kafka_conf_set_opaque(conf, &delivered);
  char why[512];
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (producer == nullptr) fail(why);
  return producer;
}

// Fills the client's queue for so long; partitions are chosen by the client.
void produce(rd_kafka_t* producer, const std::string& topic_name, std::string& value,
             double until) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, topic_name.c_str(), nullptr);
  if (topic == nullptr) fail("no topic");
  while (seconds_now() < until) {
    if (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value.data(),
                         value.size(), nullptr, 0, nullptr) == 0)
      rd_kafka_poll(producer, 0);
    else if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL)
      rd_kafka_poll(producer, kWaitForRoomMs);
    else
      fail(rd_kafka_err2str(rd_kafka_last_error()));
  }
  rd_kafka_topic_destroy(topic);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  Delivered delivered;
  rd_kafka_t* producer = make_producer(options, delivered);
  std::string value(std::stoul(options.at("--record-size")), 'x');

  const double began = seconds_now();
  produce(producer, options.at("--topic"), value, began + std::stod(options.at("--seconds")));
  if (rd_kafka_flush(producer, kFlushMs) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("not all delivered");
  const double seconds = seconds_now() - began;
  rd_kafka_destroy(producer);

  const auto bytes = delivered.records * static_cast<int64_t>(value.size());
  std::printf(R"({"records": %lld, "bytes": %lld, "seconds": %.6f, "errors": %lld, )"
              R"("client_cpu_s": %.3f})"
              "\n",
              static_cast<long long>(delivered.records), static_cast<long long>(bytes), seconds,
              static_cast<long long>(delivered.errors), cpu_seconds());
}
