import { isDeepStrictEqual } from 'node:util';
import type { CallbackProblem, ProblemList } from '../../errors/callback-problem.js';
import { isObject } from '../../expression/json.js';
import { qualifiedNameOf } from '../../contract/callback-contract.js';
import type { CallbackGraph } from '../link/callback-graph.js';
import type { ExploredOperations } from '../explore/explore-operations.js';
import type { SchemasObject } from '../../openapi/openapi-types.js';
import { referenceIn } from '../../openapi/resolve-reference.js';

const SCHEMAS_PREFIX = '#/components/schemas/';

/** Returns the models of the API and of its callbacks. Two different models with one name are a problem. */
export function mergeSchemas(
  api: SchemasObject,
  explored: ExploredOperations,
  graph: CallbackGraph,
  problems: ProblemList,
): SchemasObject {
  for (const name of new Set(explored.clashingModels)) {
    problems.add(modelClash(name, explored, graph, `Two different models of callbacks have the name ${name}.`));
  }
  for (const [name, schema] of Object.entries(explored.schemas)) {
    if (!Object.hasOwn(api, name) || isSameSchema(api[name], schema)) continue;
    problems.add(
      modelClash(name, explored, graph, `A model of the API and a different model of callbacks have the name ${name}.`),
    );
  }
  // The models of the API come first and are not changed.
  return { ...api, ...explored.schemas, ...api };
}

/** Whether two models are equal. A document that was stored as JSON has lost what JSON does not write. */
function isSameSchema(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other) || isDeepStrictEqual(asJson(one), asJson(other));
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function modelClash(
  name: string,
  { operations, schemas }: ExploredOperations,
  graph: CallbackGraph,
  message: string,
): CallbackProblem {
  const concerned = [...operations].filter(([, written]) => reachableSchemas(written, schemas).has(name));
  const places = concerned.map(([operation]) => qualifiedNameOf(operation));
  return {
    code: 'model-clash',
    place: places.join(', ') || name,
    linkedFrom: [...new Set(concerned.flatMap(([operation]) => graph.usersOf(operation)))],
    message,
    fix: 'Rename one of them, or name it with @ApiSchema({ name }), an enum with enumName. If they are the same class, pass the options of createDocument() to withCallbacks().',
  };
}

/** Returns the names of all models that an object refers to, directly or through other models. */
function reachableSchemas(root: unknown, schemas: SchemasObject): Set<string> {
  const names = new Set<string>();
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (!isObject(value)) continue;
    const reference = referenceIn(value);
    if (reference?.startsWith(SCHEMAS_PREFIX)) {
      const name = reference.slice(SCHEMAS_PREFIX.length);
      if (!names.has(name)) pending.push(schemas[name]);
      names.add(name);
    }
    // Not spread: an array of a document can be longer than a list of arguments.
    for (const member of Object.values(value)) pending.push(member);
  }
  return names;
}
