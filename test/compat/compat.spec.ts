import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import manifest from '../../libs/callbacks/package.json' with { type: 'json' };
import fastapi from '../cases/fastapi-tutorial.json' with { type: 'json' };
import { loadedFiles } from '../support/loaded-files.js';
import { packLibrary, unpackLibrary } from '../support/pack-library.js';
import type { Tarball } from '../support/pack-library.js';
import { startRedis } from '../support/start-redis.js';
import type { RedisServer } from '../support/start-redis.js';
import { createProject } from './create-project.js';
import { install, installByPnpm } from './install.js';
import { chosenProjects } from './projects.js';
import { run } from './run.js';

const PROJECTS = chosenProjects();

let folder: string;
let tarball: Tarball;
let redis: RedisServer;
/** Where the versions of Node are, and pnpm. */
let programs: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compat-'));
  tarball = await packLibrary();
  redis = await startRedis();
  programs = join(await install('programs'), 'node_modules');
}, 300_000);

afterAll(async () => {
  await redis.close();
  await rm(folder, { recursive: true });
});

describe.each(PROJECTS)(
  'row $row: $dependencies by $manager, $module by $builder, Node $node, $adapter, $models models, $validation',
  (project) => {
    let cwd: string;
    let dependencies: string;
    let node: (args: string[], env?: Record<string, string>) => Promise<string>;

    beforeAll(async () => {
      const library = { path: tarball.path, needs: [manifest.dependencies, manifest.peerDependencies] };
      // npm installs once for all projects of the same versions: Node finds packages in the folder above.
      const place = project.manager === 'npm' ? await install(project.dependencies, library) : folder;
      cwd = await mkdtemp(join(place, 'project-'));
      await createProject(project, cwd);
      if (project.manager === 'npm') {
        dependencies = join(place, 'node_modules');
        // Shadows the copy that npm installed, which may have been packed earlier.
        await unpackLibrary(tarball, cwd);
      } else {
        dependencies = join(cwd, 'node_modules');
        await installByPnpm(project.dependencies, library, cwd, join(programs, '.bin/pnpm'));
      }
      const binary = join(programs, `node-${project.node}`, 'bin', 'node');
      node = (args, env = {}) => run(binary, ['--no-warnings', ...args], { cwd, env, timeout: 120_000 });
      // By the Node that runs this test: the CLI of Nest 12 does not start on 20.19.0.
      await run(process.execPath, [join(dependencies, '@nestjs/cli/bin/nest.js'), 'build'], { cwd, timeout: 120_000 });
    }, 360_000);

    afterAll(() => rm(cwd, { recursive: true }));

    it('documents the tutorial, sends its callback and delivers it from the queue', async () => {
      let output = '';
      const loaded = await loadedFiles(async (env) => (output = await node(['dist/main.js'], env)));
      const story = JSON.parse(output) as Record<string, unknown>;
      expect(story).toMatchObject({
        callbacks: fastapi.callbacks,
        models: {
          InvoiceEvent: { properties: { description: { type: 'string' }, paid: { type: 'boolean' } } },
          InvoiceEventReceived: { properties: { ok: { type: 'boolean' } } },
        },
        statuses: ['delivered', 'queued'],
        replies: [{ ok: true }, { ok: true }],
      });
      const body = JSON.stringify(fastapi.atRunTime.callback.body);
      const received = { path: '/events/invoices/2expen51ve', body };
      expect(story['received']).toEqual([received, received]);
      expect(copiesIn(loaded)).toEqual(['dist']);
    }, 130_000);

    it(`passes its own spec under ${project.runner}, and delivers from SQLite and Redis`, async () => {
      const flags = project.nest === '12' ? ['--experimental-vm-modules'] : [];
      const jest = [...flags, join(dependencies, 'jest/bin/jest.js'), '--runInBand', '--ci'];
      const vitest = [join(dependencies, 'vitest/vitest.mjs'), 'run'];
      const loaded = await loadedFiles((env) =>
        node(project.runner === 'jest' ? jest : vitest, { ...env, REDIS_URL: redis.url }),
      );
      // jest that cannot require() ES modules takes the CommonJS build, and nothing else does. Vitest ends its workers
      // before they can tell.
      const copy = project.nest === '11' ? ['cjs'] : ['dist'];
      expect(copiesIn(loaded)).toEqual(project.runner === 'jest' ? copy : []);
    }, 130_000);
  },
);

/** Which builds of the package are among the files that a process has loaded. */
function copiesIn(files: readonly string[]): string[] {
  return [...new Set(files.flatMap((file) => /\/nestjs-callbacks\/(dist|cjs)\//.exec(file)?.[1] ?? []))];
}
