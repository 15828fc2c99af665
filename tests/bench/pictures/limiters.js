// The limiter shoot-out: what the same number in the config refuses of traffic that keeps to it on
// average, and what it lets through of a caller who knows where the seconds begin.
'use strict';

const { axis, colours, paint, titled, whiskers } = require('./draw.js');
const { estimateOf, pointAt, rowsOf, valuesOf } = require('./results.js');

const percent = (share) => `${(share * 100).toFixed(2)} %`;
const words = (name) => name.replace('_', ' ');
const barWidth = 36;
const barGap = 8;

const sweep = {
  scenario: 'scenarios/limiter_boundary.yaml',
  set: [],
  tinySet: ['run.replications=1'],
  figures: ['replications', 'totals'],
};

const bar = (name, color, data, panel) => ({
  name, type: 'bar', data, color, xAxisIndex: panel, yAxisIndex: panel,
  barWidth: panel ? 52 : barWidth, barGap: `${100 * barGap / barWidth}%`,
  label: { show: true, formatter: ({ value }) => value.toFixed(panel ? 0 : 2), position: 'top', distance: 7, fontSize: 10 },
});

const names = (name, gridIndex, data, nameGap) =>
  axis(true, name, { type: 'category', gridIndex, data, nameGap, axisTick: { show: false } });

/// Bars of the share refused at each rate, one of `count` algorithms, with their intervals.
function refusedBars(table, algorithm, i, count) {
  const points = table.points.filter((point) => point.at.algorithm === algorithm);
  const rows = rowsOf(points, 'refused_share', 0.01, (point) => point.at.rate);
  const bars = bar(words(algorithm), colours[i], rows.map(([, value]) => value), 0);
  const shift = () => (i - (count - 1) / 2) * (barWidth + barGap);
  const indexed = rows.map(([, ...figures], x) => [x, ...figures]);
  return [bars, whiskers(bars.name, paint.text, indexed, { xAxisIndex: 0, yAxisIndex: 0 }, shift)];
}

function option(table, boundary) {
  const algorithms = valuesOf(table, 'algorithm');
  const refused = (algorithm) => percent(estimateOf(pointAt(table, { algorithm, rate: '100/s' }), 'refused_share').value);
  const admitted = (limit) => {
    const { totals, replications } = pointAt(boundary, { limit });
    return totals.ok / replications;
  };
  const limits = valuesOf(boundary, 'limit');
  const colour = (limit) => colours[algorithms.includes(limit) ? algorithms.indexOf(limit) : algorithms.length];
  const bursts = limits.map((limit) => ({ value: admitted(limit), itemStyle: { color: colour(limit) } }));
  return {
    title: titled(`The same limit of 100/s refuses ${refused('fixed_window')} of 100/s as a fixed window, ` +
      `${refused('sliding_log')} as a\nsliding log; but the window lets ${admitted('fixed_window')} through within 2 ms`,
      'Left: Poisson traffic; whiskers: 95 % intervals of ten replications.\n' +
      'Right: 100 requests just before a full second, 100 just after it.'),
    legend: { data: algorithms.map(words), left: 70, top: 104, itemGap: 34 },
    grid: [{ left: 70, width: 480, top: 136, bottom: 56 }, { left: 640, right: 20, top: 136, bottom: 56 }],
    xAxis: [names('offered, requests per second', 0, valuesOf(table, 'rate').map((rate) => rate.replace('/s', '')), 28),
      names('algorithm', 1, limits.map((limit) => limit.replace('_', '\n')), 38)],
    yAxis: [axis(false, 'refused, % of requests', { gridIndex: 0, interval: 5, max: ({ max }) => Math.ceil(max / 5) * 5, nameGap: 34 }),
      axis(false, 'admitted of 200 requests', { gridIndex: 1, max: 200, interval: 50, nameGap: 36 })],
    series: [...algorithms.flatMap((algorithm, i) => refusedBars(table, algorithm, i, algorithms.length)),
      bar('burst', colours[7], bursts, 1)],
  };
}

module.exports = { name: 'limiter_shootout', sweep, option };
