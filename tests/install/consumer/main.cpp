// A user of the installed library: reads a duration and prints its shortest form.
#include <cstdio>

#include "headgate/core/text.hpp"

int main(int argc, char** argv) {
  const auto duration = headgate::parse_duration(argc > 1 ? argv[1] : "");
  if (!duration) return 1;
  std::puts(headgate::to_text(*duration).c_str());
}
