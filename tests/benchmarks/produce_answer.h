// Tells whether a Produce answer is without errors by looking only at where the error codes are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/message.h"
#include "tests/benchmarks/options.h"

namespace moldau::bench {

class ProduceAnswerCheck {
 public:
  explicit ProduceAnswerCheck(const Options& options);

  // `frame` is what follows the size. Empty: every partition took its batch; else what is wrong.
  std::string what_is_wrong(Bytes frame) const;

 private:
  std::string look_closely(Bytes frame) const;

  Version version_;
  size_t size_ = 0;                // Of an answer without errors.
  std::vector<size_t> positions_;  // Of the bytes of error codes in it.
};

}  // namespace moldau::bench
