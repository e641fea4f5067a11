/**
 * Measures what callback classes cost the type checker, as a ratio of ordinary controllers of the same shape. The
 * generated projects are compiled in turns, each with its own `tsc --noEmit`. The fastest round counts, since other
 * load only slows rounds down.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const CLASSES = 500;
const METHODS = ['created', 'paid', 'refunded'];
const ROUNDS = 7;
const WARM_UP_ROUNDS = 1;
const FIGURES = ['Total time', 'Check time', 'Types', 'Instantiations', 'Memory used'];

/** Both apps use the package, so both load its types once, whatever the number of classes. */
const APP_MODULE = `
import { Module } from '@nestjs/common';
import { CallbacksModule } from 'nestjs-callbacks';

@Module({ imports: [CallbacksModule.forRoot()] })
export class AppModule {}
`;

const forEachMethod = (write, separator = '') => METHODS.map(write).join(separator);

/** Writes the models of a class, and the class with a decorator. */
const classOf = (index, decorator, body) => `
export class Event${index} {
  @ApiProperty() id!: string;
  @ApiProperty() amount!: number;
}
export class Reply${index} {
  @ApiProperty() ok!: boolean;
}
${decorator}
export class Events${index} {${forEachMethod(
  (name) => `
  @Post('${name}')
  @ApiOkResponse({ type: Reply${index} })
  ${name}(@Body() event: Event${index}): Reply${index} {
    ${body}
  }`,
)}
}
`;

const controllerOf = (index) => `
import { Body, Controller, Injectable, Post } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
${classOf(index, "@Controller('events')", 'return { ok: event.amount > 0 };')}`;

const callbacksOf = (index) => `
import { Body, Injectable, Post } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { CallbackController, Callbacks, receiverReplies } from 'nestjs-callbacks';
import type { CallbackUrls } from 'nestjs-callbacks';
${classOf(index, "@CallbackController('{$request.body#/url}')", 'return receiverReplies(event);')}`;

/** Writes a service that awaits each method of a controller and reads the result. */
const callsOf = (index) => `
@Injectable()
export class Service${index} {
  constructor(private readonly events: Events${index}) {}

  async run(): Promise<boolean[]> {
    const event = { id: '${index}', amount: ${index} };
${forEachMethod((name) => `    const ${name} = await Promise.resolve(this.events.${name}(event));\n`)}
    return [${forEachMethod((name) => `${name}.ok`, ', ')}];
  }
}
`;

/** Writes a service that sends each callback and reads the result. */
const sendsOf = (index) => `
@Injectable()
export class Service${index} {
  constructor(private readonly callbacks: Callbacks) {}

  async run(urls: CallbackUrls<Events${index}>): Promise<boolean[]> {
    const event = { id: '${index}', amount: ${index} };
    const client = this.callbacks.send(Events${index}, urls);
${forEachMethod((name) => `    const ${name} = await client.${name}(event);\n`)}
    return [${forEachMethod((name) => `${name}.status === 'delivered' && ${name}.body.ok`, ', ')}];
  }
}
`;

/** The compared sources of the class number `index`. */
const COMPARISONS = {
  'classes that are never called': { controllers: controllerOf, callbacks: callbacksOf },
  'classes with every method called': {
    controllers: (index) => controllerOf(index) + callsOf(index),
    callbacks: (index) => callbacksOf(index) + sendsOf(index),
  },
};

const CONFIGURATION = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: true,
    types: ['node'],
  },
  include: ['src'],
};

function createProject(folder, source) {
  mkdirSync(join(folder, 'src'), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIGURATION));
  writeFileSync(join(folder, 'src/app.module.ts'), APP_MODULE);
  for (let index = 0; index < CLASSES; index += 1) writeFileSync(join(folder, `src/events${index}.ts`), source(index));
}

/** Compiles a project, and returns the figures of tsc. */
function compile(folder) {
  const args = [resolve('node_modules/typescript/bin/tsc'), '-p', folder, '--extendedDiagnostics'];
  const output = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 300_000 });
  return FIGURES.map((figure) => Number(new RegExp(`^${figure}:\\s+([\\d.]+)`, 'm').exec(output)[1]));
}

function compare(root, sources) {
  const runs = Object.entries(sources).map(([name, source]) => {
    const folder = join(root, name);
    createProject(folder, source);
    return { name, folder, rounds: [] };
  });
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const { folder, rounds } of runs) {
      const figures = compile(folder);
      if (round >= 0) rounds.push(figures);
    }
  }
  const least = runs.map(({ rounds }) =>
    FIGURES.map((_, figure) => Math.min(...rounds.map((figures) => figures[figure]))),
  );
  const rows = FIGURES.map((figure, index) => {
    const [controllers, callbacks] = least.map((figures) => figures[index]);
    return [figure, { controllers, callbacks, ratio: Number((callbacks / controllers).toFixed(2)) }];
  });
  console.table(Object.fromEntries(rows));
}

const root = mkdtempSync(join(tmpdir(), 'bench-types-'));
try {
  for (const [title, sources] of Object.entries(COMPARISONS)) {
    console.log(`\n${CLASSES} ${title}, ${METHODS.length} methods each: the fastest of ${ROUNDS} rounds`);
    compare(join(root, title.replaceAll(' ', '-')), sources);
  }
} finally {
  rmSync(root, { recursive: true });
}
