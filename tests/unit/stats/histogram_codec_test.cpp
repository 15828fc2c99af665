// The text form against the reference: base64 that Java's HdrHistogram 2.2.2 wrote, with what Java
// itself reads out of it. All of it was printed by tests/support/hdr/HdrCheck.java, whose input
// line stands above each text. integration.hdr_reference runs that program live, in both
// directions.
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/base64.hpp"
#include "headgate/core/bytes.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::stats {
namespace {

using std::chrono::nanoseconds;

// values
constexpr std::string_view kJavaEmpty = "HISTFAAAACF4nJNpmSzMwMDAyAABzFAayGd2M9ixgMH+A1QEAFKmBEw=";
// powers 300
constexpr std::string_view kJavaPowers =
    "HISTFAAAAXp4nFXOTygEYRjH8X2+szatgwOSliRJkpYkaZMkJEmSJAdJkiRJDnJwWA6StMlBS8hBTg57QJKDgy"
    "Q5ODg5SZKEHJzEM+/M/ptPv2em6X2e9ylcXM/xeNjyOI/lvkU/26pPdj1Nn86P62yugqwGeM9lJ5u3LK787Pv5"
    "87GdyXMGYR8xHxEvz17OMriwOLf4sjj0smFxCx8QsYhZ/MKvEIEDOIM7eIVv4Vp4EJ6EL7EPrEAUfoSosCccCj"
    "HhVLgUboR74VF4EdaFeRZYEpaFNWFD2BR2hH3TcyQc62XCEMOMMs4EU0wzy5xpC4vduSKsmkMjdNKleuhV/Qww"
    "qOzWEW0e0/ZJNc0MfYRUo2qiWbWoVtrpMOwZ3So+p8+dVEsVQaNG1Rp1qt5oUKGUuc7kZjO5RWfbGilVZQnlRo"
    "VJpYmtyiSYdlv6jam31hOgKBFHsUlciXJqqUlS6ibxbexdkhul7xQgz8h3a75bbQVuLXCrI5BIUvq2/91yaVs=";
// values 1 2 3 2047 2048 2049 4095 4096 1000000 3600000000000
constexpr std::string_view kJavaEdges =
    "HISTFAAAADN4nJNpmSzMwMAAwiDADKUZgUw3gx0LGOw/QEWYmJi+yjOx/OZnYtpfx3T5NhMTAM3+CX0=";
// values 5 5 5 5 7
constexpr std::string_view kJavaSmall =
    "HISTFAAAACV4nJNpmSzMwMDAwgABzFCaEch0M9ixgMH+A0SAk4OBCQBgNwRi";

Histogram powers_of_300() {
  Histogram histogram;
  for (std::int64_t i = 1; i <= 300; ++i) histogram.record(nanoseconds{i * i * i * 997});
  return histogram;
}

TEST_CASE(
    "histogram text: what Java wrote has the quantiles and the mean that Java reads from it") {
  const auto histogram = Histogram::decode(kJavaPowers);
  REQUIRE(histogram);
  CHECK(histogram->count() == 300);
  CHECK(histogram->quantile(0.5) == nanoseconds{3365928959});
  CHECK(histogram->quantile(0.9) == nanoseconds{19629342719});
  CHECK(histogram->quantile(0.95) == nanoseconds{23085449215});
  CHECK(histogram->quantile(0.99) == nanoseconds{26122125311});
  CHECK(histogram->quantile(0.999) == nanoseconds{26927431679});
  CHECK(histogram->quantile(1) == nanoseconds{26927431679});
  CHECK(histogram->mean_ns() == Approx(6774709662.423333).epsilon(1e-12));
}

TEST_CASE("histogram text: what Java wrote of few values is read to the bucket") {
  const auto small = Histogram::decode(kJavaSmall);
  REQUIRE(small);
  REQUIRE(small->buckets().size() == 2);
  CHECK(small->buckets()[0].low == nanoseconds{5});
  CHECK(small->buckets()[0].count == 4);
  CHECK(small->buckets()[1].low == nanoseconds{7});
  CHECK(small->mean_ns() == 5.4);

  const auto edges = Histogram::decode(kJavaEdges);
  REQUIRE(edges);
  CHECK(edges->count() == 10);
  CHECK(edges->min() == nanoseconds{1});
  CHECK(edges->max() == Histogram::kLongest);
  CHECK(edges->quantile(0.9) == nanoseconds{1000447});
  CHECK(edges->quantile(0.5) == nanoseconds{2049});

  const auto empty = Histogram::decode(kJavaEmpty);
  REQUIRE(empty);
  CHECK(*empty == Histogram{});
}

/// The plain form inside `text`.
std::vector<std::byte> plain_of(std::string_view text) {
  const auto bytes = base64_decode(text);
  REQUIRE(bytes);
  std::vector<std::byte> plain(400'000);
  uLongf size = plain.size();
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(plain.data()), &size,
                     reinterpret_cast<const Bytef*>(bytes->data()) + 8, bytes->size() - 8) == Z_OK);
  plain.resize(size);
  return plain;
}

/// `plain` as text, compressed well.
std::string text_of(std::span<const std::byte> plain) {
  uLongf size = compressBound(plain.size());
  std::vector<std::byte> bytes(8 + size);
  REQUIRE(compress(reinterpret_cast<Bytef*>(bytes.data()) + 8, &size,
                   reinterpret_cast<const Bytef*>(plain.data()), plain.size()) == Z_OK);
  bytes.resize(8 + size);
  store_big<std::uint32_t>(bytes, 0x1c849314);
  store_big<std::uint32_t>(std::span{bytes}.subspan(4), static_cast<std::uint32_t>(size));
  return base64_encode(bytes);
}

/// The head of the reference with `counts` behind it.
std::string text_with(const std::vector<int>& counts) {
  std::vector<std::byte> plain = plain_of(kJavaEmpty);
  plain.resize(40);
  for (const int byte : counts) plain.push_back(static_cast<std::byte>(byte));
  store_big<std::uint32_t>(std::span{plain}.subspan(4), static_cast<std::uint32_t>(counts.size()));
  return text_of(plain);
}

std::string why_corrupt(std::string_view text) {
  const auto histogram = Histogram::decode(text);
  REQUIRE_FALSE(histogram);
  CHECK(histogram.error().code == Errc::kCorrupt);
  return histogram.error().why;
}

TEST_CASE("histogram text: ours is byte for byte what Java writes of the same values") {
  CHECK(plain_of(powers_of_300().encode()) == plain_of(kJavaPowers));
  CHECK(plain_of(Histogram{}.encode()) == plain_of(kJavaEmpty));
  Histogram edges;
  for (const std::int64_t ns :
       {1LL, 2LL, 3LL, 2047LL, 2048LL, 2049LL, 4095LL, 4096LL, 1'000'000LL, 3'600'000'000'000LL}) {
    edges.record(nanoseconds{ns});
  }
  CHECK(plain_of(edges.encode()) == plain_of(kJavaEdges));
  CHECK(edges.encode().starts_with("HISTFAAAA"));
}

TEST_CASE("histogram text: counts of every size come back") {
  Histogram histogram;
  std::uint64_t total = 0;
  for (int bits = 0; bits < 62; ++bits) {
    histogram.record_n(nanoseconds{bits * 31}, 1ULL << bits);
    total += 1ULL << bits;
  }
  const auto again = Histogram::decode(histogram.encode());
  REQUIRE(again);
  CHECK(again->count() == total);
  const auto before = histogram.buckets();
  const auto after = again->buckets();
  REQUIRE(after.size() == before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(after[i].low == before[i].low);
    CHECK(after[i].count == before[i].count);
  }
}

TEST_CASE("histogram text: the numbers of counts are those of the reference's ZigZag encoding") {
  // 2 -> 0x04; -3 empty buckets -> 0x05; 64 -> 0x80 0x01.
  const auto histogram = Histogram::decode(text_with({0x04, 0x05, 0x80, 0x01}));
  REQUIRE(histogram);
  REQUIRE(histogram->buckets().size() == 2);
  CHECK(histogram->buckets()[0].count == 2);
  CHECK(histogram->buckets()[1].low == nanoseconds{4});
  CHECK(histogram->buckets()[1].count == 64);
}

TEST_CASE("histogram text: wrong bytes are an error that says what is wrong") {
  CHECK(why_corrupt("").find("does not start") != std::string::npos);
  CHECK(why_corrupt("HISTFAAAA").find("base64") != std::string::npos);
  CHECK(why_corrupt(std::string(600'000, 'A')).find("longer") != std::string::npos);
  CHECK(why_corrupt("HISTEwAAAAA=").find("does not start") != std::string::npos);  // not compressed
  std::string cut{kJavaPowers};
  cut.resize(cut.size() - 8);
  CHECK(why_corrupt(cut).find("length") != std::string::npos);
  CHECK(why_corrupt(text_with({0x80})).find("ends within a count") != std::string::npos);
  // Nine bytes of ones: ZigZag of the least 64-bit number, 2^63 empty buckets.
  CHECK(why_corrupt(text_with({255, 255, 255, 255, 255, 255, 255, 255, 255})).find("1 h") !=
        std::string::npos);
  // Two counts of 2^62 and one more do not fit into 63 bits.
  const std::vector<int> large = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80};
  std::vector<int> twice = large;
  twice.insert(twice.end(), large.begin(), large.end());
  CHECK(Histogram::decode(text_with(large)));
  CHECK(why_corrupt(text_with(twice)).find("63 bits") != std::string::npos);
}

TEST_CASE("histogram text: another layout is refused, whichever field says so") {
  for (const std::size_t offset : {3U, 11U, 15U, 23U, 39U}) {
    std::vector<std::byte> plain = plain_of(kJavaPowers);
    plain[offset] ^= std::byte{2};
    CAPTURE(offset);
    CHECK_FALSE(Histogram::decode(text_of(plain)));
  }
  std::vector<std::byte> plain = plain_of(kJavaPowers);
  plain.pop_back();
  CHECK(why_corrupt(text_of(plain)).find("number of bytes") != std::string::npos);
}

TEST_CASE("histogram text: a bomb of zeros is refused before it is unpacked") {
  const std::vector<std::byte> zeros(50'000'000);
  const std::string bomb = text_of(zeros);
  REQUIRE(bomb.size() < 100'000);
  CHECK(why_corrupt(bomb).find("decompress") != std::string::npos);
}

TEST_CASE("histogram text: no bit turned in a good text makes a crash") {
  const auto good = base64_decode(kJavaEdges);
  REQUIRE(good);
  int refused = 0;
  for (std::size_t bit = 0; bit < good->size() * 8; ++bit) {
    auto bytes = *good;
    bytes[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    if (!Histogram::decode(base64_encode(bytes))) ++refused;
  }
  // zlib's checksum sees all that is behind its head; a few bits of that head mean nothing.
  CHECK(refused >= static_cast<int>(good->size() * 8) - 8);
}

}  // namespace
}  // namespace headgate::stats
