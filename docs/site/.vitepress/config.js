import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';
import { resolveLinks, showFileNames } from '../markdown.js';
import { placeOf, sidebar } from '../pages.js';
import { REPOSITORY } from '../repository.js';

/** Vite would look for packages in the folders above the pages, but the packages of the site are here. */
const packagesOfTheSite = {
  name: 'packages-of-the-site',
  enforce: 'pre',
  resolveId: (id, _importer, { ssr }) => (ssr && /^vue(\/|$)/.test(id) ? { id, external: true } : undefined),
  // Packages that VitePress would bundle in advance are found when they are imported.
  configResolved: (config) => void (config.optimizeDeps.include = []),
};

/** Ranks guides first, since most readers look for one. VitePress passes the source of this function to the browser. */
const guidesFirst = (address) =>
  /\/(api|decisions)\//.test(address) ? 0.2 : /\/(options|rules)\b/.test(address) ? 0.5 : 1;

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M20 6 26 12l-6 6M26 12H12a6 6 0 0 0 0 12h8" fill="none" stroke="#3451b2" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>';

export default defineConfig({
  title: 'nestjs-callbacks',
  description: 'OpenAPI callbacks for NestJS: document them, send them and deliver them from one class',
  lang: 'en',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  // GitHub Pages serves a project's site in a folder, such as /nestjs-callbacks/.
  base: process.env.DOCS_BASE ?? '/',
  srcDir: '..',
  outDir: 'dist',
  cacheDir: 'generated/cache',
  srcExclude: ['site/!(home|generated)/**'],
  rewrites: placeOf,
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    // The same anchors as on GitHub.
    anchor: { slugify: slug },
    config(md) {
      resolveLinks(md);
      showFileNames(md);
    },
  },
  vite: {
    plugins: [packagesOfTheSite],
    // In kB. Only the search index is larger, and it is loaded when somebody searches.
    build: { chunkSizeWarningLimit: 2_000 },
  },
  transformPageData({ relativePath, frontmatter }) {
    // The reference is written by TypeDoc.
    if (relativePath.startsWith('api/')) frontmatter.editLink = false;
  },
  themeConfig: {
    nav: [
      { text: 'Get started', link: '/getting-started' },
      { text: 'Guides', link: '/guides' },
      { text: 'API', link: '/api/nestjs-callbacks', activeMatch: '/api/' },
    ],
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local', options: { miniSearch: { searchOptions: { boostDocument: guidesFirst } } } },
    externalLinkIcon: true,
    ...(REPOSITORY && {
      socialLinks: [{ icon: 'github', link: REPOSITORY }],
      editLink: { pattern: `${REPOSITORY}/edit/HEAD/docs/:path`, text: 'Edit this page' },
    }),
  },
});
