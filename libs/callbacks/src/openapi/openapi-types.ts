import type { OpenAPIObject } from '@nestjs/swagger';

/** The objects of a document, as `@nestjs/swagger` types them; versions differ in which of them they export. */
export type PathItemObject = OpenAPIObject['paths'][string];
export type OperationObject = NonNullable<PathItemObject['get']>;
export type CallbacksObject = NonNullable<OperationObject['callbacks']>;
export type CallbackObject = Record<string, PathItemObject>;
export type SchemasObject = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
export type ComponentCallbacks = NonNullable<NonNullable<OpenAPIObject['components']>['callbacks']>;
