import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian keeps the programs of each major version: not on the PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** The path of a program of PostgreSQL, of the newest version that is installed. */
export function findPostgres(program: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((one, other) => Number(other) - Number(one)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const folder = folders.find((one) => existsSync(join(one, program)));
  if (folder === undefined) throw new Error(`There is no ${program}. Fix: on Debian, apt-get install postgresql.`);
  return join(folder, program);
}
