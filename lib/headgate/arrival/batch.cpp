#include "headgate/arrival/batch.hpp"

#include <utility>

namespace headgate::arrival {
namespace {

constexpr std::int64_t kBatchMax = 1'000'000;

double batch_per_second(const BatchArrivals& batch) noexcept {
  return static_cast<double>(batch.size) * batch.speed * 1e9 / batch.every.mean_ns();
}

}  // namespace

Result<BatchArrivals> BatchArrivals::make(Distribution every, std::int64_t size) {
  if (size < 1 || size > kBatchMax) {
    return failed(Errc::kInvalidArgument, "size", "must be from 1 to 1M");
  }
  if (!(every.mean_ns() > 0)) return failed(Errc::kInvalidArgument, "every", "must be above 0");
  BatchArrivals batch{.every = std::move(every), .size = size, .speed = 1};
  if (batch_per_second(batch) > 1e9) {
    return failed(Errc::kInvalidArgument, "every", "must leave at most 1G/s");
  }
  return batch;
}

Rate BatchArrivals::rate() const noexcept { return nearest_rate(batch_per_second(*this)); }

BatchArrivals BatchArrivals::at_rate(Rate rate) const noexcept {
  BatchArrivals scaled = *this;
  scaled.speed = speed * rate.per_second() / batch_per_second(*this);
  return scaled;
}

Duration BatchSchedule::next() noexcept {
  if (left_ == 0) {
    const auto gap = static_cast<double>(arrivals_.every.sample(random_).count());
    at_ = odometer_.advance(gap / arrivals_.speed);
    left_ = arrivals_.size;
  }
  --left_;
  return at_;
}

}  // namespace headgate::arrival
