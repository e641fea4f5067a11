/** Each name is written out: a bundler finds what it has to bring along. */
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
 * The version of a package that the app brings, read when it is called: `undefined` if it is not installed. CommonJS in
 * both builds: no ES module can do that without `import.meta`, which the CommonJS build cannot have.
 */
function packageVersion(name: PackageName): string | undefined {
  try {
    return (MANIFESTS[name]() as { version: string }).version;
  } catch {
    return undefined;
  }
}

export = packageVersion;
