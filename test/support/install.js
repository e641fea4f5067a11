/** Installs the packages of a folder with a lock file of its own, unless they are as it says: `node install.js FOLDER`. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const cwd = process.argv[2];
const changedAt = (file) => statSync(`${cwd}/${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes this file when it has installed everything.
if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  console.log(`Installing the packages of ${cwd} ...`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
