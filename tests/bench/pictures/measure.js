// Measures what a picture shows beyond its table: a shipped scenario with more values in its sweep,
// changed by --set alone, so that the manifest beside the results is the whole recipe.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { read, reduced, Unusable } = require('./results.js');

/// The results of the sweep and their manifest, from a file that is gone afterwards: what the
/// manifest calls whole.json.
function run({ scenario, set, tinySet, flags }, sim, tiny) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sweep-'));
  const whole = path.join(folder, 'whole.json');
  try {
    const settings = [...set, 'expect=[]', ...(tiny ? tinySet : [])].flatMap((words) => ['--set', words]);
    const ended = spawnSync(sim, ['run', scenario, ...settings, ...(flags || []), '--json', whole], { encoding: 'utf8' });
    if (ended.error) throw new Unusable(`cannot run ${sim} (${ended.error.code}): run ./dev build`);
    if (ended.status !== 0) throw new Unusable(`sim run ${scenario}: ${ended.stderr || ended.stdout}`);
    const manifest = JSON.parse(fs.readFileSync(`${whole}.manifest.json`, 'utf8'));
    manifest.command = manifest.command.map((word) => word === whole ? 'whole.json' : word);
    return { results: read(whole), manifest };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/// Writes picture.json and its manifest into `folder`, a point a line.
function measure({ sweep }, { sim, folder, tiny }) {
  const { results, manifest } = run(sweep, sim, tiny);
  const { points, ...head } = reduced(results, sweep.figures);
  const lines = points.map((point) => JSON.stringify(point)).join(',\n');
  fs.writeFileSync(path.join(folder, 'picture.json'), `${JSON.stringify(head).slice(0, -1)},"points":[\n${lines}]}\n`);
  fs.writeFileSync(path.join(folder, 'picture.json.manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

module.exports = { measure };
