// Draws the pictures of README. What they show comes from two files in each results/NAME: result.json,
// which README's table quotes, and picture.json, the same study at more loads (--measure writes it).
// Where both hold a point they must agree, so a picture cannot contradict the table. The gate's study
// measures for itself: its picture shows the data.json that ./dev bench gate leaves.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { draw } = require('./draw.js');
const { measure } = require('./measure.js');
const { agree, read, readAs, Unusable } = require('./results.js');

const studies = ['balancers', 'limiters', 'retries', 'buffering', 'gate'].map((name) => require(`./${name}.js`));

const help = `usage: tests/bench/pictures/run [OPTION...]
Draws results/NAME/picture.svg for ${studies.map(({ name }) => name).join(', ')}.

  --measure      first measure anew what pictures show beyond result.json: results/NAME/picture.json
  --check        draw into a temporary folder, and fail where the pictures in results differ
  --tiny         measure a little and draw it, in a temporary folder: shows that the study works
  --results DIR  read from here (results)
  --out DIR      write here (the same)
  --sim FILE     the simulator that measures (build/release/bin/sim)
  --help         this text

Exit codes: 0 drawn, 1 a picture is not current, 2 wrong usage or a result that is missing or not one.`;

function optionsOf(args) {
  const text = (value) => ({ type: 'string', default: value });
  const flag = { type: 'boolean', default: false };
  try {
    return parseArgs({ args, options: { measure: flag, check: flag, tiny: flag, help: flag,
      results: text('results'), out: text(undefined), sim: text('build/release/bin/sim') } }).values;
  } catch (error) {
    throw new Unusable(`${error.message}; see --help`);
  }
}

/// The picture of a study, from the table's results in `results` and the sweep's in `swept`.
function pictureOf(study, { results, swept, tiny }) {
  if (study.format) return draw(study.option(readAs(study.format, path.join(results, study.name, 'data.json'))));
  const table = read(path.join(results, study.name, 'result.json'));
  const sweep = read(path.join(swept, study.name, 'picture.json'));
  if (!tiny) agree(study, table, sweep);
  return draw(study.option(table, sweep));
}

/// Whether the picture in `results` is this one, said if not.
function isCurrent(study, results, svg) {
  const file = path.join(results, study.name, 'picture.svg');
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === svg) return true;
  console.error(`${file} is not what its results show: run ./dev bench pictures`);
  return false;
}

function main(options) {
  const temporary = options.tiny || options.check ? fs.mkdtempSync(path.join(os.tmpdir(), 'pictures-')) : null;
  const out = temporary || options.out || options.results;
  try {
    let current = true;
    for (const study of studies) {
      const folder = path.join(out, study.name);
      fs.mkdirSync(folder, { recursive: true });
      if (study.sweep && (options.tiny || options.measure)) measure(study, { sim: options.sim, folder, tiny: options.tiny });
      const swept = options.tiny || options.measure ? out : options.results;
      const svg = pictureOf(study, { ...options, swept });
      fs.writeFileSync(path.join(folder, 'picture.svg'), svg);
      console.log(`${String(Buffer.byteLength(svg)).padStart(6)} bytes  ${path.join(folder, 'picture.svg')}`);
      if (options.check) current = isCurrent(study, options.results, svg) && current;
    }
    return current ? 0 : 1;
  } finally {
    if (temporary) fs.rmSync(temporary, { recursive: true });
  }
}

try {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) console.log(help);
  else process.exitCode = main(options);
} catch (error) {
  if (!(error instanceof Unusable)) throw error;
  console.error(`pictures: ${error.message}`);
  process.exitCode = 2;
}
