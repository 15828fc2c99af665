// What all parts of the page share: the data, numbers as text, colours, elements, and the frame of a
// chart. A chart redraws itself when its width or the colour scheme changes, because labels and
// margins depend on both.
'use strict';

const page = { data: JSON.parse(document.getElementById('data').textContent), charts: [] };
window.addEventListener('error', (event) => { document.body.dataset.error = event.message; });

// ---- Numbers ----

function digits(value) {
  if (value === 0) return '0';
  return String(Number(value.toPrecision(value >= 1000 ? Math.ceil(Math.log10(value + 1)) : 3)));
}

function inUnits(value, units) {
  let unit = units[0];
  for (const next of units) if (Math.abs(value) >= next[0] * 0.9995) unit = next;
  return digits(value / unit[0]) + unit[1];
}

const text = {
  duration: (ns) => ns === 0 ? '0' :
    inUnits(ns, [[1, ' ns'], [1e3, ' µs'], [1e6, ' ms'], [1e9, ' s'], [60e9, ' min'], [3600e9, ' h']]),
  rate: (value) => inUnits(value, [[1, '/s'], [1e3, 'k/s'], [1e6, 'M/s']]),
  share: (value) => digits(value * 100) + ' %',
  count: (value) => inUnits(value, [[1, ''], [1e3, 'k'], [1e6, 'M'], [1e9, 'G']]),
};

/// What a figure's number means, by its name.
function kindOf(figure) {
  if (/(^|\.)(response_time|queue_time|produce_time|age)\.[^.]+$/.test(figure)) return 'duration';
  if (/share$|utilisation$/.test(figure)) return 'share';
  if (/(^|\.)(offered|throughput|goodput)$/.test(figure)) return 'rate';
  return 'count';
}
const figureText = (figure, value) => text[kindOf(figure)](value);

/// The step of `count` ticks or fewer over `length` ns that reads well on a clock.
function timeStep(length, count) {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500];
  const all = [1, 1e3, 1e6].flatMap((unit) => steps.map((step) => step * unit))
    .concat([1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400].map((step) => step * 1e9));
  return all.find((step) => length / step <= count) || Math.ceil(length / count / 86400e9) * 86400e9;
}

// ---- Elements and colours ----

function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name === 'class') made.className = value;
    else if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const palette = () => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => colour('c' + i));
const heat = () => [0, 1, 2, 3].map((i) => colour('heat' + i));
const outcomeColours = () => ({
  ok: colour('c2'), refused: colour('c1'), failed: colour('c3'), timed_out: colour('c4'),
});

/// A select of `options` ([value, text] pairs) that calls `change` with what was chosen.
function chooser(label, options, chosen, change) {
  const select = element('select', { onchange: () => change(select.value) });
  for (const [value, words] of options) {
    const option = element('option', { value }, words);
    if (value === String(chosen)) option.selected = true;
    select.append(option);
  }
  return element('label', {}, label, select);
}

// ---- Charts ----

function axisStyle() {
  return {
    axisLine: { lineStyle: { color: colour('line') } },
    axisLabel: { color: colour('soft'), hideOverlap: true },
    nameTextStyle: { color: colour('soft') },
    splitLine: { lineStyle: { color: colour('line'), opacity: 0.7 } },
  };
}

/// An axis with a name below or above it and labels made by `format`.
function axis(kind, name, format, more) {
  const style = axisStyle();
  const across = kind === 'x';
  return Object.assign({
    type: 'value', name, nameLocation: across ? 'middle' : 'end', nameGap: across ? 30 : 12,
    ...style, nameTextStyle: { ...style.nameTextStyle, align: across ? 'center' : 'left' },
    axisLabel: { ...style.axisLabel, formatter: format },
  }, more || {});
}

// ---- Charts over time ----

const timeAxis = (run, width) => axis('x', 'time', text.duration,
  { min: 0, max: run.length_ns, interval: timeStep(run.length_ns, width < 600 ? 4 : 8),
    axisLabel: { ...axisStyle().axisLabel, formatter: text.duration, showMaxLabel: false } });

function timeLine(run, name, color, rows, more) {
  return { name, type: 'line', symbol: 'none', color, data: rows, lineStyle: { width: 1.5 }, ...(more || {}) };
}

const timeTip = (format) => ({ trigger: 'axis', formatter: (items) =>
  `at ${text.duration(items[0].value[0])}<br>` + items.filter((item) => item.value[1] !== null)
    .map((item) => `${item.marker}${item.seriesName} ${format(item.value[1])}`).join('<br>') });

// ---- Frames ----

function baseOption() {
  return {
    animation: false, color: palette(), backgroundColor: 'transparent',
    textStyle: { color: colour('text'), fontFamily: 'system-ui, sans-serif' },
    grid: { left: 8, right: 22, top: 62, bottom: 34, containLabel: true },
    legend: { type: 'scroll', top: 0, left: 0, textStyle: { color: colour('text') },
      pageTextStyle: { color: colour('soft') }, pageIconColor: colour('soft'),
      pageIconInactiveColor: colour('line'), itemWidth: 18, itemHeight: 14 },
    tooltip: { confine: true, backgroundColor: colour('card'), borderColor: colour('line'),
      textStyle: { color: colour('text'), fontSize: 12 } },
  };
}

/// A chart in its frame. `option(width)` gives what ECharts draws over baseOption(), or null to hide
/// it; controls stand
/// between title and picture and call the returned redraw().
class Chart {
  constructor({ id, title, note, option, controls, wide, height }) {
    this.option = option;
    this.plot = element('div', { class: 'plot', role: 'img', 'aria-label': title + '. ' + note });
    if (height) this.plot.style.height = height + 'px';
    this.controls = element('div', { class: 'controls' }, ...(controls ? controls(this) : []));
    this.frame = element('figure', { class: wide ? 'chart wide' : 'chart', 'data-chart': id },
      element('h3', {}, title), element('p', { class: 'note' }, note), this.controls, this.plot);
    page.charts.push(this);
  }
  // Once it is in the document and has a width.
  start() {
    this.drawn = echarts.init(this.plot);
    this.drawn.on('finished', () => { this.frame.dataset.rendered = 'yes'; });
    this.redraw();
    new ResizeObserver(() => { this.drawn.resize(); this.redraw(); }).observe(this.plot);
  }
  redraw() {
    if (!this.drawn) return;
    const option = this.option(this.plot.clientWidth);
    this.frame.hidden = !option;
    if (!option) return;
    const base = baseOption();
    this.drawn.setOption({ ...base, ...option, grid: { ...base.grid, ...(option.grid || {}) },
      tooltip: { ...base.tooltip, ...(option.tooltip || {}) } }, true);
  }
}

function startCharts() {
  for (const chart of page.charts) chart.start();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const chart of page.charts) chart.redraw();
  });
}
