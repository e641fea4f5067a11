/** What the projects differ in. */
export interface Project {
  readonly nest: '12' | '11';
  /** The versions of everything that is a peer: see `dependencies/`. */
  readonly versions: 'newest' | 'lowest';
  readonly module: 'esm' | 'cjs';
  readonly builder: 'tsc' | 'swc';
  readonly node: '20.19' | '26';
  readonly adapter: 'express' | 'fastify';
  readonly models: 'plugin' | 'decorated';
  readonly validation: 'class-validator' | 'standard-schema' | 'nestjs-zod';
  readonly runner: 'vitest' | 'jest';
}

function project(
  nest: Project['nest'],
  module: Project['module'],
  builder: Project['builder'],
  node: Project['node'],
  adapter: Project['adapter'],
  models: Project['models'],
  validation: Project['validation'],
  runner: Project['runner'],
): Project {
  return { nest, versions: 'newest', module, builder, node, adapter, models, validation, runner };
}

/**
 * Eight projects in which each value of each of the first six columns meets each value of each other one (the
 * orthogonal array L8). Where the version of Nest decides there is no choice: Standard Schema came with Nest 12,
 * nestjs-zod 5 is for Nest 11 and older, and the runner is the one that `nest new` sets up.
 */
const NEWEST: readonly Project[] = [
  project('12', 'esm', 'tsc', '20.19', 'express', 'plugin', 'class-validator', 'vitest'),
  project('12', 'esm', 'swc', '20.19', 'fastify', 'decorated', 'standard-schema', 'vitest'),
  project('12', 'cjs', 'tsc', '26', 'express', 'decorated', 'standard-schema', 'jest'),
  project('12', 'cjs', 'swc', '26', 'fastify', 'plugin', 'class-validator', 'jest'),
  project('11', 'esm', 'tsc', '26', 'fastify', 'plugin', 'nestjs-zod', 'jest'),
  project('11', 'esm', 'swc', '26', 'express', 'decorated', 'class-validator', 'jest'),
  project('11', 'cjs', 'tsc', '20.19', 'fastify', 'decorated', 'class-validator', 'jest'),
  project('11', 'cjs', 'swc', '20.19', 'express', 'plugin', 'nestjs-zod', 'jest'),
];

/** What `nest new` makes today, on the Node that is the newest. */
const TODAY = project('12', 'esm', 'tsc', '26', 'express', 'decorated', 'class-validator', 'vitest');

/** The lowest versions that the package's peer ranges allow, each in what `nest new` made of them. */
const LOWEST: readonly Project[] = [
  project('12', 'esm', 'tsc', '20.19', 'express', 'decorated', 'class-validator', 'vitest'),
  project('11', 'cjs', 'tsc', '20.19', 'express', 'decorated', 'class-validator', 'jest'),
].map((newest) => ({ ...newest, versions: 'lowest' }));

export const PROJECTS: readonly Project[] = [...NEWEST, TODAY, ...LOWEST];
