// What the three commands answer to the shell. One list, so that CI can tell a "no" from a failure.
#pragma once

namespace headgate {

enum class ExitCode : int {
  kYes = 0,           ///< done; the answer is yes
  kNo = 1,            ///< the answer is no: findings, a regression, an expectation that failed
  kUsage = 2,         ///< wrong arguments, or input that cannot be read
  kInconclusive = 3,  ///< not enough evidence for a yes or a no
  kInvalid = 4,       ///< the measurement is not valid: the tool was itself the bottleneck
  kUnreachable = 5,   ///< the target does not answer
};

}  // namespace headgate
