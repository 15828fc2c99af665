// The tables of the page: what was expected and what was seen, and every figure with its interval.
'use strict';

function checksTable() {
  const checks = page.data.results.expect;
  if (!checks.length) return null;
  const word = (check) => check.certain === false ? 'unsure' : check.passed ? 'yes' : 'no';
  return element('section', {}, element('h2', {}, 'Expected'),
    element('div', { class: 'card' }, element('table', { class: 'checks' },
      element('thead', {}, element('tr', {}, ...['holds', 'expected', 'observed', 'why'].map((title) => element('th', {}, title)))),
      element('tbody', {}, ...checks.map((check) => element('tr', {},
        element('td', { class: 'word' }, element('span', { class: 'badge ' + word(check) }, word(check))),
        element('td', {}, check.expect), element('td', {}, check.observed), element('td', { class: 'soft' }, check.why || '')))))));
}

function figureRows(point) {
  const rows = [];
  for (const figure of figuresShown()) {
    const e = estimateOf(point, figure);
    if (!e) continue;
    const cells = e.confidence > 0 ? [e.value, e.low, e.high] : [e.value];
    rows.push(element('tr', {}, element('td', {}, figure),
      ...cells.map((value) => element('td', { class: 'number' }, figureText(figure, value)))));
  }
  return rows;
}

function figuresTable(point, open) {
  const totals = point.totals;
  const counts = ['scheduled', 'ok', 'refused', 'failed', 'timed_out'].map((name) => `${name.replace('_', ' ')} ${totals[name]}`);
  const details = element('details', { class: 'card' }, element('summary', {}, pointLabel(point.at)),
    element('p', { class: 'note' }, `${point.replications} replication${point.replications === 1 ? '' : 's'}: ${counts.join(', ')}`),
    element('div', { class: 'scroll' }, element('table', {},
      element('thead', {}, element('tr', {}, element('th', {}, 'figure'),
        ...['value', 'low', 'high'].map((title) => element('th', { class: 'number' }, title)))),
      element('tbody', {}, ...figureRows(point)))));
  details.open = open;
  return details;
}

function figuresSection() {
  return element('section', {}, element('h2', {}, 'Figures'),
    element('p', { class: 'note' }, 'low and high: the 95 % interval.'),
    ...points.map((point) => figuresTable(point, points.length === 1)));
}
