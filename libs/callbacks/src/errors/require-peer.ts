import { CallbackError } from './callback.error.js';
// oxlint-disable-next-line import/default -- the default of a CommonJS module is what it exports with `export =`
import packageVersion from './package-version.cjs';

/** The first version of each package that the app brings which this one works with. */
const NEEDED = {
  '@nestjs/swagger': '11.1.4',
  axios: '1.8.0',
  bullmq: '5.71.0',
  'class-transformer': '0.5.1',
  'class-validator': '0.14.0',
  ioredis: '5.10.0',
  pg: '8.11.0',
} as const satisfies Record<Parameters<typeof packageVersion>[0], string>;

/** A package that the app brings is missing or too old. Its message holds no value that was sent. */
export class PackageError extends CallbackError {
  override readonly name = 'PackageError';
  readonly code = 'CALLBACK_PACKAGE';
}

type PeerName = keyof typeof NEEDED;

/**
 * Refuses a package that is missing or too old, before an import of it fails with an error that does not say so.
 *
 * @param user - what needs it.
 * @throws PackageError in one line, with the version that is needed and how to install it.
 */
export function requirePeer(name: PeerName, user: string): void {
  if (packageVersion(name) === undefined) {
    throw new PackageError(
      `${user} needs ${name} ${NEEDED[name]} or later, which is not installed. Fix: npm install ${name}`,
    );
  }
  refuseOldPeer(name, user);
}

/** The same for a package that is loaded already: where nobody knows its version, as in some bundles, it is accepted. */
export function refuseOldPeer(name: PeerName, user: string): void {
  const needed = NEEDED[name];
  const version = packageVersion(name);
  if (version === undefined || !isOlder(version, needed)) return;
  throw new PackageError(
    `${user} needs ${name} ${needed} or later, and ${version} is installed. Fix: npm install ${name}@^${needed}`,
  );
}

function isOlder(version: string, needed: string): boolean {
  const [parts, least] = [partsOf(version), partsOf(needed)];
  const different = least.findIndex((part, index) => part !== parts[index]);
  return different !== -1 && parts[different]! < least[different]!;
}

/** The three numbers of a version, without what follows them in that of a pre-release. */
function partsOf(version: string): number[] {
  return version.split(/[.-]/, 3).map(Number);
}
