import type { OpenAPIObject } from '@nestjs/swagger';

/** The objects of a document, as `@nestjs/swagger` types them. Its versions export different ones of them. */
export type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;
/** A Path Item Object with what OpenAPI 3.2 adds. */
export type PathItemObject = OpenAPIObject['paths'][string] & {
  additionalOperations?: Record<string, OperationObject>;
};
/** A document with the extension that holds the webhooks of OpenAPI 3.0, which has no field for them. */
export type OpenAPIDocument = OpenAPIObject & { 'x-webhooks'?: Record<string, PathItemObject> };
export type CallbacksObject = NonNullable<OperationObject['callbacks']>;
export type CallbackObject = Record<string, PathItemObject>;
export type ComponentsObject = NonNullable<OpenAPIObject['components']>;
export type SchemasObject = NonNullable<ComponentsObject['schemas']>;
export type SecuritySchemes = NonNullable<ComponentsObject['securitySchemes']>;
export type ComponentCallbacks = NonNullable<ComponentsObject['callbacks']>;
export type ReferenceObject = Exclude<CallbacksObject[string], CallbackObject>;
export type ServerObject = NonNullable<OperationObject['servers']>[number];
export type ParameterObject = NotReferred<NonNullable<OperationObject['parameters']>[number]>;
export type RequestBodyObject = NotReferred<NonNullable<OperationObject['requestBody']>>;
export type ResponseObject = NotReferred<NonNullable<OperationObject['responses'][string]>>;
export type HeaderObject = NotReferred<NonNullable<ResponseObject['headers']>[string]>;
export type LinkObject = NotReferred<NonNullable<ResponseObject['links']>[string]>;
export type ContentObject = NonNullable<ResponseObject['content']>;
export type MediaTypeObject = ContentObject[string];
export type ExampleObject = NotReferred<NonNullable<MediaTypeObject['examples']>[string]>;
export type SecuritySchemeObject = NotReferred<SecuritySchemes[string]>;

type NotReferred<T> = Exclude<T, ReferenceObject>;

/** An object, or a reference to it. */
export type Referable<T> = T | ReferenceObject;

/** The fields of a Schema Object, or of a reference to one, that are read here, from any version of OpenAPI. */
export interface SchemaObject {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly example?: unknown;
  readonly examples?: unknown;
  readonly properties?: Readonly<Record<string, SchemaObject>>;
  readonly patternProperties?: Readonly<Record<string, SchemaObject>>;
  readonly additionalProperties?: boolean | SchemaObject;
  readonly items?: SchemaObject;
  readonly prefixItems?: readonly SchemaObject[];
  readonly allOf?: readonly SchemaObject[];
  readonly oneOf?: readonly SchemaObject[];
  readonly anyOf?: readonly SchemaObject[];
  readonly discriminator?: DiscriminatorObject;
}

export interface DiscriminatorObject {
  readonly propertyName?: string;
  readonly mapping?: Readonly<Record<string, string>>;
  readonly defaultMapping?: string;
}
