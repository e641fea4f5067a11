/**
 * Fails at once if a program is missing that `npm run test:all` needs and npm does not install. The error says how to
 * install it.
 */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The folder in which Debian keeps the programs of each major version of PostgreSQL, which is not on the PATH. */
const POSTGRESQL = '/usr/lib/postgresql';

/** The folders of each program, and the Debian package that brings it. */
const path = (process.env.PATH ?? '').split(delimiter);
const postgresql = existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL).map((major) => join(POSTGRESQL, major, 'bin')) : [];
const PROGRAMS = [
  { name: 'chromium', folders: path, debian: 'chromium' },
  { name: 'redis-server', folders: path, debian: 'redis-server' },
  { name: 'unshare', folders: path, debian: 'util-linux' },
  { name: 'ip', folders: path, debian: 'iproute2' },
  { name: 'python3', folders: path, debian: 'python3' },
  { name: 'postgres', folders: [...path, ...postgresql], debian: 'postgresql' },
  { name: 'pgbouncer', folders: path, debian: 'pgbouncer' },
];

const missing = PROGRAMS.filter(({ name, folders }) => !folders.some((folder) => isExecutable(join(folder, name))));
if (missing.length > 0) {
  const names = missing.map(({ name }) => name).join(', ');
  const packages = missing.map(({ debian }) => debian).join(' ');
  console.error(
    `npm run test:all cannot find ${names}.\nFix: on Debian, apt-get install ${packages}; elsewhere, put them on the PATH.`,
  );
  process.exit(1);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
