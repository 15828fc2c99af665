// Puts the page together: the question and the answer, then what was expected, charts over the
// points, charts over time of one point, and all figures. A chart that has nothing to show is left
// out.
'use strict';

function heading() {
  const results = page.data.results;
  const unsure = results.expect.some((check) => check.certain === false);
  const [word, label] = !results.expect.length ? ['', 'nothing was expected'] :
    results.expect.some((check) => !check.passed && check.certain !== false) ? ['no', 'not as expected'] :
      unsure ? ['unsure', 'in doubt: the run is too short'] : ['yes', 'as expected'];
  const requests = points.reduce((sum, point) => sum + point.totals.scheduled, 0);
  return element('header', {},
    element('h1', {}, results.question || document.title),
    element('p', {}, element('span', { class: 'badge ' + word }, label)),
    element('p', { class: 'soft' }, `${points.length} point${points.length === 1 ? '' : 's'}, ` +
      `${text.count(requests)} requests measured, seed ${results.seed}` + (results.interrupted ? '; interrupted' : '')));
}

function section(title, note, controls, frames) {
  if (!frames.length) return null;
  return element('section', {}, element('h2', {}, title), note ? element('p', { class: 'note' }, note) : null,
    controls ? element('div', { class: 'controls' }, controls) : null, element('div', { class: 'grid' }, ...frames));
}

function build() {
  if (recorded.length) shown.index = recorded[recorded.length - 1].index;
  const figures = figuresShown();
  const over = points.length > 1 ? [againstChart(figures), besideChart(figures), mapChart(figures), differencesChart()] : [];
  over.push(curvesChart());
  const replay = makeReplay();
  const time = [...timeCharts(), sankeyChart(), warmupChart()].filter(Boolean);
  for (const chart of time) shown.listeners.push(() => chart.redraw());
  const limited = recorded.length < points.length ? ` Shown for the first ${recorded.length} of ${points.length} points.` : '';
  document.querySelector('main').append(...[
    heading(), checksTable(),
    section('Points', '', null, over.filter(Boolean).map((chart) => chart.frame)),
    section('Over time', 'The first replication of one point, from its first request to its last answer.' + limited,
      recorded.length > 1 ? pointControl() : null, [...time.map((chart) => chart.frame), ...(replay ? [replay.frame] : [])]),
    figuresSection()].filter(Boolean));
  startCharts();
  if (replay) replay.start();
  document.body.dataset.charts = String(document.querySelectorAll('[data-chart]').length);
}

build();
