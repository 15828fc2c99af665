// The balancer shoot-out: p99 against load, a line for each policy. Two pairs of policies differ by
// less than a line's width, so the second of each is dashed and hollow above the first.
'use strict';

const { axis, colours, line, titled } = require('./draw.js');
const { estimateOf, pointAt, rowsOf, valuesOf } = require('./results.js');

const figure = 'response_time.p99_ns';
const seconds = ['peak_ewma', 'least_response_time'];
const second = { symbol: 'emptyCircle', symbolSize: 9, lineStyle: { width: 2, type: 'dashed' }, z: 5 };

const sweep = {
  scenario: 'scenarios/balancer_shootout.yaml',
  set: ['sweep.load=[0.5, 0.6, 0.7, 0.8, 0.9, 0.95]'],
  tinySet: ['run={jobs: 2k, replications: 2, seed: 1}'],
  figures: ['offered', 'goodput', 'response_time.mean_ns', figure],
};

function option(table, swept) {
  const p99 = (policy) => estimateOf(pointAt(swept, { policy, load: 0.9 }), figure).value / 1e6;
  const policies = valuesOf(table, 'policy').sort((a, b) => p99(b) - p99(a));
  const ticks = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];
  const lines = policies.map((policy, i) => {
    const points = swept.points.filter((point) => point.at.policy === policy);
    return line(policy, colours[i], rowsOf(points, figure, 1e6, (point) => point.at.load), seconds.includes(policy) ? second : {});
  });
  const ms = (policy) => `${Math.round(p99(policy))} ms`;
  return {
    title: titled('At 90 % load, a look at two queues cuts the p99 of random choice\n' +
      `from ${ms('random')} to ${ms('two_choices')}, a look at all ten to ${ms('least_requests')}`,
      'Ten equal servers with exponential service of 10 ms, Poisson arrivals. Whiskers: 95 % intervals of ten replications.'),
    legend: { data: policies, orient: 'vertical', right: 20, top: 'middle' },
    grid: { left: 70, right: 200, top: 96, bottom: 56 },
    xAxis: axis(true, 'load, share of what the ten servers can do', { min: 0.45, max: 1,
      axisLabel: { customValues: ticks }, axisTick: { customValues: ticks } }),
    yAxis: axis(false, 'p99 of the response time, ms (log scale)', { type: 'log', min: 30 }),
    series: lines.flat(),
  };
}

module.exports = { name: 'balancer_shootout', sweep, option,
  common: { at: { load: 0.9 }, figures: ['offered', 'goodput', 'response_time.mean_ns', figure] } };
