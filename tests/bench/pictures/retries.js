// The retry-storm cliff: goodput against offered load, long after an outage is over. Without a budget
// all tries together must stay below capacity, or the queue that the outage left never drains.
'use strict';

const { axis, colours, line, paint, titled } = require('./draw.js');
const { estimateOf, pointAt, rowsOf } = require('./results.js');

const offeredAt = (point) => estimateOf(point, 'offered').value;
const capacity = 10;
const tries = 4;

const sweep = {
  scenario: 'scenarios/retry_storm.yaml',
  set: ['sweep.rate.values=[1/s, 2/s, 2.25/s, 2.5/s, 2.75/s, 3/s, 4/s, 5/s, 6/s, 7/s, 8/s]',
    'sweep.budget={variants: {none: {}, "10%": {clients.retry.budget: {percent: {share: 10%, min_per_second: 0}}}}}'],
  tinySet: ['run.replications=2'],
  figures: ['offered', 'goodput', 'attempts_per_request'],
};

function option(table, swept) {
  const at = (budget) => swept.points.filter((point) => point.at.budget === budget);
  const goodput = (budget) => rowsOf(at(budget), 'goodput', 1, offeredAt);
  const cliff = at('none').find((point) => estimateOf(point, 'goodput').value === 0);
  const saved = pointAt(swept, { budget: '10%', rate: '7/s' });
  const share = Math.round(estimateOf(saved, 'goodput').value / offeredAt(saved) * 100);
  const names = ['three retries, budget of 10 %', 'three retries, no budget'];
  return {
    title: titled(`Three retries without a budget: from ${cliff ? cliff.at.rate : '?'} on, a server for ${capacity}/s ` +
      `does not come\nback from an outage of 10 s. With a budget of 10 % it answers ${share} % of 7/s`,
      'Clients wait 1 s and try again at once, three times. Measured from 100 s after the outage. ' +
      'Whiskers: 95 % intervals of ten replications.'),
    legend: { data: names, left: 310, top: 124, orient: 'vertical' },
    grid: { left: 70, right: 30, top: 116, bottom: 56 },
    xAxis: axis(true, 'offered, requests per second', { min: 0, max: 9, interval: 1 }),
    yAxis: axis(false, 'goodput, answered requests per second', { min: 0, max: 8, nameGap: 34 }),
    series: [
      { type: 'line', data: [[0, 0], [8, 8]], symbol: 'none', color: paint.soft,
        lineStyle: { type: 'dotted', width: 1.5 },
        endLabel: { show: true, formatter: 'all that\nis offered', color: paint.soft, fontSize: 11 } },
      line(names[0], colours[2], goodput('10%')),
      line(names[1], colours[3], goodput('none'), { markLine: {
        silent: true, symbol: 'none', lineStyle: { color: paint.soft, type: 'dashed' }, data: [{ xAxis: capacity / tries }],
        label: { formatter: `all tries reach capacity:\n${tries} × ${capacity / tries}/s = ${capacity}/s`, position: 'end',
          color: paint.soft, fontSize: 11 } } }),
    ].flat(),
  };
}

module.exports = { name: 'retry_storm', sweep, option, common: { at: { budget: 'none' }, figures: ['offered', 'goodput'] } };
