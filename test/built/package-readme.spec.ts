import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

/** The README that is packed beside a `package.json`. */
async function readmeFor(manifest: object): Promise<string> {
  const repository = await mkdtemp(join(tmpdir(), 'package-readme-'));
  const library = join(repository, 'libs', 'callbacks');
  await mkdir(library, { recursive: true });
  await cp('README.md', join(repository, 'README.md'));
  await cp('libs/callbacks/write-readme.js', join(library, 'write-readme.js'));
  await writeFile(join(library, 'package.json'), JSON.stringify({ type: 'module', ...manifest }));
  await promisify(execFile)(process.execPath, [join(library, 'write-readme.js')]);
  return readFile(join(library, 'README.md'), 'utf8');
}

/** The targets of links and pictures outside of the page and of code. */
const targetsOf = (page: string) =>
  [...page.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/\]\(([^)#][^)]*)\)/g)].map(([, target]) => target!);

it.each([
  { repository: { type: 'git', url: 'git+https://git.example/invoices/callbacks.git' } },
  { repository: 'https://git.example/invoices/callbacks' },
])('the README of the package is that of the repository, with absolute links', async (manifest) => {
  const source = await readFile('README.md', 'utf8');
  const relative = targetsOf(source).filter((target) => !/^[a-z]+:/.test(target));
  expect(relative.length).toBeGreaterThan(20);
  const packed = await readmeFor(manifest);
  const home = 'https://git.example/invoices/callbacks';
  expect(targetsOf(packed).filter((target) => !target.startsWith('https:'))).toEqual([]);
  expect(packed).toContain(`](${home}/raw/HEAD/docs/callbacks-tab.png)`);
  expect(packed).toContain(`](${home}/blob/HEAD/docs/egress.md#open-the-guard)`);
  expect(packed.replaceAll(/https:\/\/git\.example\/invoices\/callbacks\/(raw|blob)\/HEAD\//g, '')).toBe(source);
});

it('without a repository it has neither links that lead nowhere nor a picture that is missing', async () => {
  const packed = await readmeFor({});
  expect(targetsOf(packed).filter((target) => !target.startsWith('https:'))).toEqual([]);
  expect(packed).not.toContain('![');
  expect(packed).toContain('\nOpen the egress guard to call');
});
