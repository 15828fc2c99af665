// Charts of a load run: rates and percentiles over time, a map of all response times, what went wrong
// when, and percentile curves. The series comes in columns of one or several seconds.
'use strict';

const results = page.data.results;
const columns = {
  count: page.data.series.scheduled.length,
  bin_ns: page.data.seconds_per_column * 1e9,
  window_ns: results.duration_ns,
  length_ns: Math.max(page.data.seconds * 1e9, 1e9),
};
const outcomes = [['ok', 'ok'], ['refused', 'refused'], ['failed', 'failed'], ['timed_out', 'timed out'],
  ['in_flight', 'in flight'], ['not_sent', 'not sent']];
const whole = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/// How much of column `i` the schedule covers, in ns: it may end within one, and answers come after.
function coveredBySchedule(i) {
  return Math.min(columns.bin_ns, columns.window_ns - i * columns.bin_ns);
}

/// [middle of the column in ns, value]; `make` may return null for a gap, undefined to leave it out.
function rowsOf(key, make) {
  const rows = [];
  page.data.series[key].forEach((value, i) => {
    const made = make(value, i);
    if (made !== undefined) rows.push([(i + 0.5) * columns.bin_ns, made]);
  });
  return rows;
}

// A column that the schedule hardly touches tells nothing of rates.
const ratesOf = (key) => rowsOf(key, (count, i) => {
  const covered = coveredBySchedule(i);
  return covered < columns.bin_ns / 20 ? undefined : count / covered * 1e9;
});
const timesOf = (key) => rowsOf(key, (ns) => ns === null ? null : Math.max(ns, 1));

/// Few columns are shown as dots too: a line of one point is none.
const lineOf = (name, color, rows, more) => timeLine(columns, name, color, rows,
  { ...(columns.count < 60 ? { symbol: 'circle', symbolSize: 4, showSymbol: true } : {}), ...(more || {}) });

/// What comes after the last intended time, shaded.
function afterEnd() {
  if (columns.length_ns - columns.window_ns < columns.length_ns * 0.01) return {};
  const label = { show: columns.length_ns - columns.window_ns > columns.length_ns * 0.15, color: colour('soft'),
    position: 'insideTop', fontSize: 11 };
  return { markArea: { silent: true, itemStyle: { color: colour('idle'), opacity: 0.6 },
    data: [[{ xAxis: columns.window_ns, name: 'after the end', label }, { xAxis: columns.length_ns }]] } };
}

function rateOption(width) {
  const colours = { ...outcomeColours(), not_sent: colour('c5'), in_flight: colour('c6') };
  const used = outcomes.filter(([key]) => key === 'ok' || page.data.series[key].some((count) => count > 0));
  return {
    xAxis: timeAxis(columns, width), yAxis: axis('y', 'requests per second', text.rate, { min: 0 }), tooltip: timeTip(text.rate),
    series: [lineOf('offered', colour('c0'), ratesOf('scheduled'), { lineStyle: { width: 4, opacity: 0.45 }, ...afterEnd() }),
      ...used.map(([key, name]) => lineOf(name, colours[key], ratesOf(key)))],
  };
}

function latencyOption(width) {
  const lines = [['max', 'c7', 'max_ns'], ['p99', 'c3', 'p99_ns'], ['p90', 'c1', 'p90_ns'], ['p50', 'c0', 'p50_ns']];
  return {
    xAxis: timeAxis(columns, width), yAxis: axis('y', 'response time', text.duration, { type: 'log' }),
    tooltip: timeTip(text.duration),
    series: lines.map(([name, color, key], i) => lineOf(name, colour(color), timesOf(key), i === 0 ? afterEnd() : {})),
  };
}

/// The beginnings of columns as labels, only the round ones.
function columnAxis(width) {
  const step = timeStep(columns.length_ns, width < 600 ? 4 : 10);
  const round = (i) => Math.ceil(i * columns.bin_ns / step) * step;
  const tick = (i) => round(i) < (i + 1) * columns.bin_ns;
  const names = Array.from({ length: columns.count }, (none, i) => text.duration(tick(i) ? round(i) : i * columns.bin_ns));
  return { names, option: { ...axisStyle(), type: 'category', data: names, name: 'time', nameLocation: 'middle', nameGap: 28,
    axisTick: { show: false }, axisLabel: { ...axisStyle().axisLabel, interval: tick } } };
}

/// Colours by the logarithm of a count: one slow request among thousands must be seen.
const shade = (count) => Math.log10(count);
function shades(most) {
  return { min: 0, max: Math.max(shade(most), 0.3), orient: 'horizontal', left: 'center', bottom: 0, calculable: false, dimension: 2,
    inRange: { color: heat().slice(1) }, textStyle: { color: colour('soft') }, text: [whole(most), '1'] };
}

function heatOption(width) {
  const { rows, cells } = page.data.map;
  const most = cells.reduce((max, [, , count]) => Math.max(max, count), 1);
  const time = columnAxis(width);
  const upTo = (row) => row + 1 < rows.length ? `${text.duration(rows[row])} to ${text.duration(rows[row + 1])}` : `from ${text.duration(rows[row])}`;
  return {
    legend: { show: false }, grid: { top: 12, bottom: 80 },
    xAxis: time.option,
    yAxis: { ...axisStyle(), type: 'category', data: rows.map(text.duration), axisTick: { show: false } },
    visualMap: shades(most),
    tooltip: { formatter: (item) => `at ${time.names[item.value[0]]}<br>${upTo(item.value[1])}: ${whole(item.value[3])}` },
    series: [{ type: 'heatmap', progressive: 0, data: cells.map(([column, row, count]) => [column, row, shade(count), count]) }],
  };
}

const lanes = outcomes.slice(1).filter(([key]) => page.data.series[key].some((count) => count > 0));

function errorsOption(width) {
  const time = columnAxis(width);
  const cells = [];
  lanes.forEach(([key], row) => page.data.series[key].forEach((count, column) => {
    if (count > 0) cells.push([column, row, shade(count), count]);
  }));
  return {
    legend: { show: false }, grid: { top: 12, bottom: 80 },
    xAxis: time.option,
    yAxis: { ...axisStyle(), type: 'category', data: lanes.map(([, name]) => name), inverse: true, axisTick: { show: false } },
    visualMap: shades(cells.reduce((max, cell) => Math.max(max, cell[3]), 1)),
    tooltip: { formatter: (item) => `at ${time.names[item.value[0]]}<br>${lanes[item.value[1]][1]}: ${whole(item.value[3])}` },
    series: [{ type: 'heatmap', progressive: 0, data: cells, itemStyle: { borderColor: colour('card'), borderWidth: columns.count < 120 ? 1 : 0 } }],
  };
}

function percentilesOption() {
  const shares = (value) => value === 0 ? '0' : `${(100 - Math.pow(10, 2 - value)).toFixed(Math.max(0, value - 2))} %`;
  const nines = Math.ceil(Math.max(1, ...page.data.curves.flatMap((curve) => curve.points.map(([share]) => -Math.log10(1 - share)))));
  // Where they lie on each other, both must be seen.
  const styles = { 'response time': { width: 5, opacity: 0.5 }, 'first byte': { type: 'dashed' } };
  const colours = { 'response time': 'c0', 'service time': 'c2', 'first byte': 'c5', 'send lag': 'c7' };
  return {
    xAxis: axis('x', 'share of requests', shares, { min: 0, max: nines, interval: 1,
      axisLabel: { ...axisStyle().axisLabel, formatter: shares, alignMaxLabel: 'right' } }),
    yAxis: axis('y', 'time', text.duration, { type: 'log' }),
    tooltip: { trigger: 'item', formatter: (item) => `${item.seriesName}<br>${item.data.share}: ${text.duration(item.value[1])}` },
    series: page.data.curves.map(({ name, points }) => ({
      name, type: 'line', lineStyle: styles[name], symbol: 'circle', symbolSize: 4, showSymbol: false, color: colour(colours[name]),
      data: points.filter(([, ns]) => ns > 0).map(([share, ns]) => ({ value: [-Math.log10(1 - share), ns],
        share: `${Number((share * 100).toPrecision(7))} %` })),
    })),
  };
}

function loadCharts() {
  const timed = page.data.map.cells.length > 0;
  const each = page.data.seconds_per_column > 1 ? `${page.data.seconds_per_column} seconds` : 'second';
  return [
    columns.count && { id: 'rate', title: 'Offered and answered', option: rateOption,
      note: `Per ${each}: what fell due, and what became of requests, by the time of each.` },
    timed && { id: 'latency', title: 'Response time over time', option: latencyOption,
      note: `Percentiles of each ${each}, from the intended time, by the time of the answer; to 0.8 %.` },
    timed && { id: 'heat', title: 'All response times', option: heatOption, wide: true, height: 400,
      note: 'Each cell counts the requests that took so long; darker is more, by powers of ten.' },
    page.data.curves.length && { id: 'curves', title: 'Percentile curves', option: percentilesOption, wide: !lanes.length,
      note: 'Each step to the right is one nine more. Curves end where there are no requests left to tell.' },
    lanes.length && { id: 'errors', title: 'What went wrong, and when', option: errorsOption, height: 150 + 60 * Math.min(lanes.length, 3),
      note: `Requests of each ${each} that were not served.` },
  ].filter(Boolean).map((chart) => new Chart(chart));
}
