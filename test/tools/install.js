/** Installs the tools of this folder, unless they are installed as its lock file says. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const cwd = import.meta.dirname;
const changedAt = (file) => statSync(`${cwd}/${file}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// npm writes this file when it has installed everything.
if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  console.log('Installing the tools that only test:all and mutate run ...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
