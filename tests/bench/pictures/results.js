// Results of `sim run --json` as the pictures need them: read, looked up, reduced, compared.
'use strict';

const fs = require('node:fs');

/// Something that whoever called can put right; the message says what.
class Unusable extends Error {}

/// The JSON of a file that says it is of this format.
function readAs(format, file) {
  let text;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new Unusable(`cannot read ${file} (${error.code})`);
  }
  let results = null;
  try {
    results = JSON.parse(text);
  } catch {
    // Not JSON: not of the format either.
  }
  if (!results || results.format !== format) throw new Unusable(`${file} is not of format ${format}`);
  return results;
}

function read(file) {
  const results = readAs('headgate.sim/1', file);
  if (Array.isArray(results.points)) return results;
  throw new Unusable(`${file} has no points`);
}

/// The figure of a point by its dotted name, `response_time.p99_ns`; undefined if there is none.
const figureOf = (point, name) => name.split('.').reduce((found, part) => found && found[part], point);

/// The estimate, with its value and interval, that a figure of a point must be.
function estimateOf(point, name) {
  const found = figureOf(point, name);
  if (found && typeof found.value === 'number') return found;
  throw new Unusable(`there is no ${name} at ${JSON.stringify(point.at)}: measure anew`);
}

const isAt = (point, at) => Object.entries(at).every(([name, value]) => point.at[name] === value);

/// The point with these values of the swept dimensions.
function pointAt(results, at) {
  const found = results.points.find((point) => isAt(point, at));
  if (!found) throw new Unusable(`no point at ${JSON.stringify(at)}: measure anew`);
  return found;
}

/// The values of a dimension, in the order of the sweep.
const valuesOf = (results, dimension) => [...new Set(results.points.map((point) => point.at[dimension]))];

/// [x, value, low, high] of a figure at each of the points, in `unit`.
function rowsOf(points, figure, unit, x) {
  return points.map((point) => {
    const { value, low, high } = estimateOf(point, figure);
    return [x(point), value / unit, low / unit, high / unit];
  });
}

/// What `figures` name and no more: histograms are a hundred times of what is drawn.
function reduced(results, figures) {
  const points = results.points.map((point) => {
    const kept = { at: point.at };
    for (const name of figures) {
      const value = figureOf(point, name);
      if (value === undefined) continue;
      const parts = name.split('.');
      const last = parts.pop();
      parts.reduce((into, part) => into[part] ??= {}, kept)[last] = value;
    }
    return kept;
  });
  return { format: results.format, question: results.question, seed: results.seed, points };
}

/// Requires each point of the table to have the same figures in the sweep, if the sweep has the point.
function agree(study, table, sweep) {
  if (!study.common) return;
  for (const point of table.points) {
    const same = pointAt(sweep, { ...point.at, ...study.common.at });
    for (const name of study.common.figures) {
      if (estimateOf(point, name).value === estimateOf(same, name).value) continue;
      throw new Unusable(`${study.name}: result.json and picture.json have two values of ${name} at ` +
        `${JSON.stringify(point.at)}: run tests/bench/pictures/run --measure`);
    }
  }
}

module.exports = { Unusable, read, readAs, estimateOf, pointAt, valuesOf, rowsOf, reduced, agree };
