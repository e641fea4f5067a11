import { REPOSITORY } from './repository.js';

const SOURCE = '../../libs/callbacks/src';
/** The entry points of the package, in the order of the reference. */
const ENTRY_POINTS = ['', 'sqlite', 'bullmq', 'postgres', 'bull-board', 'testing'];

/** @type {Partial<import('typedoc').TypeDocOptions> & Partial<import('typedoc-plugin-markdown').PluginOptions>} */
export default {
  plugin: ['typedoc-plugin-markdown', './typedoc-plugin.js'],
  entryPoints: ENTRY_POINTS.map((name) => `${SOURCE}/${name}/index.ts`),
  tsconfig: '../../libs/callbacks/tsconfig.lib.json',
  // `npm run typecheck` checks the sources, with the versions of the repository.
  skipErrorChecking: true,
  out: 'generated/api',
  readme: 'none',
  name: 'API reference',
  router: 'module',
  entryFileName: 'index',
  sort: ['source-order'],
  groupOrder: ['Functions', 'Classes', 'Variables', 'Interfaces', 'Type Aliases'],
  sortEntryPoints: false,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  disableGit: true,
  ...(REPOSITORY
    ? { sourceLinkTemplate: `${REPOSITORY}/blob/HEAD/libs/callbacks/src/{path}#L{line}` }
    : { disableSources: true }),
  gitRevision: 'HEAD',
  treatWarningsAsErrors: true,
  // Types that the package does not export are described where they are used.
  validation: { notExported: false, invalidLink: true },
  externalSymbolLinkMappings: { '@bull-board/api': { '*': '#' } },
  // Headings and tables that fit the site.
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useHTMLAnchors: true,
  useCodeBlocks: true,
  expandObjects: true,
  useHTMLEncodedBrackets: true,
  sanitizeComments: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
};
