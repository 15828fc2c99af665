// Where requests went and what became of them (Sankey), and the warm-up with the cut that was found.
'use strict';

const kTargetsApart = 12;

/// Requests to targets, or to services if there are more targets than can be told apart; then by
/// attempts, then by outcome. Links of nothing are left out.
function flowLinks(point) {
  const apart = point.targets.length <= kTargetsApart;
  const without = { ok: 'topic or cache', refused: 'refused by the gateway' };
  const placeOf = ({ target, answer }) => target < 0 ? without[answer] || 'no target' :
    apart ? point.targets[target] : point.targets[target].replace(/\/[^/]*$/, '');
  const retried = point.flows.some((flow) => flow.retried);
  const links = new Map();
  const add = (source, target, requests) => {
    const key = source + '\n' + target;
    links.set(key, (links.get(key) || 0) + requests);
  };
  for (const flow of point.flows) {
    const place = placeOf(flow);
    const outcome = flow.answer.replace('_', ' ') + ' ';
    add('requests', place, flow.requests);
    if (!retried || flow.target < 0) {
      add(place, outcome, flow.requests);
      continue;
    }
    const attempts = flow.retried ? 'tried again' : 'one attempt';
    add(place, attempts, flow.requests);
    add(attempts, outcome, flow.requests);
  }
  return [...links].map(([key, value]) => {
    const [source, target] = key.split('\n');
    return { source, target, value };
  });
}

function sankeyOption(width) {
  const links = flowLinks(page.data.points[shown.index]);
  const total = links.filter((link) => link.source === 'requests').reduce((sum, link) => sum + link.value, 0);
  const colours = outcomeColours();
  const names = [...new Set(links.flatMap((link) => [link.source, link.target]))];
  const depthOf = (name) => name.endsWith(' ') ? { depth: Math.max(2, links.some((link) => link.target === 'one attempt') ? 3 : 2) } : {};
  return {
    legend: { show: false }, tooltip: { trigger: 'item', formatter: (item) => item.dataType === 'edge' ?
      `${item.data.source} → ${item.data.target}<br>${text.count(item.data.value)} (${text.share(item.data.value / total)})` :
      `${item.name}<br>${text.count(item.value)} (${text.share(item.value / total)})` },
    series: [{
      type: 'sankey', left: 4, right: width < 600 ? 90 : 130, top: 8, bottom: 8, nodeWidth: 12, nodeGap: 9, draggable: false,
      emphasis: { focus: 'adjacency' }, label: { color: colour('text'), width: width < 600 ? 80 : 150, overflow: 'truncate' },
      lineStyle: { color: 'source', opacity: 0.35 },
      data: names.map((name) => ({ name, ...depthOf(name),
        itemStyle: { color: colours[name.trim().replace(' ', '_')] || (name === 'refused by the gateway' ? colours.refused : colour('c0')) } })),
      links,
    }],
  };
}

function sankeyChart() {
  if (!recorded.some(({ point }) => point.flows.length)) return null;
  return new Chart({ id: 'sankey', title: 'Where requests went', wide: true, height: 300, option: sankeyOption,
    note: 'Measured requests of the first replication: the target of the last attempt, and the outcome.' });
}

// ---- Warm-up ----

const warmupOf = (index) => points[index].warmup && points[index].warmup.means_ns ? points[index].warmup : null;

function warmupOption(width) {
  const warmup = warmupOf(shown.index);
  if (!warmup) return null;
  const rows = warmup.means_ns.map((mean, i) => [(i + 0.5) * warmup.batch_size, mean]);
  return {
    legend: { show: false }, grid: { top: 34 },
    xAxis: axis('x', 'request', text.count, { splitNumber: width < 600 ? 4 : 8 }),
    yAxis: axis('y', 'response time, mean of the pilots', text.duration, { min: 0 }),
    tooltip: { trigger: 'axis', formatter: (items) => `request ${text.count(items[0].value[0])}<br>${text.duration(items[0].value[1])}` },
    series: [{ type: 'line', symbol: 'none', color: colour('c0'), data: rows, lineStyle: { width: 1.5 },
      markLine: { silent: true, symbol: 'none', lineStyle: { color: colour('c3'), type: 'solid' },
        label: { formatter: 'measured from here', color: colour('c3'), position: 'insideEndTop' }, data: [{ xAxis: warmup.requests }] } }],
  };
}

function warmupChart() {
  if (!points.some((point, index) => warmupOf(index))) return null;
  return new Chart({ id: 'warmup', title: 'Warm-up', option: warmupOption,
    note: 'The course of the response time in pilot runs, and what MSER-5 leaves out of it.' });
}
