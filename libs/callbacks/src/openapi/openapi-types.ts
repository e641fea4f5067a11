import type { OpenAPIObject } from '@nestjs/swagger';

/** The objects of a document, as `@nestjs/swagger` types them; versions differ in which of them they export. */
export type PathItemObject = OpenAPIObject['paths'][string];
export type OperationObject = NonNullable<PathItemObject['get']>;
export type CallbacksObject = NonNullable<OperationObject['callbacks']>;
export type CallbackObject = Record<string, PathItemObject>;
export type ComponentsObject = NonNullable<OpenAPIObject['components']>;
export type SchemasObject = NonNullable<ComponentsObject['schemas']>;
export type SecuritySchemes = NonNullable<ComponentsObject['securitySchemes']>;
export type ComponentCallbacks = NonNullable<ComponentsObject['callbacks']>;
