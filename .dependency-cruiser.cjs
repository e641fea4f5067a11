/** The floors of the library, from the one that knows least to the one that knows most; CONTRIBUTING.md draws them. */
const FLOORS = [
  ['errors', 'expression', 'metadata'],
  ['openapi', 'contract', 'decorators'],
  ['message', 'document', 'receiver-document'],
  ['delivery'],
  ['sqlite', 'bullmq', 'postgres', 'bull-board', 'testing'],
];
/** The imports between rooms of one floor that are allowed: the arrows of CONTRIBUTING.md. */
const NEIGHBOURS = { metadata: ['errors'] };

const SOURCE = '^libs/callbacks/src/';
const room = (names) => `${SOURCE}(${[names].flat().join('|')})/`;
const above = (floor) => FLOORS.slice(floor + 1).flat();
const beside = (floor, name) => floor.filter((other) => other !== name && !NEIGHBOURS[name]?.includes(other));

module.exports = {
  forbidden: [
    ...FLOORS.flatMap((floor, index) =>
      floor.map((name) => ({
        name: `${name}-imports-downward-only`,
        comment: 'No room imports one of a floor above it, nor a neighbour without an arrow in CONTRIBUTING.md.',
        severity: 'error',
        from: { path: room(name), pathNot: '[.]spec[.]ts$' },
        to: { path: [room([...above(index), ...beside(floor, name), '-']), `${SOURCE}[^/]+[.]ts$`] },
      })),
    ),
    {
      name: 'entry-points-are-imported-by-users-only',
      comment: 'What an entry point brings along is loaded only by those who import it.',
      severity: 'error',
      from: { path: `${SOURCE}([^/]+)` },
      to: { path: room(['sqlite', 'bullmq', 'postgres', 'bull-board', 'testing']), pathNot: room('$1') },
    },
    {
      name: 'expression-is-pure',
      comment: 'expression/ imports nothing but itself.',
      severity: 'error',
      from: { path: room('expression'), pathNot: '[.]spec[.]ts$' },
      to: { pathNot: room('expression') },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'apps-use-the-package',
      comment: 'The examples import what a user can import.',
      severity: 'error',
      from: { path: '^(apps|examples)/' },
      to: {
        path: '^libs/',
        pathNot: '^libs/callbacks/(src|dist)/((sqlite|bullmq|postgres|bull-board|testing)/)?index[.]',
      },
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
    exclude: { path: '^(test/(tools|examples)/generated|docs/site/(generated|dist))/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
