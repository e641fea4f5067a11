import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

const SOURCES = 'libs/callbacks/src';
const PAGE = readFileSync('docs/options.md', 'utf8');

const files = readdirSync(SOURCES, { recursive: true }).map((name) => join(SOURCES, String(name)));
const texts = files.filter((name) => /(?<!\.spec)\.ts$/.test(name)).map((name) => readFileSync(name, 'utf8'));
const exported = texts.flatMap((text) => [...text.matchAll(/^export (?:type )?\{[^}]*\} from/gm)]).join('\n');

/** The public types of options by their names, each with its own members. */
const types = texts
  .flatMap((text) => [...text.matchAll(/^export (?:interface|type) (\w+Options)\b([\s\S]*?)^(?:\}|>;|\s*\);)$/gm)])
  .map(([, name = '', body = '']) => {
    const members = [...body.matchAll(/^ +(\w+)\??: (?!never)/gm)].map(([, member]) => member!);
    return [name, members] as const;
  })
  .filter(([name, members]) => members.length > 0 && new RegExp(`\\b${name}\\b`).test(exported));

/** What the page says of a type, from its name to the next heading or type. */
function sectionOf(type: string): string {
  const [, from = ''] = PAGE.split(`\`${type}\``);
  const [section = ''] = from.split(/\n#|\n(?=[^|\n]*`\w+Options`)/);
  return section;
}

it('finds the types of options, the nested ones and the aliases too', () => {
  expect(Object.fromEntries(types)).toMatchObject({
    CallbacksModuleOptions: expect.arrayContaining(['callbacks', 'timeout', 'telemetry']),
    EgressTlsOptions: ['ca', 'clients'],
    SqliteQueueOptions: ['file', 'database'],
    DripOptions: ['interval'],
  });
});

it.each(types)('the page of options lists those of %s', (type, members) => {
  const section = sectionOf(type);
  const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map(([, member]) => member);
  expect(listed).toEqual(expect.arrayContaining([...members]));
});
