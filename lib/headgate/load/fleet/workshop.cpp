#include "headgate/load/fleet/workshop.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace headgate::load::fleet {

Workshop::Workshop() {
  std::string pattern = (std::filesystem::temp_directory_path() / "loadgen-agent-XXXXXX").string();
  if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
}

Workshop::~Workshop() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace headgate::load::fleet
