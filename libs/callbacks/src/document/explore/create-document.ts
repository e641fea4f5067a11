import type { INestApplication } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject, SwaggerDocumentOptions } from '@nestjs/swagger';
import type { StandInController } from './stand-in-controller.js';
import { withoutGlobals } from './without-globals.js';

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
