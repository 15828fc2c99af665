#include "headgate/core/catalog.hpp"

#include <vector>

#include "headgate/core/text.hpp"

namespace headgate {

Result<const CatalogEntry*> find_entry(std::span<const CatalogEntry> catalog,
                                       std::string_view where, std::string_view name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const CatalogEntry& entry : catalog) {
    if (entry.name == name) return &entry;
    names.push_back(entry.name);
    list.append(list.empty() ? "" : ", ").append(entry.name);
  }
  std::string why = "'" + std::string{name} + "' is not known";
  const std::string_view nearest = nearest_word(name, names);
  if (!nearest.empty()) why.append("; did you mean '").append(nearest).append("'?");
  return failed(Errc::kInvalidConfig, std::string{where}, why + "; there are: " + list);
}

}  // namespace headgate
