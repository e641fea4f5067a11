import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import library from '../../libs/callbacks/package.json' with { type: 'json' };
import packageJson from '../../package.json' with { type: 'json' };
import { PROJECTS } from '../compat/projects.js';

const read = (file: string) => readFileSync(file, 'utf8');
const filesOf = (folder: string) => readdirSync(folder).map((file) => join(folder, file));
const WORKFLOWS = filesOf('.github/workflows');
const FORMS = filesOf('.github/ISSUE_TEMPLATE').filter((file) => !file.endsWith('config.yml'));
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'];

/** Returns the mistakes in a workflow, or an empty string. */
const lint = async (file: string): Promise<string> =>
  promisify(execFile)(process.execPath, ['test/support/lint-workflows.js', file]).then(
    () => '',
    ({ stderr }: { stderr: string }) => stderr,
  );

describe.each(WORKFLOWS)('%s', (file) => {
  it('is a valid workflow', async () => {
    expect(await lint(file)).toBe('');
  });

  it('would not be one with a misspelt context', async () => {
    const wrong = join(await mkdtemp(join(tmpdir(), 'workflows-')), 'wrong.yml');
    await writeFile(wrong, `${read(file)}      - run: echo "\${{ github.actr }}"\n`);
    expect(await lint(wrong)).toContain('"actr" is not defined');
  });

  it('runs files that exist', () => {
    const files = [...read(file).matchAll(/run: (\.\S+)/g)].map(([, command]) => command!);
    expect(files.filter((command) => !existsSync(command))).toEqual([]);
  });
});

it('tests on the oldest and the newest Node that docs/compatibility.md lists', () => {
  const { jobs } = parse(read('.github/workflows/test.yml')) as { jobs: { test: { strategy: { matrix: object } } } };
  const [oldest] = /\d+[.]\d+[.]\d+/.exec(packageJson.engines.node)!;
  const newest = Math.max(...PROJECTS.map(({ node }) => Number(node)));
  expect(jobs.test.strategy.matrix).toEqual({ node: [oldest, newest] });
});

it.each([...WORKFLOWS, ...FORMS, ...PAGES, '.ci/run'])('%s runs no script that package.json does not have', (file) => {
  const scripts = [...read(file).matchAll(/\bnpm (?:run ([\w:]+)|(test|start)\b)/g)].map(
    ([, run, short]) => run ?? short,
  );
  expect(Object.keys(packageJson.scripts)).toEqual(expect.arrayContaining(scripts));
});

it('has dependabot look after every lock file', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as { updates: { directories?: string[] }[] };
  const folders = updates.flatMap(({ directories = [] }) => directories);
  expect(folders).toEqual(['/', '/test/tools', '/docs/site']);
  expect(folders.filter((folder) => !existsSync(`.${folder}/package-lock.json`))).toEqual([]);
});

it('has a changelog that begins with the version of the package, or with what comes after it', () => {
  const [first, second] = [...read('CHANGELOG.md').matchAll(/^## (.+)$/gm)].map(([, version]) => version);
  expect(first === 'Unreleased' ? second : first).toBe(library.version);
});

describe.each(FORMS)('the issue form %s', (file) => {
  interface Element {
    readonly type: string;
    readonly id?: string;
    readonly attributes: object;
    readonly validations?: object;
  }
  const form = parse(read(file)) as { name: string; description: string; labels: string[]; body: Element[] };

  it('has what GitHub requires of a form', () => {
    expect(form).toEqual({
      name: expect.any(String),
      description: expect.any(String),
      labels: [expect.any(String)],
      body: expect.any(Array),
    });
  });

  it.each(form.body)('has what GitHub requires of $type $id', ({ type, attributes, ...rest }) => {
    if (type === 'markdown') {
      expect({ attributes, ...rest }).toEqual({ attributes: { value: expect.any(String) } });
      return;
    }
    expect(type).toBe('textarea');
    expect(Object.keys(attributes)).toContain('label');
    expect(['label', 'description', 'placeholder', 'value', 'render']).toEqual(
      expect.arrayContaining(Object.keys(attributes)),
    );
    expect(rest).toEqual({
      id: expect.stringMatching(/^[\w-]+$/),
      ...(rest.validations && { validations: { required: true } }),
    });
  });

  it('asks no two questions of one id', () => {
    const ids = form.body.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
