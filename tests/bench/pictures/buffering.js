// Refuse a spike, or buffer it in Kafka: who asks is answered at once either way; what differs is what
// becomes of the work. Hence three times on one scale against the rate of the spike, and beside them
// the loss of one way and the delay of the other, over time, at twice the capacity.
'use strict';

const { axis, colours, heading, line, titled } = require('./draw.js');
const { estimateOf, pointAt, rowsOf } = require('./results.js');

const spikeOf = (point) => Number.parseFloat(point.at.spike);
const twice = '200/s';
const minute = 60e9;

const sweep = {
  scenario: 'scenarios/sync_vs_buffered.yaml',
  set: ['sweep.spike={path: arrivals.stages.1.poisson, values: [50/s, 80/s, 90/s, 100/s, 110/s, 125/s, 150/s, 200/s]}'],
  tinySet: ['run={duration: 700s, replications: 2, seed: 1}'],
  flags: ['--series'],
  figures: ['offered', 'goodput', 'refused_share', 'response_time.p99_ns', 'topics.orders.age.p99_ns', 'topics.orders.age.max_ns',
    'topics.orders.lag.max', 'series.bin_ns', 'series.length_ns', 'series.refused', 'series.topics.orders.lag'],
};

/// [minutes, value] of each whole bin; the last one is cut off with the run.
function overTime(series, values, make) {
  const whole = values.filter((_, i) => (i + 1) * series.bin_ns <= series.length_ns);
  return whole.map((value, i) => [Number(((i + 0.5) * series.bin_ns / minute).toFixed(3)), Number(make(value).toFixed(3))]);
}

function duration(seconds) {
  return seconds >= 1 ? `${seconds} s` : `${Math.round(seconds * 1000)} ms`;
}

function option(table, swept) {
  const at = (way) => swept.points.filter((point) => point.at.way === way);
  const seconds = (way, figure) => rowsOf(at(way), figure, 1e9, spikeOf);
  const sync = pointAt(swept, { way: '/sync', spike: twice });
  const buffered = pointAt(swept, { way: '/buffered', spike: twice });
  const refused = estimateOf(pointAt(table, { way: '/sync' }), 'refused_share').value;
  const age = estimateOf(pointAt(table, { way: '/buffered' }), 'topics.orders.age.max_ns').value;
  const perSecond = (count) => count / (sync.series.bin_ns / 1e9);
  const names = ['asked directly: p99 until the answer', 'buffered: p99 until “accepted”', 'buffered: p99 until the work is done'];
  const area = (name, color, data, panel) => ({ name, type: 'line', data, color, symbol: 'none', xAxisIndex: panel, yAxisIndex: panel,
    lineStyle: { width: 1.5 }, areaStyle: { opacity: 0.18 } });
  const ticks = [50, 75, 100, 125, 150, 175, 200];
  const time = (panel, name) => axis(true, name, { gridIndex: panel, min: 0, max: 36, interval: 6 });
  return {
    title: [titled('Ten minutes at twice the capacity: asked directly, ' +
      `${(refused * 100).toFixed(1)} % of requests are refused;\n` +
      `buffered in Kafka, none, but the oldest waits ${Math.round(age / 1e9)} s for its work`,
      'A worker for 100/s with twenty places to wait. Whiskers: 95 % intervals of five replications; ' +
      'over time: the first replication.'),
    heading('spike of 200/s, asked directly: refused', 722, 96), heading('spike of 200/s, buffered: consumer lag', 722, 298)],
    legend: { data: names, orient: 'vertical', left: 66, top: 94 },
    grid: [{ left: 80, width: 410, top: 164, bottom: 56 }, { left: 570, right: 24, top: 120, height: 140 },
      { left: 570, right: 24, top: 324, bottom: 56 }],
    xAxis: [axis(true, 'rate of the spike, requests per second (capacity: 100)', { gridIndex: 0, min: 40, max: 210,
      axisLabel: { customValues: ticks }, axisTick: { customValues: ticks } }),
    time(1, ''), time(2, 'time, minutes')],
    yAxis: [axis(false, 'time (log scale)', { gridIndex: 0, nameGap: 54, type: 'log', min: 0.001, max: 1000,
      axisLabel: { formatter: duration } }),
      axis(false, 'requests per second', { gridIndex: 1 }),
      axis(false, 'thousands of records', { gridIndex: 2 })],
    series: [
      ...line(names[0], colours[1], seconds('/sync', 'response_time.p99_ns')),
      ...line(names[1], colours[0], seconds('/buffered', 'response_time.p99_ns')),
      ...line(names[2], colours[4], seconds('/buffered', 'topics.orders.age.p99_ns')),
      area('refused', colours[1], overTime(sync.series, sync.series.refused, perSecond), 1),
      area('lag', colours[4], overTime(buffered.series, buffered.series.topics.orders.lag, (lag) => lag / 1000), 2),
    ],
  };
}

module.exports = { name: 'sync_vs_buffered', sweep, option,
  common: { at: { spike: twice }, figures: ['offered', 'goodput', 'refused_share', 'response_time.p99_ns'] } };
