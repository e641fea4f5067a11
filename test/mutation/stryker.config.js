import { folder } from './jest.config.js';

export default {
  mutate: [`libs/callbacks/src/${folder}/**/*.ts`, '!**/*.spec.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  jest: { configFile: 'test/mutation/jest.config.js', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  timeoutMS: 20_000,
  concurrency: 2,
  ignorePatterns: ['coverage', 'dist', 'docs', 'libs/callbacks/dist', 'libs/callbacks/cjs/dist'],
  tempDirName: 'coverage/stryker',
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { logTests: false, allowColor: false },
  jsonReporter: { fileName: `coverage/mutation/${folder.replace('/', '-')}.json` },
};
