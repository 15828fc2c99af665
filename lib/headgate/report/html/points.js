// Charts over the points of a sweep: figures against a number that was swept, figures side by side,
// percentile curves, a map of two dimensions, and differences between policies.
'use strict';

const points = page.data.results.points;
const dimensions = points.length ? Object.keys(points[0].at) : [];
const isNumeric = (name) => points.every((point) => typeof point.at[name] === 'number');
const valuesOf = (name) => [...new Set(points.map((point) => point.at[name]))];
const swept = dimensions.filter((name) => valuesOf(name).length > 1);

/// `load 0.9, random`: numbers need their name, words do not.
function pointLabel(at, without) {
  const parts = dimensions.filter((name) => name !== without && (swept.includes(name) || swept.length === 0))
    .map((name) => typeof at[name] === 'number' ? `${name} ${at[name]}` : String(at[name]));
  return parts.join(', ') || 'all';
}

/// The estimates below `node` by the names that expectations give them: `topics.orders.age.p99`.
function collectEstimates(node, prefix, found) {
  for (const [key, value] of Object.entries(node)) {
    if (value === null || typeof value !== 'object' || key === 'series') continue;
    const name = prefix + key.replace(/_ns$/, '');
    if (typeof value.value === 'number') found.set(name, value);
    else collectEstimates(value, name + '.', found);
  }
  return found;
}

const estimates = new Map(points.map((point) => [point, collectEstimates(point, '', new Map())]));

/// The estimate of a figure; null if there is none.
const estimateOf = (point, figure) => estimates.get(point).get(figure) || null;

/// What most people look for first, then the rest; but no target's share, of which there may be many.
function figuresShown() {
  const first = ['response_time.mean', 'response_time.p50', 'response_time.p95', 'response_time.p99',
    'response_time.p999', 'throughput', 'goodput', 'offered', 'refused_share', 'failed_share',
    'timed_out_share', 'attempts_per_request', 'queue_time.mean', 'queue_time.p99'];
  const names = new Set(first);
  for (const found of estimates.values()) {
    for (const name of found.keys()) {
      const extra = /^(response_time|queue_time)\.|\.targets\./.test(name);
      if (!extra) names.add(name);
    }
  }
  const varies = (figure) => points.some((point) => (estimateOf(point, figure) || { value: 0 }).value !== 0);
  return [...names].filter(varies);
}

const estimateText = (figure, e) => e.confidence > 0 ?
  `${figureText(figure, e.value)} <span style="opacity:.75">(${figureText(figure, e.low)} … ${figureText(figure, e.high)})</span>` :
  figureText(figure, e.value);

function figureControl(chart, figures, state) {
  return chooser('Figure', figures.map((name) => [name, name]), state.figure, (name) => {
    state.figure = name;
    chart.redraw();
  });
}

// ---- A figure against a swept number, with band and theory ----

function theoryOf(figure, x) {
  return page.data.theory.filter((claim) => claim.metric === figure && claim.at[x] !== undefined)
    .map((claim) => ({ value: [Number(claim.at[x]), claim.value],
      name: Object.entries(claim.at).map(([name, word]) => `${name} ${word}`).join(', ') }));
}

function lineSeries(name, color, rows) {
  const band = rows.filter((row) => row.e.confidence > 0);
  const hidden = { type: 'line', symbol: 'none', silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
  return [
    { ...hidden, name, color, stack: 'band ' + name, stackStrategy: 'all', data: band.map((row) => [row.x, row.e.low]) },
    { ...hidden, name, color, stack: 'band ' + name, stackStrategy: 'all', areaStyle: { color, opacity: 0.22 },
      data: band.map((row) => [row.x, row.e.high - row.e.low]) },
    { name, type: 'line', color, symbolSize: 6, data: rows.map((row) => ({ value: [row.x, row.e.value], e: row.e })) },
  ];
}

function againstOption(x, figure) {
  const groups = new Map();
  for (const point of points) {
    const e = estimateOf(point, figure);
    if (!e) continue;
    const name = pointLabel(point.at, x);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push({ x: point.at[x], e });
  }
  const colours = palette();
  const series = [];
  const values = [];
  [...groups].forEach(([name, rows], i) => {
    rows.sort((a, b) => a.x - b.x);
    rows.forEach((row) => values.push(row.e.value));
    series.push(...lineSeries(groups.size > 1 ? name : 'simulated', colours[i % colours.length], rows));
  });
  const theory = theoryOf(figure, x);
  if (theory.length) {
    series.push({ name: 'exact value', type: 'scatter', symbol: 'diamond', symbolSize: 14, z: 5, data: theory,
      itemStyle: { color: 'transparent', borderColor: colour('text'), borderWidth: 2 } });
  }
  const least = Math.min(...values.filter((value) => value > 0));
  const steep = kindOf(figure) === 'duration' && Math.max(...values) / least > 100;
  return {
    legend: { ...baseOption().legend, show: groups.size > 1 || theory.length > 0 },
    xAxis: axis('x', x, undefined, { scale: true }),
    yAxis: axis('y', figure, (value) => figureText(figure, value), { type: steep ? 'log' : 'value' }),
    tooltip: { trigger: 'item', formatter: (item) => `${item.name && !item.data.e ? item.name : item.seriesName}<br>` +
      `${x} ${item.value[0]}: ${item.data.e ? estimateText(figure, item.data.e) : figureText(figure, item.value[1])}` },
    series,
  };
}

function againstChart(figures) {
  const numeric = swept.filter(isNumeric);
  if (!numeric.length) return null;
  const state = { figure: figures[0], x: numeric[0] };
  return new Chart({
    id: 'against', title: `Figures against ${numeric.join(' or ')}`, wide: true,
    note: 'Shaded: the 95 % interval. Diamonds: exact values that the scenario expects.',
    controls: (chart) => [figureControl(chart, figures, state),
      numeric.length > 1 ? chooser('Across', numeric.map((name) => [name, name]), state.x, (name) => {
        state.x = name;
        chart.redraw();
      }) : null],
    option: () => againstOption(state.x, state.figure),
  });
}

// ---- Figures and differences with whiskers ----

/// Rows {name, e, sure} as dots with their intervals, a line at `zero` if it is given.
function whiskerOption(rows, format, name, zero, width) {
  const names = rows.map((row) => row.name);
  const draw = (params, api) => {
    const row = rows[api.value(2)];
    const at = (value) => api.coord([value, api.value(2)]);
    const [low, y] = at(row.e.low);
    const [high] = at(row.e.high);
    const [middle] = at(row.e.value);
    const stroke = { stroke: row.colour, lineWidth: 2 };
    const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style: stroke });
    return { type: 'group', children: [line(low, y, high, y), line(low, y - 5, low, y + 5),
      line(high, y - 5, high, y + 5), { type: 'circle', shape: { cx: middle, cy: y, r: 5 }, style: { fill: row.colour } }] };
  };
  return {
    legend: { show: false },
    grid: { top: 16, bottom: 40 },
    xAxis: axis('x', name, format, { scale: zero !== undefined ? false : rows.length > 1, splitNumber: width < 600 ? 3 : 5 }),
    yAxis: { ...axisStyle(), type: 'category', data: names, inverse: true,
      axisLabel: { ...axisStyle().axisLabel, hideOverlap: false, interval: 0, width: width < 600 ? 110 : 260, overflow: 'truncate' } },
    tooltip: { formatter: (item) => `${rows[item.dataIndex].name}<br>${format(rows[item.dataIndex].e.value)} ` +
      `(${format(rows[item.dataIndex].e.low)} … ${format(rows[item.dataIndex].e.high)})` },
    series: [{ type: 'custom', renderItem: draw, encode: { x: [0, 1], y: 2 },
      data: rows.map((row, i) => [row.e.low, row.e.high, i]),
      markLine: zero === undefined ? undefined : { silent: true, symbol: 'none', label: { show: false },
        lineStyle: { color: colour('soft'), type: 'dashed' }, data: [{ xAxis: zero }] } }],
  };
}

function besideChart(figures) {
  if (points.length < 2 || swept.some(isNumeric)) return null;
  const state = { figure: figures[0] };
  return new Chart({
    id: 'beside', title: 'Figures side by side', wide: true, height: 90 + 30 * points.length,
    note: 'A dot is the estimate, the whisker its 95 % interval.',
    controls: (chart) => [figureControl(chart, figures, state)],
    option: (width) => whiskerOption(points.map((point, i) => ({ name: pointLabel(point.at), point, i }))
      .map(({ name, point }) => ({ name, e: estimateOf(point, state.figure), colour: colour('c0') }))
      .filter((row) => row.e), (value) => figureText(state.figure, value), state.figure, undefined, width),
  });
}

// ---- Percentile curves ----

const kCurvesMax = 8;

function curvesOption() {
  const names = points.map((point) => pointLabel(point.at));
  const shares = { 0: '0', 1: '90 %', 2: '99 %', 3: '99.9 %', 4: '99.99 %' };
  const selected = {};
  names.forEach((name, i) => { selected[name] = i < kCurvesMax || i + 1 === names.length; });
  return {
    legend: { ...baseOption().legend, show: points.length > 1, selected },
    xAxis: axis('x', 'share of requests', (value) => shares[value] || '', { min: 0, max: 4, interval: 1,
      axisLabel: { ...axisStyle().axisLabel, formatter: (value) => shares[value] || '', alignMaxLabel: 'right' } }),
    yAxis: axis('y', 'response time', text.duration, { type: 'log' }),
    tooltip: { trigger: 'item', formatter: (item) => `${item.seriesName}<br>${item.data.share}: ${text.duration(item.value[1])}` },
    series: page.data.points.map((point, i) => ({
      name: names[i], type: 'line', symbol: 'circle', symbolSize: 4, showSymbol: false,
      data: point.curve.filter(([, ns]) => ns > 0).map(([share, ns]) => ({
        value: [-Math.log10(1 - share), ns], share: `${Number((share * 100).toPrecision(6))} %` })),
    })),
  };
}

function curvesChart() {
  if (!page.data.points.some((point) => point.curve.some(([, ns]) => ns > 0))) return null;
  return new Chart({
    id: 'curves', title: 'Percentile curves', option: curvesOption,
    note: 'Each step to the right is one nine more. Curves end where there are no requests left to tell.',
  });
}

// ---- A map of two dimensions ----

function mapOption(figure, width) {
  const [x, y] = swept;
  const columns = valuesOf(x);
  const rows = valuesOf(y);
  const cells = points.map((point) => [columns.indexOf(point.at[x]), rows.indexOf(point.at[y]),
    (estimateOf(point, figure) || { value: null }).value]).filter((cell) => cell[2] !== null);
  const values = cells.map((cell) => cell[2]);
  const category = (name, data) => ({ ...axisStyle(), type: 'category', name, data: data.map(String), splitArea: { show: false } });
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return {
    legend: { show: false },
    grid: { top: 30, bottom: 76 },
    xAxis: { ...category(x, columns), nameLocation: 'middle', nameGap: 28 },
    yAxis: { ...category(y, rows), nameTextStyle: { color: colour('soft'), align: 'left' } },
    visualMap: { min: low, max: high > low ? high : low + 1, calculable: false, orient: 'horizontal', left: 'center', bottom: 0,
      inRange: { color: heat() }, textStyle: { color: colour('soft') }, text: [figureText(figure, high), figureText(figure, low)] },
    tooltip: { formatter: (item) => `${x} ${columns[item.value[0]]}, ${y} ${rows[item.value[1]]}<br>${figureText(figure, item.value[2])}` },
    series: [{ type: 'heatmap', label: { show: width / columns.length > 70, formatter: (item) => figureText(figure, item.value[2]) },
      data: cells.map((value) => ({ value, label: { color: (value[2] - low) / (high - low || 1) > 0.55 ? colour('card') : colour('text') } })) }],
  };
}

function mapChart(figures) {
  if (swept.length !== 2) return null;
  const state = { figure: figures[0] };
  return new Chart({
    id: 'map', title: `Map of ${swept.join(' and ')}`, note: 'Every point of the sweep; colours from the least to the greatest.',
    controls: (chart) => [figureControl(chart, figures, state)],
    option: (width) => mapOption(state.figure, width),
  });
}

// ---- Differences between points ----

function differencesChart() {
  const all = page.data.results.differences || [];
  const figures = [...new Set(all.flatMap((pair) => Object.keys(pair.figures)))];
  if (!figures.length) return null;
  const state = { figure: figures.includes('response_time.mean') ? 'response_time.mean' : figures[0] };
  const nameOf = (pair) => [`${pair.a} − ${pair.b}`,
    ...Object.entries(pair.at).map(([name, word]) => typeof word === 'number' ? `${name} ${word}` : String(word))].join(', ');
  const rows = () => all.filter((pair) => pair.figures[state.figure]).map((pair) => {
    const e = pair.figures[state.figure];
    const sure = e.low > 0 || e.high < 0;
    return { name: nameOf(pair), e, colour: sure ? colour('c0') : colour('c7') };
  });
  const signed = (value) => (value < 0 ? '−' : '') + figureText(state.figure, Math.abs(value));
  return new Chart({
    id: 'differences', title: 'Differences', wide: all.length > 12, height: 100 + 26 * all.length,
    note: 'Of replications that met the same requests. A whisker that crosses zero leaves open which is more.',
    controls: (chart) => [figureControl(chart, figures, state)],
    option: (width) => whiskerOption(rows(), signed, 'difference', 0, width),
  });
}
