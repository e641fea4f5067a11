/** What the projects differ in. */
export interface Project {
  /** Its number in docs/compatibility.md. */
  readonly row: number;
  readonly nest: '12' | '11';
  /** The file in `dependencies/` that has its versions. */
  readonly dependencies: string;
  readonly manager: 'npm' | 'pnpm';
  readonly module: 'esm' | 'cjs';
  readonly builder: 'tsc' | 'swc';
  readonly node: '20.19' | '26';
  readonly adapter: 'express' | 'fastify';
  readonly models: 'plugin' | 'decorated';
  readonly validation: 'class-validator' | 'standard-schema' | 'nestjs-zod';
  readonly runner: 'vitest' | 'jest';
  /** The options of its tsconfig.json that differ from those of `nest new`. */
  readonly compilerOptions: Readonly<Record<string, boolean>>;
}

type NewProject = Omit<Project, 'row'>;

/** A project with the newest versions, installed by npm. */
function project(
  nest: Project['nest'],
  module: Project['module'],
  builder: Project['builder'],
  node: Project['node'],
  adapter: Project['adapter'],
  models: Project['models'],
  validation: Project['validation'],
  runner: Project['runner'],
): NewProject {
  const dependencies = `nest-${nest}`;
  const columns = { nest, module, builder, node, adapter, models, validation, runner };
  return { ...columns, dependencies, manager: 'npm', compilerOptions: {} };
}

/**
 * Eight projects in which each value of each of the first six columns meets each value of each other one (the
 * orthogonal array L8). Where the version of Nest decides there is no choice: Standard Schema came with Nest 12,
 * nestjs-zod 5 is for Nest 11 and older, and the runner is the one that `nest new` sets up.
 */
const NEWEST: readonly NewProject[] = [
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

/** The lowest versions in the package's peer ranges, in the projects that `nest new` created for them. */
const LOWEST: readonly NewProject[] = [
  project('12', 'esm', 'tsc', '20.19', 'express', 'decorated', 'class-validator', 'vitest'),
  project('11', 'cjs', 'tsc', '20.19', 'express', 'decorated', 'class-validator', 'jest'),
].map((newest) => ({
  ...newest,
  dependencies: `nest-${newest.nest}-lowest`,
  // The declarations of so old packages do not fit each other.
  compilerOptions: { skipLibCheck: true },
}));

/** Apps as they are found: their versions, their settings and their package manager are theirs to choose. */
const FOUND: readonly NewProject[] = [
  {
    ...project('11', 'cjs', 'tsc', '20.19', 'express', 'plugin', 'class-validator', 'jest'),
    dependencies: 'nest-11-exact',
  },
  {
    ...project('11', 'esm', 'swc', '26', 'express', 'decorated', 'class-validator', 'vitest'),
    dependencies: 'nest-11-bullmq-5',
    compilerOptions: { verbatimModuleSyntax: true, noUnusedParameters: true, noUnusedLocals: true },
  },
  {
    ...project('11', 'cjs', 'tsc', '26', 'express', 'decorated', 'class-validator', 'jest'),
    compilerOptions: { strict: false, isolatedModules: false, declaration: true },
  },
  {
    ...project('11', 'cjs', 'tsc', '20.19', 'express', 'decorated', 'class-validator', 'jest'),
    dependencies: 'nest-11-typescript-5.5',
  },
  {
    ...project('12', 'esm', 'tsc', '26', 'express', 'plugin', 'class-validator', 'vitest'),
    manager: 'pnpm',
    compilerOptions: { declaration: true },
  },
];

/** The projects of docs/compatibility.md. */
export const PROJECTS: readonly Project[] = [...NEWEST, TODAY, ...LOWEST, ...FOUND].map((columns, index) => ({
  row: index + 1,
  ...columns,
}));

/** The projects to test: all, or the rows that `COMPAT_ROWS` names, such as `9,12,13`. */
export function chosenProjects(rows = process.env['COMPAT_ROWS']): readonly Project[] {
  if (!rows) return PROJECTS;
  return rows.split(',').map((row) => {
    const chosen = PROJECTS.find((one) => String(one.row) === row.trim());
    if (chosen) return chosen;
    throw new Error(`COMPAT_ROWS has "${row}". Expected: rows of docs/compatibility.md, 1 to ${PROJECTS.length}.`);
  });
}
