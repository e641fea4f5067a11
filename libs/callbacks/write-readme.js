/**
 * Writes the README of the package: that of the repository, with absolute links, because npm shows it without the other
 * files. The `repository` of package.json, which the release sets, says where they are. Without one the links become
 * plain text, and the picture is left out.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = (path) => new URL(path, import.meta.url);
const { repository } = JSON.parse(readFileSync(file('package.json'), 'utf8'));
const text = readFileSync(file('../../README.md'), 'utf8');
writeFileSync(file('README.md'), text.replaceAll(/(!?)\[([^\]]*)\]\((?!#|[a-z]+:)([^)]+)\)/g, rewrite));

function rewrite(_, image, label, target) {
  const url = (repository?.url ?? repository)?.replace(/^git\+/, '').replace(/\.git$/, '');
  if (url === undefined) return image ? '' : label;
  return `${image}[${label}](${url}/${image ? 'raw' : 'blob'}/HEAD/${target})`;
}
