import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import manifest from '../../libs/callbacks/package.json' with { type: 'json' };
import { FORMAT_VERSION } from '../../libs/callbacks/src/delivery/callback-delivery.js';
import { migrationsOf } from '../../libs/callbacks/src/postgres/schema.js';
import { SCHEMA } from '../../libs/callbacks/src/sqlite/schema.js';

const page = readFileSync('docs/upgrading.md', 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|'));
const rowOf = (name: string) => rows.find((row) => row.includes(`\`${name}\``)) ?? `no row of ${name}`;

it('the versions of packages that the page names are those that are checked, and those of the manifest', () => {
  const source = readFileSync('libs/callbacks/src/errors/require-peer.ts', 'utf8');
  const checked = [...source.matchAll(/^ {2}'?([@\w/-]+)'?: '(\d+\.\d+\.\d+)',$/gm)];
  expect(checked.length).toBeGreaterThan(5);
  for (const [, name = '', version] of checked) expect(rowOf(name)).toContain(version);
  for (const name of ['@nestjs/common', '@nestjs/core', '@nestjs/swagger'] as const) {
    const ranges = manifest.peerDependencies[name].match(/\d+\.\d+\.\d+/g)!;
    for (const version of ranges) expect(rowOf(name)).toContain(version);
  }
  const optional = Object.keys(manifest.peerDependenciesMeta);
  expect(optional.filter((name) => rowOf(name).startsWith('no row'))).toEqual([]);
});

it('the format and the layouts that the page names are those of the code', () => {
  expect(page).toContain(`this is version ${FORMAT_VERSION}`);
  expect(rowOf('sqliteQueue()')).toContain(`now ${/-- layout (\d+)/.exec(SCHEMA)![1]}`);
  expect(rowOf('postgresQueue()')).toContain(`now ${migrationsOf('callbacks').length}`);
});
