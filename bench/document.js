/**
 * Measures what one callback adds to `withCallbacks(createDocument())`, as a ratio of what one ordinary operation adds
 * to `createDocument()`. Both are measured in the same run, on apps that differ only in the links.
 */
import { Body, Controller, Module, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiOkResponse, ApiProperty, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { ApiCallback, CallbackController, receiverReplies, withCallbacks } from 'nestjs-callbacks';
// The build of this checkout, with functions that the package does not export.
import { readCallbackContract } from '../libs/callbacks/dist/contract/read-contract.js';
import { exploreOperations } from '../libs/callbacks/dist/document/explore/explore-operations.js';
import { CallbackGraph } from '../libs/callbacks/dist/document/link/callback-graph.js';
import { ProblemList } from '../libs/callbacks/dist/errors/callback-problem.js';

const SIZES = [100, 1_000, 6_000];
const ROUNDS = 9;
const WARM_UP_ROUNDS = 3;
const METHODS_PER_CLASS = 5;

/** The number of properties of a method's models; 0 without a model. */
const SHAPES = {
  "the tutorial's invoices": {
    operation: { body: 4, reply: 5, query: 1 },
    callback: { body: 2, reply: 1, query: 0 },
  },
  'a callback that is as large as the operation': {
    operation: { body: 4, reply: 4, query: 0 },
    callback: { body: 4, reply: 4, query: 0 },
  },
};

function createModel(name, properties) {
  const Model = { [name]: class {} }[name];
  for (let index = 0; index < properties; index += 1)
    ApiProperty({ type: String })(Model.prototype, `property${index}`);
  return Model;
}

/** Creates a class whose methods take a body and a query and declare a reply, each linked to one of these callbacks. */
function createClass(name, shape, callbacks) {
  const body = createModel(`${name}Body`, shape.body);
  const reply = createModel(`${name}Reply`, shape.reply);
  const query = createModel(`${name}Query`, shape.query);
  const Class = { [name]: class {} }[name];
  for (let index = 0; index < METHODS_PER_CLASS; index += 1) {
    const key = `method${index}`;
    const descriptor = {
      value: { [key]: (...received) => receiverReplies(...received) }[key],
      writable: true,
      configurable: true,
    };
    Object.defineProperty(Class.prototype, key, descriptor);
    Reflect.defineMetadata('design:paramtypes', shape.query ? [body, query] : [body], Class.prototype, key);
    Body()(Class.prototype, key, 0);
    if (shape.query) Query()(Class.prototype, key, 1);
    Post(`path${index}`)(Class.prototype, key, descriptor);
    ApiOkResponse({ type: reply })(Class.prototype, key, descriptor);
    if (callbacks) ApiCallback(callbacks, { only: [key] })(Class.prototype, key, descriptor);
  }
  return Class;
}

/** An app, and the operations of its callbacks. */
async function createApp(size, shapes, linked) {
  const operations = [];
  const controllers = Array.from({ length: size / METHODS_PER_CLASS }, (_, index) => {
    const callbacks = linked ? createClass(`Callbacks${index}`, shapes.callback) : undefined;
    if (callbacks) {
      CallbackController('{$request.body#/property0}')(callbacks);
      operations.push(...readCallbackContract(callbacks).operations);
    }
    const controller = createClass(`Orders${index}`, shapes.operation, callbacks);
    Controller(`orders${index}`)(controller);
    return controller;
  });
  class AppModule {}
  Module({ controllers })(AppModule);
  return { app: await NestFactory.create(AppModule, { logger: false }), operations };
}

const config = new DocumentBuilder().build();
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
function microseconds(act) {
  globalThis.gc();
  const start = process.hrtime.bigint();
  act();
  return Number(process.hrtime.bigint() - start) / 1e3;
}

/** Returns how much memory the created object keeps, in KiB. */
function kibibytes(make) {
  // What the first document leaves behind, in caches, does not count.
  make();
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const made = make();
  globalThis.gc();
  const size = (process.memoryUsage().heapUsed - before) / 1024;
  // Keeps it alive until here.
  return made.openapi ? size : Number.NaN;
}

console.log(`One callback against one operation: medians of ${ROUNDS} rounds, Node ${process.version}`);
for (const [title, shapes] of Object.entries(SHAPES)) {
  console.log(`\n${title}\noperations   one operation   one callback adds (of it, exploring)   ratio   of its memory`);
  for (const size of SIZES) {
    const { app: plain } = await createApp(size, shapes, false);
    const { app: linked, operations } = await createApp(size, shapes, true);
    const documentPlain = () => SwaggerModule.createDocument(plain, config);
    const documentLinked = () => withCallbacks(linked, SwaggerModule.createDocument(linked, config));
    const measure = () => {
      const without = microseconds(documentPlain) / size;
      const added = microseconds(documentLinked) / size - without;
      const problems = new ProblemList();
      const graph = new CallbackGraph(problems);
      const explore = () => exploreOperations(linked, config.openapi, operations, {}, graph, problems);
      const exploring = microseconds(explore) / size;
      return { without, added, exploring, ratio: added / without };
    };
    const rounds = Array.from({ length: WARM_UP_ROUNDS + ROUNDS }, measure).slice(WARM_UP_ROUNDS);
    const [without, added, exploring, ratio] = ['without', 'added', 'exploring', 'ratio'].map((key) =>
      median(rounds.map((round) => round[key])),
    );
    const cells = [
      String(size).padStart(10),
      `${without.toFixed(0)} µs`.padStart(13),
      `${added.toFixed(0)} µs (${exploring.toFixed(0)} µs)`.padStart(34),
      ratio.toFixed(2).padStart(5),
    ];
    // The memory of a small document is below the noise of the heap.
    if (size === Math.max(...SIZES)) {
      const memory = kibibytes(documentPlain) / size;
      const memoryAdded = kibibytes(documentLinked) / size - memory;
      cells.push(`${(memoryAdded / memory).toFixed(2)} (${memoryAdded.toFixed(1)} KiB)`);
    }
    console.log(cells.join('   '));
  }
}
