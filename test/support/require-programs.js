import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The programs outside npm that `npm run test:all` runs, and the Debian packages that bring them. */
const PROGRAMS = { chromium: 'chromium', 'redis-server': 'redis-server', unshare: 'util-linux', ip: 'iproute2' };

const missing = Object.keys(PROGRAMS).filter((program) => !isOnPath(program));
if (missing.length > 0) {
  const packages = missing.map((program) => PROGRAMS[program]).join(' ');
  console.error(`test:all needs ${missing.join(' and ')} on the PATH. On Debian: apt-get install ${packages}`);
  process.exit(1);
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
