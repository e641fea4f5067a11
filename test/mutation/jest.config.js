import { join } from 'node:path';
import jest from '../../jest.config.js';

/** The tests that must notice a mutant of each folder. If they need apps, one file gathers them. */
const TESTS = {
  expression: ['libs/callbacks/src/expression/**/*.spec.ts'],
  contract: [
    'libs/callbacks/src/{contract,message,decorators,testing}/**/*.spec.ts',
    'test/e2e/{send,problems}.spec.ts',
    'test/mutation/document.spec.ts',
  ],
  document: ['libs/callbacks/src/{document,openapi}/**/*.spec.ts', 'test/mutation/document.spec.ts'],
  'receiver-document': ['libs/callbacks/src/receiver-document/**/*.spec.ts', 'test/mutation/receiver-document.spec.ts'],
  'delivery/egress': [
    'libs/callbacks/src/delivery/egress/**/*.spec.ts',
    'libs/callbacks/src/delivery/transport/egress.spec.ts',
  ],
};

export const folder = process.env['MUTATE'] ?? 'expression';
if (!Object.hasOwn(TESTS, folder)) throw new Error(`MUTATE must be one of ${Object.keys(TESTS).join(', ')}.`);

const [{ displayName: _name, ...project }] = jest.projects;

export default {
  ...project,
  moduleNameMapper: {
    '/validate-documents\\.js$': '<rootDir>/test/mutation/no-validators.ts',
    ...project.moduleNameMapper,
  },
  testEnvironment: join(import.meta.dirname, 'ends-on-failure.cjs'),
  testMatch: TESTS[folder].map((pattern) => `<rootDir>/${pattern}`),
};
