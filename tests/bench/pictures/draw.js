// An ECharts option as an SVG that looks the same everywhere: the background is painted, because
// READMEs are read on dark pages too, and the font is the reader's. The same option gives the same
// bytes: nothing moves, and ids do not count the pictures of the process.
'use strict';

const path = require('node:path');
const { Unusable } = require('./results.js');

// Those of the HTML reports (lib/headgate/report/html/page.css), as the light scheme has them.
const colours = ['#2563ab', '#c2570c', '#15803d', '#b91c1c', '#7c3aed', '#0e7490', '#be185d', '#57534e'];
const paint = { page: '#ffffff', text: '#1c1b19', soft: '#5f5c57', line: '#dcdad5' };
const size = { width: 900, height: 520 };

function charts() {
  const package_ = path.join(__dirname, '../../../build/npm/node_modules/echarts');
  try {
    return require(package_);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    throw new Unusable('no echarts in build/npm: cmake --preset release fetches it');
  }
}

/// An axis named along itself, `name` with its unit.
function axis(across, name, more) {
  return {
    type: 'value', name, nameLocation: 'middle', nameGap: across ? 28 : 46,
    nameTextStyle: { color: paint.text, fontSize: 12 },
    axisLine: { show: across, lineStyle: { color: paint.soft } }, axisTick: { show: across },
    splitLine: { show: !across, lineStyle: { color: paint.line } }, ...more,
    axisLabel: { color: paint.soft, fontSize: 11, ...(more || {}).axisLabel },
  };
}

/// A line through [x, value, low, high] and, behind it, a whisker from low to high at each x.
function line(name, color, rows, more) {
  const { xAxisIndex, yAxisIndex } = more || {};
  return [{
    name, type: 'line', data: rows.map(([x, value]) => [x, value]), color, symbol: 'circle', symbolSize: 6, z: 3,
    lineStyle: { width: 2 }, ...more,
  }, whiskers(name, color, rows, { xAxisIndex, yAxisIndex })];
}

/// The intervals of [x, value, low, high]; `shift` moves them across, by its pixels.
function whiskers(name, color, rows, more, shift = () => 0) {
  return {
    name, type: 'custom', data: rows, color, encode: { x: 0, y: [2, 3] }, z: 4, legendHoverLink: false, ...more,
    renderItem: (_, api) => {
      const [x, low] = api.coord([api.value(0), api.value(2)]);
      const high = api.coord([api.value(0), api.value(3)])[1];
      const at = x + shift(api);
      const lines = [[at - 4, low, at + 4, low], [at - 4, high, at + 4, high], [at, low, at, high]];
      return { type: 'group', children: lines.map(([x1, y1, x2, y2]) =>
        ({ type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: color, lineWidth: 1.2 } })) };
    },
  };
}

const titled = (text, subtext) => ({
  text, subtext, left: 14, top: 10, itemGap: 6, textStyle: { fontSize: 16, lineHeight: 21, fontWeight: 'bold', color: paint.text },
  subtextStyle: { fontSize: 12, lineHeight: 16, color: paint.soft },
});

/// The name of a panel, centred above it at `left`.
const heading = (text, left, top) => ({
  text, left, top, textAlign: 'center', textStyle: { fontSize: 13, fontWeight: 'normal', color: paint.text },
});

function draw(option) {
  const chart = charts().init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false, backgroundColor: paint.page, color: colours, ...option,
    textStyle: { fontFamily: 'sans-serif', color: paint.text },
    legend: { itemWidth: 24, itemHeight: 10, textStyle: { fontSize: 12, color: paint.text }, selectedMode: false, ...option.legend },
    series: option.series.map((one) => ({ silent: true, emphasis: { disabled: true }, ...one })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.replace(/\bzr\d+-/g, 'picture-') + '\n';
}

module.exports = { draw, axis, line, whiskers, titled, heading, colours, paint };
