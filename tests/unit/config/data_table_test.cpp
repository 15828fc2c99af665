#include "headgate/config/data_table.hpp"

#include <catch2/catch.hpp>

namespace {

using headgate::config::DataTable;
using headgate::config::read_data_table;

std::string fault(std::string_view text) {
  const auto table = read_data_table(text);
  return table ? "" : table.error().where + " " + table.error().why;
}

TEST_CASE("a table of data has the columns of its first line and a row for each other") {
  const DataTable table = read_data_table("user,password\nann,a1\nbob,b2").value();
  CHECK(table.columns == std::vector<std::string>{"user", "password"});
  CHECK(table.rows() == 2);
  CHECK(table.cell(1, 0) == "bob");
  CHECK(table.cell(0, 1) == "a1");
}

TEST_CASE("cells are quoted as RFC 4180 has them, and lines end either way") {
  const DataTable table = read_data_table(
                              "\xEF\xBB\xBF"
                              "a,\"b\"\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",\r\n\r\n")
                              .value();
  CHECK(table.columns == std::vector<std::string>{"a", "b"});
  REQUIRE(table.rows() == 2);
  CHECK(table.cell(0, 0) == "x,y");
  CHECK(table.cell(0, 1) == "say \"hi\"");
  CHECK(table.cell(1, 0) == "two\nlines");
  CHECK(table.cell(1, 1).empty());
}

TEST_CASE("a table that is none says on which line") {
  CHECK(fault("") == "line 1 has no row of data");
  CHECK(fault("a,b\n") == "line 2 has no row of data");
  CHECK(fault("a,b\n1,2\n3\n") == "line 3 has 1 cells, and there are 2 columns");
  CHECK(fault("a,b\n1,2,3\n") == "line 2 has 3 cells, and there are 2 columns");
  CHECK(fault("a,a\n1,2\n") == "line 1 names the columns, each by a name of its own");
  CHECK(fault("a,\n1,2\n") == "line 1 names the columns, each by a name of its own");
  CHECK(fault("a\n\"x\n") == "line 2 has a quote that does not end");
}

}  // namespace
