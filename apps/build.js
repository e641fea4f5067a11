/**
 * Builds what `npm start` runs: the library as ES modules and the two apps. Skips what has not changed since it was last
 * built here, and says what it does, a line for each step.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CONFIGURATION = ['package-lock.json', 'nest-cli.json', 'tsconfig.json'];
const LIBRARY = ['libs/callbacks/src', 'libs/callbacks/tsconfig.lib.json'];

const library = { project: 'callbacks', title: 'the library', sources: LIBRARY, output: 'libs/callbacks/dist' };
const invoices = {
  project: 'invoices',
  title: 'the invoices API',
  sources: ['apps/invoices', ...LIBRARY],
  output: 'dist/apps/invoices',
};
const receiver = {
  project: 'receiver',
  title: 'the receiver',
  sources: ['apps/receiver'],
  output: 'dist/apps/receiver',
};

await Promise.all([build(library).then(() => build(invoices)), build(receiver)]);

async function build({ project, title, sources, output }) {
  const stamp = `dist/${project}.built`;
  const started = new Date();
  if (existsSync(output) && existsSync(stamp) && changedAt([...CONFIGURATION, ...sources]) < statSync(stamp).mtimeMs) {
    console.log(`Not changed since it was built: ${title}`);
    return;
  }
  console.log(`Building ${title} ...`);
  const [code] = await once(spawn('nest', ['build', project], { stdio: 'inherit' }), 'exit');
  if (code !== 0) {
    console.error(`Could not build ${title}: see above.`);
    process.exit(1);
  }
  // What is saved during a build is newer than its stamp.
  mkdirSync('dist', { recursive: true });
  writeFileSync(stamp, '');
  utimesSync(stamp, started, started);
}

/** When the newest of these files and folders changed, in ms. The time of a folder tells of files that are gone. */
function changedAt(paths) {
  return Math.max(
    ...paths.map((path) => {
      const entry = statSync(path);
      if (!entry.isDirectory()) return entry.mtimeMs;
      return Math.max(entry.mtimeMs, changedAt(readdirSync(path).map((name) => join(path, name))));
    }),
  );
}
