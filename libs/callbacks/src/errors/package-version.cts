/** Each name is a literal, so that bundlers include the file. */
const MANIFESTS = {
  '@nestjs/swagger': () => require('@nestjs/swagger/package.json'),
  axios: () => require('axios/package.json'),
  bullmq: () => require('bullmq/package.json'),
  'class-transformer': () => require('class-transformer/package.json'),
  'class-validator': () => require('class-validator/package.json'),
  ioredis: () => require('ioredis/package.json'),
  pg: () => require('pg/package.json'),
};

type PackageName = keyof typeof MANIFESTS;

/**
 * Returns the installed version of a package of the app, or `undefined`. This file is CommonJS in both builds: an ES
 * module would need `import.meta`, which the CommonJS build cannot have.
 */
function packageVersion(name: PackageName): string | undefined {
  try {
    return (MANIFESTS[name]() as { version: string }).version;
  } catch {
    return undefined;
  }
}

export = packageVersion;
