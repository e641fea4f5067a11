import { CallbackError } from './callback.errors.js';
// oxlint-disable-next-line import/default -- the default of a CommonJS module is what it exports with `export =`
import packageVersion from './package-version.cjs';

/** The oldest version of each package of the app that this package works with. */
const NEEDED = {
  '@nestjs/swagger': '11.1.4',
  axios: '1.8.0',
  bullmq: '5.71.0',
  'class-transformer': '0.5.1',
  'class-validator': '0.14.0',
  ioredis: '5.10.0',
  pg: '8.11.0',
} as const satisfies Record<Parameters<typeof packageVersion>[0], string>;

/** A package of the app is missing or too old. The message contains no value that was sent. */
export class PackageError extends CallbackError {
  override readonly name = 'PackageError';
  readonly code = 'CALLBACK_PACKAGE';
}

type PeerName = keyof typeof NEEDED;

/**
 * Rejects a package that is missing or too old, before its import fails with an error that does not say so.
 *
 * @param user - what needs it.
 * @throws PackageError that names the version needed and how to install it, in one line.
 */
export function requirePeer(name: PeerName, user: string): void {
  if (packageVersion(name) === undefined) {
    throw new PackageError(
      `${user} needs ${name} ${NEEDED[name]} or later, which is not installed. Fix: npm install ${name}`,
    );
  }
  refuseOldPeer(name, user);
}

/** Rejects a loaded package that is too old. A package whose version is unknown, as in some bundles, is accepted. */
export function refuseOldPeer(name: PeerName, user: string): void {
  const needed = NEEDED[name];
  const version = packageVersion(name);
  if (version === undefined || !isOlder(version, needed)) return;
  throw new PackageError(
    `${user} needs ${name} ${needed} or later, and ${version} is installed. Fix: npm install ${name}@^${needed}`,
  );
}

function isOlder(version: string, needed: string): boolean {
  const [parts, least] = [versionPartsOf(version), versionPartsOf(needed)];
  const different = least.findIndex((part, index) => part !== parts[index]);
  return different !== -1 && parts[different]! < least[different]!;
}

/** Returns the three numbers of a version, without a pre-release tag. */
function versionPartsOf(version: string): number[] {
  return version.split(/[.-]/, 3).map(Number);
}
