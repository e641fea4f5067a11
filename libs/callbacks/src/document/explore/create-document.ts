import type { INestApplication } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject, SwaggerDocumentOptions } from '@nestjs/swagger';
import type { StandInController } from './stand-in-controller.js';

/** The options that shape an operation or a model; the others select and place the API's own operations. */
const SHAPING = [
  'operationIdFactory',
  'linkNameFactory',
  'standardSchemaConverter',
  'extraModels',
  'excludeDynamicDefaults',
  'exampleMaxDepth',
] as const satisfies readonly (keyof SwaggerDocumentOptions)[];

/**
 * Lets `@nestjs/swagger` write a document of these controllers alone.
 *
 * This is the only file that relies on its internals: `SwaggerModule.createDocument()` reads from an app no more than
 * the stand-in below has. The stand-in has a configuration of its own, so no prefix and no version of the API gets
 * into a callback.
 */
export function createDocument(
  app: INestApplication,
  openapi: string,
  controllers: readonly StandInController[],
  options: SwaggerDocumentOptions,
): OpenAPIObject {
  const shaping = Object.fromEntries(
    SHAPING.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  return withoutGlobals(() =>
    SwaggerModule.createDocument(
      standInApp(app, controllers),
      { openapi, info: { title: '', version: '' } },
      { ...shaping, autoTagControllers: false },
    ),
  );
}

function standInApp(app: INestApplication, controllers: readonly StandInController[]): INestApplication {
  const module = { metatype: class Callbacks {}, imports: new Set(), controllers: new Map(controllers.entries()) };
  const standIn = {
    container: { getModules: () => new Map([['callbacks', module]]) },
    config: new ApplicationConfig(),
    getHttpAdapter: () => app.getHttpAdapter(),
  };
  // createDocument() is typed for a whole application and reads these three members of it.
  return standIn as unknown as INestApplication;
}

/** A process-wide store of `@nestjs/swagger`. */
interface GlobalStore<Stored, Added extends unknown[]> {
  getAll(): Stored;
  clear(): void;
  add(...added: Added): void;
}

/**
 * Runs an exploration while the process-wide stores of global parameters and responses are empty: they describe the API,
 * and would get into the callbacks. The exploration is synchronous, so nothing else runs meanwhile.
 */
function withoutGlobals<T>(explore: () => T): T {
  // @nestjs/swagger declares no type for what it puts there.
  const stores = globalThis as unknown as {
    readonly SwaggerGlobalParametersStorage: GlobalStore<object[], object[]>;
    readonly SwaggerGlobalResponsesStorage: GlobalStore<object, [object]>;
  };
  const { SwaggerGlobalParametersStorage: parameterStore, SwaggerGlobalResponsesStorage: responseStore } = stores;
  const parameters = parameterStore.getAll();
  const responses = responseStore.getAll();
  parameterStore.clear();
  responseStore.clear();
  try {
    return explore();
  } finally {
    parameterStore.add(...parameters);
    responseStore.add(responses);
  }
}
