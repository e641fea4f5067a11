/** The layers of the library, from the one that knows least to the one that knows most. */
const LAYERS = ['expression', 'contract', '(document|client)', 'delivery', '(sqlite|bullmq|testing)'];
const folder = (layer) => `^libs/callbacks/src/${layer}/`;
const above = (index) => [...LAYERS.slice(index + 1).map(folder), '^libs/callbacks/src/[^/]+[.]ts$'];

module.exports = {
  forbidden: [
    ...LAYERS.map((layer, index) => ({
      name: `${layer}-imports-no-layer-above-it`,
      comment: 'expression <- contract <- document | client <- delivery <- module, sqlite, bullmq, testing',
      severity: 'error',
      from: { path: folder(layer) },
      to: { path: above(index) },
    })),
    {
      name: 'document-and-client-are-strangers',
      comment: 'What both need is in contract/.',
      severity: 'error',
      from: { path: folder('(document|client)') },
      to: { path: folder('(document|client)'), pathNot: folder('$1') },
    },
    {
      name: 'entry-points-are-imported-by-users-only',
      comment: 'What an entry point brings along is loaded only by those who import it.',
      severity: 'error',
      from: { path: '^libs/callbacks/src/([^/]+)' },
      to: { path: folder('(sqlite|bullmq|testing)'), pathNot: folder('$1') },
    },
    {
      name: 'expression-is-pure',
      comment: 'expression/ imports nothing but itself.',
      severity: 'error',
      from: { path: folder('expression'), pathNot: '[.]spec[.]ts$' },
      to: { pathNot: folder('expression') },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'apps-use-the-package',
      comment: 'The example imports what a user can import.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', pathNot: '^libs/callbacks/(src|dist)/((sqlite|bullmq|testing)/)?index[.]' },
    },
    {
      name: 'library-depends-on-what-it-declares',
      severity: 'error',
      from: { path: '^libs/', pathNot: '[.]spec[.]ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
