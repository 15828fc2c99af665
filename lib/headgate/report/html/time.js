// Charts of one point over time, from the recording of its first replication: what was asked and
// what became of it, how long it took, who waited where, consumers' lag, and the loop that offered
// load and response time make when load goes up and comes down again.
'use strict';

const shown = { index: 0, listeners: [] };
const recorded = page.data.points.map((point, index) => ({ point, index })).filter(({ point }) => point.series);
const series = () => page.data.points[shown.index].series;

/// The time that bin `i` covers, in seconds; the last one is cut off with the run.
function coveredSeconds(run, i) {
  return Math.max(Math.min(run.bin_ns, run.length_ns - i * run.bin_ns), 0) / 1e9;
}

/// [middle of the bin in ns, value] for each bin; bins too short to tell anything are left out.
function overTime(run, values, make) {
  const rows = [];
  values.forEach((value, i) => {
    const seconds = coveredSeconds(run, i);
    if (seconds * 1e9 < run.bin_ns / 20) return;
    rows.push([(i + 0.5) * run.bin_ns, value === null ? null : make(value, seconds)]);
  });
  return rows;
}
const perSecond = (value, seconds) => value / seconds;
const itself = (value) => value;

/// What is not measured and what was out of order, shaded.
function aside(run) {
  const [from, to] = run.window_ns;
  const areas = [];
  const area = (name, begin, end, itemStyle) => {
    const label = { show: end - begin > run.length_ns * 0.15, color: colour('soft'), position: 'insideTop', fontSize: 11 };
    if (end - begin > run.length_ns * 0.002) areas.push([{ xAxis: begin, name, label, itemStyle }, { xAxis: end }]);
  };
  for (const [name, begin, end] of page.data.points[shown.index].faults) {
    area(name, begin, end === null ? run.length_ns : Math.min(end, run.length_ns), { color: colour('c3'), opacity: 0.13 });
  }
  area('warm-up', 0, from);
  if (to > 0) area('after the last arrival', to, run.length_ns);
  return { silent: true, itemStyle: { color: colour('idle'), opacity: 0.6 }, data: areas };
}

function flowOption(width) {
  const run = series();
  const colours = outcomeColours();
  const lines = [['offered', colour('c0'), run.offered], ['ok', colours.ok, run.ok],
    ['refused', colours.refused, run.refused], ['failed', colours.failed, run.failed],
    ['timed out', colours.timed_out, run.timed_out], ['tried again', colour('c5'), run.retries]];
  const used = lines.filter(([name, , counts], i) => i < 2 || counts.some((count) => count > 0));
  return {
    xAxis: timeAxis(run, width), yAxis: axis('y', 'requests per second', text.rate), tooltip: timeTip(text.rate),
    series: used.map(([name, color, counts], i) =>
      timeLine(run, name, color, overTime(run, counts, perSecond), i === 0 ? { markArea: aside(run) } : {})),
  };
}

function responseOption(width) {
  const run = series();
  const positive = (rows) => rows.filter(([, value]) => value === null || value > 0);
  return {
    xAxis: timeAxis(run, width), yAxis: axis('y', 'response time', text.duration, { type: 'log' }),
    tooltip: timeTip(text.duration),
    series: [
      timeLine(run, 'p99', colour('c1'), positive(overTime(run, run.response_p99_ns, itself)), { markArea: aside(run) }),
      timeLine(run, 'mean', colour('c0'), positive(overTime(run, run.response_mean_ns, itself)))],
  };
}

function systemOption(width) {
  const run = series();
  return {
    legend: { show: false }, grid: { top: 34 },
    xAxis: timeAxis(run, width), yAxis: axis('y', 'requests in the system', text.count), tooltip: timeTip(text.count),
    series: [timeLine(run, 'in the system', colour('c0'), overTime(run, run.in_system, itself),
      { areaStyle: { opacity: 0.18 }, markArea: aside(run) })],
  };
}

function queuesOption(width) {
  const run = series();
  const names = Object.keys(run.targets);
  if (!names.length) return null;
  const cells = [];
  let most = 0;
  names.forEach((name, row) => run.targets[name].waiting.forEach((value, bin) => {
    cells.push([bin, row, value]);
    most = Math.max(most, value);
  }));
  // A bin is named by its beginning, but labelled by the round time that lies in it.
  const step = timeStep(run.length_ns, width < 600 ? 4 : 8);
  const round = (bin) => Math.ceil(bin * run.bin_ns / step) * step;
  const tick = (bin) => round(bin) < (bin + 1) * run.bin_ns;
  const times = run.offered.map((count, bin) => text.duration(tick(bin) ? round(bin) : bin * run.bin_ns));
  return {
    legend: { show: false }, grid: { top: 12, bottom: 80 },
    xAxis: { ...axisStyle(), type: 'category', data: times, name: 'time', nameLocation: 'middle', nameGap: 28,
      axisTick: { show: false }, axisLabel: { ...axisStyle().axisLabel, interval: tick } },
    yAxis: { ...axisStyle(), type: 'category', data: names, inverse: true,
      axisLabel: { ...axisStyle().axisLabel, width: width < 600 ? 80 : 160, overflow: 'truncate' } },
    visualMap: { min: 0, max: most || 1, orient: 'horizontal', left: 'center', bottom: 0, calculable: false,
      inRange: { color: heat() }, textStyle: { color: colour('soft') }, text: [`${digits(most || 1)} waiting`, '0'] },
    tooltip: { formatter: (item) => `${names[item.value[1]]} at ${times[item.value[0]]}<br>${digits(item.value[2])} waiting, mean` },
    series: [{ type: 'heatmap', data: cells, progressive: 0 }],
  };
}

/// Of topics, queues and subscribers: what is stored and not yet done with.
function backlogsOf(run) {
  const lags = Object.entries(run.topics || {}).map(([name, topic]) => [name, topic.lag]);
  return [...lags, ...Object.entries(run.queues || {}), ...Object.entries(run.subscribers || {})]
    .filter(([, backlog]) => backlog.some((messages) => messages > 0));
}

function lagOption(width) {
  const run = series();
  const colours = palette();
  return {
    xAxis: timeAxis(run, width), yAxis: axis('y', 'events not yet consumed', text.count), tooltip: timeTip(text.count),
    series: backlogsOf(run).map(([name, backlog], i) =>
      timeLine(run, name, colours[i % 8], overTime(run, backlog, itself), { areaStyle: { opacity: 0.15 } })),
  };
}

function eventsOption(width) {
  const run = series();
  const colours = palette();
  return {
    xAxis: timeAxis(run, width), yAxis: axis('y', 'events per second', text.rate), tooltip: timeTip(text.rate),
    series: Object.entries(run.topics).map(([name, topic], i) =>
      timeLine(run, name, colours[i % 8], overTime(run, topic.events, perSecond))),
  };
}

// ---- Hysteresis ----

/// Means over `count` neighbours, so that the loop is the load's and not chance's.
function smoothed(rows, count) {
  const half = Math.floor(count / 2);
  return rows.map(([at], i) => {
    const near = rows.slice(Math.max(i - half, 0), i + half + 1).map(([, value]) => value).filter((value) => value !== null);
    return [at, near.length ? near.reduce((sum, value) => sum + value, 0) / near.length : null];
  });
}

const loopWindow = (run) => Math.max(3, Math.round(run.bins / 40));

function loopRows(run) {
  const load = smoothed(overTime(run, run.offered, perSecond), loopWindow(run));
  const response = smoothed(overTime(run, run.response_mean_ns, itself), loopWindow(run));
  return load.map(([at, rate], i) => [rate, response[i][1], at])
    .filter(([rate, ns, at]) => rate !== null && ns > 0 && at <= (run.window_ns[1] || run.length_ns));
}

/// Whether load changes by far more than chance would (eight deviations of a Poisson count in the
/// bins that a row averages): then the loop says something.
function loadMoves(run) {
  const rates = loopRows(run).map(([rate]) => rate);
  const seconds = loopWindow(run) * run.bin_ns / 1e9;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return rates.length > 8 && Math.max(...rates) - Math.min(...rates) > 8 * Math.sqrt(mean / seconds);
}

function loopOption() {
  const rows = loopRows(series());
  const last = rows[rows.length - 1];
  return {
    legend: { show: false }, grid: { top: 34, bottom: 80 },
    xAxis: axis('x', 'offered', text.rate, { scale: true }),
    yAxis: axis('y', 'response time, mean', text.duration, { type: 'log' }),
    visualMap: { dimension: 2, min: 0, max: last[2], orient: 'horizontal', left: 'center', bottom: 0, calculable: false,
      inRange: { color: [colour('c0'), colour('c4'), colour('c3')] }, textStyle: { color: colour('soft') },
      text: [text.duration(last[2]), 'start'] },
    tooltip: { trigger: 'item', formatter: (item) => `at ${text.duration(item.value[2])}<br>offered ${text.rate(item.value[0])}<br>` +
      `response time ${text.duration(item.value[1])}` },
    series: [{ type: 'line', data: rows, symbolSize: 4, lineStyle: { width: 1.5 }, smooth: false }],
  };
}

// ---- The charts ----

function timeCharts() {
  if (!recorded.length) return [];
  const any = (test) => recorded.some(({ point }) => test(point.series));
  const withTopics = any((run) => run.topics);
  const made = [
    { id: 'flow', title: 'Offered, answered, refused', option: flowOption, note: 'Requests sent and outcomes, by the time of each.' },
    { id: 'system', title: 'Requests in the system', option: systemOption, note: 'Sent, and without an outcome yet: mean of each bin.' },
    { id: 'queues', title: 'Queues of the targets', option: queuesOption, note: 'Requests that wait at each target: mean of each bin.' },
  ];
  if (any((run) => run.response_p99_ns.some((ns) => ns > 0))) {
    made.splice(1, 0, { id: 'response', title: 'Response time over time', option: responseOption,
      note: 'By the time of the answer; p99 within 2 %.' });
  }
  if (any(loadMoves)) {
    made.push({ id: 'loop', title: 'Load up, load down', option: () => loadMoves(series()) ? loopOption() : null,
      note: 'If the way back lies above the way up, the system remembers the load that has gone.' });
  }
  if (withTopics) made.push({ id: 'events', title: 'Events published', option: eventsOption, note: 'To each topic.' });
  if (any((run) => backlogsOf(run).length > 0)) {
    made.push({ id: 'lag', title: 'Consumer lag', option: lagOption, note: 'Events of topics, queues and subscribers that are not done with yet.' });
  }
  return made.map((chart) => new Chart(chart));
}

/// Chooses the point that all charts over time show.
function pointControl() {
  return chooser('Point', recorded.map(({ index }) => [String(index), pointLabel(points[index].at)]), shown.index, (index) => {
    shown.index = Number(index);
    for (const listener of shown.listeners) listener();
  });
}
