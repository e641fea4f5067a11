/** Which message of the exchange an expression reads: the request to your API, or its response. */
export type MessageName = 'request' | 'response';

/**
 * A parsed OpenAPI runtime expression.
 *
 * `name` and the tokens of `pointer` are decoded values: `~0` and `~1` of a JSON pointer are `~` and `/` here. A body
 * without a pointer (`$request.body`) has no `pointer`; `$request.body#` has an empty one. Both mean the whole body.
 *
 * @see https://spec.openapis.org/oas/v3.1.1.html#runtime-expressions
 */
export type RuntimeExpression =
  | { readonly source: 'url' | 'method' | 'statusCode' }
  | { readonly source: 'header' | 'query' | 'path'; readonly message: MessageName; readonly name: string }
  | { readonly source: 'body'; readonly message: MessageName; readonly pointer?: readonly string[] };

/** An expression that reads a header or a parameter. */
export type NamedExpression = Extract<RuntimeExpression, { name: string }>;

/** An expression that reads a body, or a value in it. */
export type BodyExpression = Extract<RuntimeExpression, { source: 'body' }>;
