/** One transform for all projects: SWC with the decorator metadata that Nest reads. */
const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^nestjs-callbacks$': '<rootDir>/libs/callbacks/src/index.ts',
    '^nestjs-callbacks/(sqlite|bullmq|postgres|bull-board|testing)$': '<rootDir>/libs/callbacks/src/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^(\\./(?:load-libsql|package-version))\\.cjs$': '$1.cts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/libs/callbacks/dist/', '<rootDir>/coverage/'],
  transform: {
    '^.+\\.c?ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          experimental: { keepImportAttributes: true },
          keepClassNames: true,
        },
      },
    ],
  },
};

export default {
  // Many tests wait for a timer or another process: on two cores, three workers take half the time of one.
  maxWorkers: 3,
  // A worker with a heap of 1 GB takes a while to end.
  workerGracefulExitTimeout: 10_000,
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/{libs,apps}/*/src/**/*.spec.ts'] },
    { ...base, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'] },
    { ...base, displayName: 'built', testMatch: ['<rootDir>/test/built/**/*.spec.ts'] },
    { ...base, displayName: 'tools', testMatch: ['<rootDir>/test/tools/**/*.spec.ts'] },
    { ...base, displayName: 'crash', testMatch: ['<rootDir>/test/crash/**/*.spec.ts'] },
    { ...base, displayName: 'liveness', testMatch: ['<rootDir>/test/liveness/**/*.spec.ts'] },
    { ...base, displayName: 'compat', testMatch: ['<rootDir>/test/compat/*.spec.ts'] },
    { ...base, displayName: 'browser', testMatch: ['<rootDir>/test/browser/**/*.spec.ts'] },
  ],
};
