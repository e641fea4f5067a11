/** Makes the pages of docs/ look on the site as they do on GitHub. */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { DOCS, placeOf } from './pages.js';
import { REPOSITORY } from './repository.js';

const ROOT = join(DOCS, '..');
const IS_RELATIVE = /^(?![a-z]+:|[/#])/;
const FILE_NAME = /^\/\/ ([\w./-]+\.\w+)\n/;

/**
 * Points links between pages to their places on the site, and links to other files to the repository. If its address is
 * unknown, these become plain text. A link to a missing file is not changed, and fails the build.
 *
 * @param {import('vitepress').MarkdownRenderer} md
 */
export function resolveLinks(md) {
  md.core.ruler.push('links', ({ tokens, env }) => {
    for (const token of tokens) {
      if (token.children) token.children = linked(token.children, env.realPath ?? env.path);
    }
  });
}

function linked(tokens, page) {
  let isPlain = false;
  return tokens.filter((token) => {
    if (token.type === 'link_close' && isPlain) {
      isPlain = false;
      return false;
    }
    const href = token.type === 'link_open' ? token.attrGet('href') : '';
    if (!href || !IS_RELATIVE.test(href)) return true;
    const target = targetOf(href, page);
    if (target !== undefined) token.attrSet('href', target);
    isPlain = target === undefined;
    return !isPlain;
  });
}

function targetOf(href, page) {
  const [path, anchor] = href.split('#');
  const file = join(dirname(page), decodeURI(path));
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const inDocs = relative(DOCS, file);
  if (!existsSync(file)) return href;
  if (!inDocs.startsWith('..') && file.endsWith('.md')) return `/${placeOf(inDocs)}${hash}`;
  return REPOSITORY && `${REPOSITORY}/blob/HEAD/${relative(ROOT, file)}${hash}`;
}

/**
 * Shows the file name in the first line of a code block, such as `// src/main.ts`, as the title of the block.
 *
 * @param {import('vitepress').MarkdownRenderer} md
 */
export function showFileNames(md) {
  const render = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    const [line, name] = FILE_NAME.exec(token.content) ?? [];
    if (line === undefined) return render(tokens, index, ...rest);
    token.content = token.content.slice(line.length);
    return `<div class="file"><div class="file-name">${name}</div>${render(tokens, index, ...rest)}</div>`;
  };
}
