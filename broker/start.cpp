#include "broker/start.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <thread>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>

#include "broker/broker.h"
#include "broker/config/load.h"
#include "broker/runtime/logging.h"
#include "broker/version.h"

namespace moldau {
namespace {

constexpr int kFailed = 1, kUsage = 2, kBadConfig = 78;

// Blocked in every thread, so that the main one can wait for them.
sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

std::string advertised(const ListenerConfig& listener) {
  const bool is_ipv6 = listener.advertised_host.find(':') != std::string::npos;
  const std::string host =
      is_ipv6 ? "[" + listener.advertised_host + "]" : listener.advertised_host;
  return host + ":" + std::to_string(listener.advertised_port);
}

std::string data_directories(const Broker& broker) {
  std::string all;
  for (const auto& path : broker.config().get<"log.dirs">())
    all += (all.empty() ? "" : ", ") + std::filesystem::absolute(path).lexically_normal().string();
  return all;
}

void print_banner(const Broker& broker, int64_t ready_ms) {
  std::printf("\n  Moldau %s\n\n", kVersion);
  std::printf("  Cluster   %s, broker %d\n", broker.cluster_id().c_str(), broker.node_id());
  std::printf("  Data      %s\n", data_directories(broker).c_str());
  for (const auto& listener : broker.listeners())
    if (!listener.is_controller)
      std::printf("  Listener  %s on %s:%d, clients connect to %s\n", listener.name.c_str(),
                  listener.host.empty() ? "*" : listener.host.c_str(), listener.port,
                  advertised(listener).c_str());
  std::printf("  Warning   nobody is authenticated: keep these listeners off open networks\n");
  std::printf("  Ready     in %lld ms; Ctrl-C stops\n\n", static_cast<long long>(ready_ms));
  std::printf(
      "  Next      build/release/kafka-topics --bootstrap-server %s --create --topic test\n\n",
      advertised(broker.listeners().front()).c_str());
  std::fflush(stdout);
}

// What tools and test containers wait for in Apache Kafka's log.
void log_ready(int32_t node_id) {
  spdlog::info(
      "[BrokerLifecycleManager id={}] The broker has been unfenced. Transitioning from RECOVERY to "
      "RUNNING.",
      node_id);
  spdlog::info("[KafkaRaftServer nodeId={}] Kafka Server started (kafka.server.KafkaRaftServer)",
               node_id);
  spdlog::info("[KafkaServer id={}] started (kafka.server.KafkaServer)", node_id);
}

// Waits for a signal to stop, then stops; a second one ends the process where it stands.
void run_until_signal(Broker& broker, const sigset_t& signals) {
  int signal = 0;
  do {
    sigwait(&signals, &signal);
    if (signal == SIGHUP) spdlog::info("SIGHUP: there is nothing to reload");
  } while (signal == SIGHUP);
  spdlog::info("Stopping on {}", strsignal(signal));
  std::atomic<bool> is_stopped = false;
  std::thread stopping([&] {
    broker.stop();
    is_stopped = true;
  });
  while (!is_stopped) {
    const timespec a_while{.tv_sec = 0, .tv_nsec = 20'000'000};
    const int again = sigtimedwait(&signals, nullptr, &a_while);
    if (again == SIGINT || again == SIGTERM) {
      spdlog::warn("Stopped at once on a second signal: the next start looks through the logs");
      spdlog::shutdown();
      _exit(kFailed);
    }
  }
  stopping.join();
}

LoggingOptions logging_options(const Config& config) {
  using Format = LoggingOptions::Format;
  return {.level = config.get<"moldau.log.level">(),
          .format = config.get<"moldau.log.format">() == "json" ? Format::kJson : Format::kText};
}

int run_broker(const Config& config, std::chrono::steady_clock::time_point begun) {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  auto broker = Broker::open(config, make_posix_disk());
  absl::Status status = broker.status();
  if (status.ok()) status = (*broker)->start();
  if (!status.ok()) {
    spdlog::error("The broker can not start: {}", std::string(status.message()));
    return kFailed;
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  if (isatty(STDOUT_FILENO)) print_banner(**broker, took.count());
  log_ready((*broker)->node_id());
  spdlog::info("Ready in {} ms, with the data in {}", took.count(), data_directories(**broker));
  run_until_signal(**broker, signals);
  broker->reset();
  spdlog::info("Stopped");
  return 0;
}

}  // namespace

int start_broker(const std::vector<std::string>& arguments) {
  const auto begun = std::chrono::steady_clock::now();
  CLI::App app("Runs one broker in the foreground.", "moldau start");
  ConfigInputs inputs{.environment = read_environment()};
  std::string file;
  app.add_option("--config,config", file, "A YAML file or a Kafka server.properties");
  app.add_option("--override", inputs.overrides, "key=value, over the file and the environment")
      ->allow_extra_args(false);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  if (!file.empty()) inputs.file = file;
  const auto config = load_config(inputs);
  if (!config.ok()) {
    std::cerr << config.status().message() << '\n';
    return kBadConfig;
  }
  if (const auto status = set_up_logging(logging_options(*config)); !status.ok()) {
    std::cerr << status.message() << '\n';
    return kBadConfig;
  }
  for (const auto& warning : config->warnings()) spdlog::warn("{}", warning);
  const int exit_code = run_broker(*config, begun);
  spdlog::shutdown();
  return exit_code;
}

}  // namespace moldau
