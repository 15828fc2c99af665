// The gate beside rules in common use, on the same recorded slices: how often each cries wolf when
// nothing has changed, and how often it notices that p50 has grown by 5 %, or p99 by 10 %.
'use strict';

const { axis, colours, heading, paint, titled, whiskers } = require('./draw.js');
const { Unusable } = require('./results.js');

const rules = [
  ['gate, 5 % and 10 % allowed', 'gate, allowing\n5 % on p50'],
  ['gate, nothing allowed', 'gate, allowing\nnothing'],
  ['one slice each, ratio over 5 % or 10 %', 'ratio of\none slice each'],
  ['Mann-Whitney over requests, p < 1 %', 'Mann-Whitney\nover requests'],
  ['Mann-Whitney over slices, p < 1 %', 'Mann-Whitney\nover slices'],
];
const finders = [
  ['gate, 2.5 % allowed', 'gate, allowing\n2.5 %'],
  ['one slice each, ratio over 5 % or 10 %', 'ratio of\none slice each'],
  ['Mann-Whitney over slices, p < 1 %', 'Mann-Whitney\nover slices'],
];
const tailFinders = [
  ['gate, 5 % allowed', 'gate, allowing\n5 %'],
  ['one slice each, ratio over 5 % or 10 %', 'ratio of\none slice each'],
];

/// Wilson's 95 % interval of a share, in percent.
function interval(alarms, of) {
  const z2 = 1.96 ** 2;
  const middle = (alarms + z2 / 2) / (of + z2);
  const half = Math.sqrt(z2 * (alarms * (of - alarms) / of + z2 / 4)) / (of + z2);
  return [Math.max(0, middle - half) * 100, Math.min(1, middle + half) * 100];
}

function rowsOf(data, what, named) {
  return named.map(([rule], i) => {
    const row = data.rows.find((one) => one.what === what && one.rule === rule);
    if (!row) throw new Unusable(`results/gate/data.json has no "${what}" by "${rule}": run ./dev bench gate`);
    return [i, row.alarms / row.of * 100, ...interval(row.alarms, row.of)];
  });
}

function panel(rows, index) {
  return [{
    type: 'bar', barWidth: '50%', xAxisIndex: index, yAxisIndex: index,
    data: rows.map(([, share], i) => ({ value: share, itemStyle: { color: colours[i === 0 || (index === 0 && i === 1) ? 0 : 3] } })),
  }, whiskers('', paint.soft, rows, { xAxisIndex: index, yAxisIndex: index })];
}

function option(data) {
  const panels = [
    { left: 45, width: 385, max: 20, says: 'nothing has changed: false alarms, %', named: rules, what: 'A/A, recorded' },
    { left: 475, width: 225, max: 100, says: 'p50 5 % worse: found, %', named: finders, what: '+5 % on p50, recorded' },
    { left: 745, width: 140, max: 100, says: 'p99 10 % worse: found, %', named: tailFinders, what: '+10 % on p99, recorded' },
  ].map((one) => ({ ...one, rows: rowsOf(data, one.what, one.named) }));
  const percent = (rows, i) => `${rows[i][1].toFixed(1)} %`;
  const alarms = panels[0].rows;
  return {
    title: [titled(`Two servers that are alike: the gate finds a difference in ${percent(alarms, 1)} of ${data.rows[0].of} comparisons,\n` +
      `the ratio of two runs in ${percent(alarms, 2)}, Mann-Whitney over requests in ${percent(alarms, 3)}`,
      'All rules on the same recorded slices of 200 ms. Whiskers: 95 % intervals (Wilson).'),
    ...panels.map(({ left, width, says }) => heading(says, left + width / 2, 92))],
    grid: panels.map(({ left, width }) => ({ left, width, top: 130, bottom: 70 })),
    xAxis: panels.map(({ named, rows }, gridIndex) => axis(true, '', { type: 'category', gridIndex,
      data: named.map(([, short], i) => `${short}\n${percent(rows, i)}`), axisLabel: { interval: 0, fontSize: 9.5 } })),
    yAxis: panels.map(({ max }, gridIndex) => axis(false, '', { gridIndex, min: 0, max })),
    series: panels.flatMap(({ rows }, i) => panel(rows, i)),
  };
}

module.exports = { name: 'gate', format: 'headgate.study.gate/1', option };
