// moldau_load: loads a Kafka broker, of whatever make (from 2.1 on), at as little cost to itself as
// can be, so that what is measured is the broker. Requests are encoded once; answers are read in
// bulk and looked at only where the numbers are. See options.cpp for the command line and
// report.h for what is printed.
#include <cstdio>
#include <iostream>

#include "tests/benchmarks/options.h"
#include "tests/benchmarks/run.h"

namespace moldau::bench {
namespace {

absl::StatusOr<Report> run(const Options& options) {
  switch (options.work) {
    case Work::kProduce:
      return run_produce(options);
    case Work::kConsume:
      return run_consume(options);
    case Work::kEndToEnd:
      return run_end_to_end(options);
    case Work::kSink:
      break;
  }
  return run_sink(options);
}

int main_of(int argc, char** argv) {
  const auto options = parse_options(argc, argv);
  if (!options.ok()) {
    std::cerr << "moldau_load: " << options.status().message() << '\n';
    return 2;
  }
  const auto report = run(*options);
  if (!report.ok()) {
    std::cerr << "moldau_load: " << report.status().message() << '\n';
    return 1;
  }
  std::cout << to_json(*report) << std::endl;
  return 0;
}

}  // namespace
}  // namespace moldau::bench

int main(int argc, char** argv) { return moldau::bench::main_of(argc, argv); }
