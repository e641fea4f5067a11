import type { Project } from './projects.js';

const SWC = {
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
};

/** The configuration files of a project, by name: those that `nest new` writes, for what the project is. */
export function configurationOf(project: Project): Readonly<Record<string, string>> {
  const files: Record<string, object> = {
    'package.json': packageOf(project),
    'tsconfig.json': { compilerOptions: compilerOptionsOf(project), include: ['src'] },
    'nest-cli.json': { sourceRoot: 'src', compilerOptions: { deleteOutDir: true, ...builderOf(project) } },
  };
  // The CLI of Nest 11 lets SWC write CommonJS, whatever the project is.
  if (project.builder === 'swc' && project.module === 'esm') files['.swcrc'] = { ...SWC, module: { type: 'es6' } };
  const texts = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, JSON.stringify(content)]));
  return project.runner === 'vitest'
    ? { ...texts, 'vitest.config.mjs': `export default { test: { globals: true, include: ['src/**/*.spec.ts'] } };` }
    : texts;
}

function packageOf({ nest, module, builder, models, runner }: Project): object {
  const type = module === 'esm' ? 'module' : 'commonjs';
  if (runner === 'vitest') return { private: true, type };
  // What `nest build` generates beside the sources of an SWC project imports with extensions, too.
  const extensions = module === 'esm' || (nest === '12' && builder === 'swc' && models === 'plugin');
  const swc = ['@swc/jest', { ...SWC, swcrc: false, module: { type: 'commonjs' } }];
  const jest = {
    moduleFileExtensions: ['js', 'json', 'ts'],
    rootDir: 'src',
    testRegex: '.*\\.spec\\.ts$',
    transform: { '^.+\\.(t|j)s$': nest === '11' && (builder === 'swc' || module === 'esm') ? swc : 'ts-jest' },
    testEnvironment: 'node',
    ...(extensions ? { moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' } } : {}),
  };
  return { private: true, type, jest };
}

function compilerOptionsOf({ nest, runner, compilerOptions }: Project): object {
  return {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    esModuleInterop: true,
    isolatedModules: true,
    emitDecoratorMetadata: true,
    experimentalDecorators: true,
    target: 'ES2023',
    sourceMap: true,
    outDir: 'dist',
    ...(nest === '12' ? { rootDir: 'src' } : {}),
    // The package's own declarations are checked, too.
    skipLibCheck: false,
    strict: true,
    types: ['node', runner === 'jest' ? 'jest' : 'vitest/globals'],
    ...compilerOptions,
  };
}

function builderOf({ builder, models }: Project): object {
  const options = { controllerFileNameSuffix: ['.controller.ts', '.callbacks.ts'] };
  return {
    builder,
    ...(builder === 'swc' ? { typeCheck: true } : {}),
    ...(models === 'plugin' ? { plugins: [{ name: '@nestjs/swagger', options }] } : {}),
  };
}
