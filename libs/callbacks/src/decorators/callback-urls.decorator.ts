import { types } from 'node:util';
import { setImmediate } from 'node:timers/promises';
import { BadRequestException, createParamDecorator, Inject, Injectable, Logger } from '@nestjs/common';
import type { ArgumentMetadata, ExecutionContext, PipeTransform, Type } from '@nestjs/common';
import { CallbackUrlError } from '../errors/callback.errors.js';
import { addUrlClass } from '../metadata/callback-metadata.js';
import { identifyMethod } from '../metadata/operation-links.js';
import { forgetParameterType } from '../metadata/route-arguments.js';
import type { Method } from '../metadata/route-metadata.js';

/**
 * The callback URLs of one request: the URL for each handler of a callback class that the client asked for. It is plain
 * JSON: store it until the callback is due.
 */
export type CallbackUrls<T extends object> = {
  [Name in keyof T as T[Name] extends (...args: never[]) => unknown ? Name : never]?: string;
};

/** The token of the provider that resolves URLs with the options of the app. */
export const URL_RESOLVER = Symbol(
  'nestjs-callbacks is not set up. Fix: import CallbacksModule.forRoot() in the root module',
);

/** Creates the exception for a client whose URL cannot be used. */
export type UrlExceptionFactory = (error: CallbackUrlError) => Error;

/** Resolves the URLs of a request, and throws the exception for a URL that cannot be used. */
export interface UrlResolver {
  urls<T extends object>(callbacks: Type<T>, exchange: { readonly request: object }): CallbackUrls<T>;
  readonly exceptionFactory?: UrlExceptionFactory | undefined;
}

/** A pipe, because it can inject the options of the app. A parameter decorator cannot. */
@Injectable()
class CallbackUrlsPipe implements PipeTransform<object, Promise<object>> {
  constructor(@Inject(URL_RESOLVER) private readonly resolver: UrlResolver) {}

  async transform(request: object, { data }: ArgumentMetadata): Promise<object> {
    try {
      return this.resolver.urls(data as unknown as Type<object>, { request });
    } catch (error) {
      if (!(error instanceof CallbackUrlError)) throw error;
      // The client must not see the fix, and in production nobody can paste it.
      if (error.fix !== undefined && process.env['NODE_ENV'] !== 'production') {
        new Logger('Callbacks').warn(`A callback URL was rejected: ${error.detail ?? error.reason}. Fix: ${error.fix}`);
      }
      // Nest runs the pipes of all parameters in parallel, and the first error hides the others. The app's own
      // validation goes first, because its errors cover more fields.
      await setImmediate();
      throw exceptionOf(error, this.resolver.exceptionFactory);
    }
  }
}

function exceptionOf(error: CallbackUrlError, factory: UrlExceptionFactory | undefined): Error {
  if (factory === undefined) {
    return new BadRequestException(`The callback URL cannot be used: ${error.reason}.`, { cause: error });
  }
  const exception: unknown = factory(error);
  if (exception instanceof Error || types.isNativeError(exception)) return exception;
  return new TypeError(
    'The option `exceptionFactory` of CallbacksModule did not return an exception. Fix: return one, such as new UnprocessableEntityException().',
    { cause: error },
  );
}

const InjectRequest = createParamDecorator((callbacks: Type<object>, context: ExecutionContext): object => {
  const type: string = context.getType();
  if (type === 'http') return context.switchToHttp().getRequest<object>();
  const handler = `${context.getClass().name}.${context.getHandler().name}`;
  throw new Error(
    `@CallbackUrls(${callbacks.name}) works in HTTP handlers only, but ${handler} is a handler of the type "${type}". ` +
      `Fix: inject Callbacks and call callbacks.urls(${callbacks.name}, { request: { query: { callback_url: url } } }) with the URL of the client.`,
  );
});

/**
 * Passes the callback URLs of the request to a controller method. A URL that cannot be used (relative, of another
 * scheme, with credentials, or forbidden by the egress guard) is answered with 400 Bad Request, or with the exception
 * that the option `exceptionFactory` of `CallbacksModule` returns. It needs `CallbacksModule` and works in HTTP
 * handlers only.
 *
 * @param callbacks - a class with `@CallbackController()`.
 * @example
 * \@Controller('invoices')
 * class InvoicesController {
 *   \@Post()
 *   \@ApiCallback(InvoiceCallbacks)
 *   create(
 *     @Body() invoice: Invoice,
 *     @Query() query: CreateInvoiceQuery,
 *     @CallbackUrls(InvoiceCallbacks) urls: CallbackUrls<InvoiceCallbacks>,
 *   ) {
 *     return { invoice, urls };
 *   }
 * }
 */
export function CallbackUrls(callbacks: Type<object>): ParameterDecorator {
  const decorate = InjectRequest(callbacks, CallbackUrlsPipe);
  return (prototype, methodName, index) => {
    decorate(prototype, methodName, index);
    if (methodName === undefined) return;
    forgetParameterType(prototype, methodName, index);
    const method = Reflect.get(prototype, methodName) as Method;
    identifyMethod({ controller: prototype.constructor as Type, methodName: String(methodName) }, method);
    addUrlClass(prototype, methodName, callbacks);
  };
}
