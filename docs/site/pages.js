/** The pages of the site and their places. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const DOCS = join(import.meta.dirname, '..');

/** The guides, in the order in which readers need them. Decisions and the API reference are added below. */
const GUIDES = {
  Start: ['README', 'getting-started', 'from-fastapi', 'recipes', 'how-it-works'],
  Document: ['linking', 'naming-and-grouping', 'expressions', 'sharing', 'webhooks', 'camara'],
  Send: ['sending', 'signing', 'egress', 'errors'],
  Deliver: ['delivering', 'queues', 'retries', 'transactions', 'orms', 'storing-urls'],
  'Receivers and tests': ['integrators', 'testing'],
  Operate: ['deploying', 'operating', 'troubleshooting', 'security'],
  Reference: ['options', 'rules', 'compatibility', 'upgrading'],
};
const ENTRY_POINTS = ['', '/sqlite', '/bullmq', '/postgres', '/bull-board', '/testing'];

/**
 * Returns the place of a file of docs/ on the site. Only the site has a home page. The list of guides, which is the
 * first page on GitHub, is a separate page there.
 *
 * @param {string} file - its path in docs/, such as `egress.md`
 */
export function placeOf(file) {
  if (file === 'site/home.md') return 'index.md';
  if (file === 'README.md') return 'guides.md';
  return file.replace(/^site\/generated\//, '').replace(/\bREADME\.md$/, 'index.md');
}

/** Returns the groups of the sidebar. Throws if a page of docs/ is not listed, or if a listed page does not exist. */
export function sidebar() {
  const problems = sidebarProblems(markdownOf('.'));
  if (problems.length > 0) throw new Error(`${problems.join('\n')}\nFix: change GUIDES in docs/site/pages.js.`);
  const groups = Object.entries(GUIDES).map(([text, names]) => ({
    text,
    items: names.map((name) => item(`${name}.md`)),
  }));
  const decisions = markdownOf('decisions').filter((name) => name !== 'README.md');
  groups
    .at(-1)
    .items.push(
      { text: 'API', collapsed: true, items: ENTRY_POINTS.map(entryPoint) },
      { ...item('decisions/README.md'), collapsed: true, items: decisions.map((name) => item(`decisions/${name}`)) },
    );
  return groups;
}

/** Returns the problems of the sidebar if docs/ contains these pages. */
export function sidebarProblems(written) {
  const listed = Object.values(GUIDES).flatMap((names) => names.map((name) => `${name}.md`));
  const unlisted = written.filter((name) => !listed.includes(name));
  const missing = listed.filter((name) => !written.includes(name));
  return [
    ...unlisted.map((name) => `docs/${name} is not in the sidebar.`),
    ...missing.map((name) => `docs/${name} is in the sidebar, and does not exist.`),
  ];
}

const markdownOf = (folder) => readdirSync(join(DOCS, folder)).filter((name) => name.endsWith('.md'));

/** An entry of the sidebar, named by the heading of its page. */
function item(file) {
  const [, heading] = /^# (.+)$/m.exec(readFileSync(join(DOCS, file), 'utf8')) ?? [];
  if (heading === undefined) throw new Error(`docs/${file} has no heading. Fix: begin it with "# Its title".`);
  return { text: heading.replaceAll('`', ''), link: `/${placeOf(file)}` };
}

const entryPoint = (path) => ({ text: `nestjs-callbacks${path}`, link: `/api/nestjs-callbacks${path}` });
