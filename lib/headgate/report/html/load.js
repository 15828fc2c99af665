// Puts the page of a load run together: the verdict and the figures that matter first, then what was
// expected, charts, every timing, errors, and under which circumstances it was measured.
'use strict';

function verdictBadges() {
  const valid = results.verdict === 'valid';
  const failed = results.expect.some((check) => !check.passed);
  const badges = [element('span', { class: 'badge ' + (valid ? 'yes' : 'no') }, valid ? 'valid' : 'INVALID')];
  if (results.expect.length) {
    badges.push(element('span', { class: 'badge ' + (valid ? (failed ? 'no' : 'yes') : 'unsure') },
      failed ? 'not as expected' : 'as expected'));
  }
  if (results.interrupted) badges.push(element('span', { class: 'badge unsure' }, 'interrupted'));
  return badges;
}

function heading() {
  const { manifest } = results;
  return element('header', {},
    element('h1', {}, document.title),
    element('p', { class: 'controls' }, ...verdictBadges()),
    ...results.causes.map((cause) => element('p', { class: 'no' }, cause)),
    element('p', { class: 'soft' }, `${results.load}; ${text.duration(results.duration_ns)}, seed ${results.seed}, ${manifest.started_at}`));
}

function tile(name, value, note) {
  return element('div', { class: 'card tile' }, element('span', { class: 'soft' }, name),
    element('strong', {}, value), element('span', { class: 'note' }, note || ''));
}

function tiles() {
  const { totals, response_time: response } = results;
  const wrong = totals.scheduled - totals.ok;
  const bad = outcomes.slice(1).filter(([key]) => totals[key] > 0).map(([key, name]) => `${whole(totals[key])} ${name}`);
  const times = response.count ? ['p50', 'p99', 'max'].map((name) =>
    tile('response time ' + name, text.duration(response[name + '_ns']),
      name === 'max' && response.censored ? `${whole(response.censored)} of ${whole(response.count)} at least this long` : '')) : [];
  return element('section', { class: 'tiles' },
    tile('answered', text.rate(results.throughput_per_s), `${text.rate(results.offered_per_s)} offered`), ...times,
    tile('not served', totals.scheduled ? text.share(wrong / totals.scheduled) : '–', bad.join(', ') || `all ${whole(totals.scheduled)} ok`));
}

/// 30 000 scheduled = 29 990 ok + …: to be checked by eye.
function conservation() {
  const { totals } = results;
  return element('p', { class: 'soft' }, `${whole(totals.scheduled)} scheduled = ` +
    outcomes.map(([key, name]) => `${whole(totals[key])} ${name}`).join(' + ') + '.');
}

function tableOf(titles, rows, wordy) {
  return element('div', { class: 'card scroll' }, element('table', {},
    element('thead', {}, element('tr', {}, ...titles.map((title, i) => element('th', { class: i < wordy ? '' : 'number' }, title)))),
    element('tbody', {}, ...rows.map((cells) => element('tr', {},
      ...cells.map((cell, i) => element('td', { class: i < wordy ? '' : 'number' }, cell)))))));
}

function timingsTable() {
  const named = [['response time', results.response_time], ['service time', results.service_time], ['send lag', results.send_lag],
    ['first byte', results.first_byte_time], ['connect', results.connect_time], ['TLS handshake', results.tls_time],
    ...Object.entries(results.status_classes).map(([name, part]) => ['answers ' + name, part.response_time]),
    ...(Object.keys(results.targets).length > 1 ? Object.entries(results.targets).map(([name, part]) => [name, part.response_time]) : [])];
  const quantiles = ['mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'];
  return element('section', {}, element('h2', {}, 'Timings'),
    element('p', { class: 'note' }, 'Response time is from the intended time, service time from the actual send. Censored: given up or ' +
      'cut off, counted as long as they had taken by then. Answers by status are timed whatever they say.'),
    tableOf(['', 'count', 'censored', ...quantiles], named.filter(([, timing]) => timing.count > 0).map(([name, timing]) =>
      [name, whole(timing.count), timing.censored ? whole(timing.censored) : '', ...quantiles.map((key) => text.duration(timing[key + '_ns']))]), 1));
}

function errorsTable() {
  const rows = [...Object.entries(results.statuses).map(([status, count]) => ['status ' + status, '', whole(count)]),
    ...Object.entries(results.errors).map(([kind, count]) => [kind.replaceAll('_', ' '),
      Object.entries(results.errnos[kind] || {}).map(([name, times]) => `${name} ${whole(times)}`).join(', '), whole(count)])];
  if (!rows.length) return null;
  return element('section', {}, element('h2', {}, 'Answers and errors'), tableOf(['', 'of which', 'count'], rows, 2));
}

function targetsTable() {
  const names = Object.keys(results.targets);
  if (names.length < 2) return null;
  const keys = ['sent', 'ok', 'refused', 'failed', 'timed_out', 'in_flight'];
  return element('section', {}, element('h2', {}, 'Targets'), tableOf(['', ...keys.map((key) => key.replace('_', ' '))],
    names.map((name) => [name, ...keys.map((key) => whole(results.targets[name][key]))]), 1));
}

function circumstances() {
  const { manifest, generator } = results;
  const rows = [['command', manifest.command.join(' ')], ['version', `${manifest.version}, ${manifest.compiler}, ${manifest.build}`],
    ['machine', `${manifest.cpu}, ${manifest.cores} cores, ${manifest.kernel}`],
    ['generator', `${whole(generator.connections)} connections, busiest thread ${text.share(generator.cpu_share_max)} of a core, ` +
      `late by ${text.duration(generator.lateness_p99_ns)} (p99)`]];
  return element('details', { class: 'card' }, element('summary', {}, 'Circumstances'), tableOf(['', ''], rows, 2));
}

function build() {
  const charts = loadCharts();
  document.querySelector('main').append(...[heading(), tiles(), conservation(), checksTable(),
    charts.length ? element('section', {}, element('h2', {}, 'Over time'), element('div', { class: 'grid' }, ...charts.map((chart) => chart.frame))) : null,
    timingsTable(), errorsTable(), targetsTable(), circumstances()].filter(Boolean));
  startCharts();
  document.body.dataset.charts = String(document.querySelectorAll('[data-chart]').length);
}

build();
