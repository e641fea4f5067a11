/**
 * Builds what `npm start` runs: the library as ES modules and the two apps. It skips what has not changed since the
 * last build, and prints a line for each step.
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
    console.log(`Not changed since the last build: ${title}`);
    return;
  }
  console.log(`Building ${title} ...`);
  const [code] = await once(spawn('nest', ['build', project], { stdio: 'inherit' }), 'exit');
  if (code !== 0) {
    console.error(`Could not build ${title}: see above.`);
    process.exit(1);
  }
  // Before the build, so that files saved during it are newer than the stamp.
  mkdirSync('dist', { recursive: true });
  writeFileSync(stamp, '');
  utimesSync(stamp, started, started);
}

/**
 * Returns when the newest of these files and folders changed, in ms. The time of a folder shows whether files were
 * deleted.
 */
function changedAt(paths) {
  return Math.max(
    ...paths.map((path) => {
      const entry = statSync(path);
      if (!entry.isDirectory()) return entry.mtimeMs;
      return Math.max(entry.mtimeMs, changedAt(readdirSync(path).map((name) => join(path, name))));
    }),
  );
}
