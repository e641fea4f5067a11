import { types } from 'node:util';
import { setImmediate } from 'node:timers/promises';
import { BadRequestException, createParamDecorator, Inject, Injectable, Logger } from '@nestjs/common';
import type { ArgumentMetadata, ExecutionContext, PipeTransform, Type } from '@nestjs/common';
import { CallbackUrlError } from '../errors/callback-url.error.js';
import { addUrlClass } from '../metadata/callback-metadata.js';
import { identifyMethod } from '../metadata/operation-links.js';
import { forgetParameterType } from '../metadata/route-arguments.js';
import type { Method } from '../metadata/route-metadata.js';

/**
 * The callback URLs of one request: for each method of a callback class the URL that the request asked to be called
 * back at, if it did. Plain JSON, to be stored until the callback is due.
 */
export type CallbackUrls<T extends object> = {
  [Name in keyof T as T[Name] extends (...args: never[]) => unknown ? Name : never]?: string;
};

/** The provider of an app that resolves URLs with the app's options. */
export const URL_RESOLVER = Symbol(
  'nestjs-callbacks is not set up. Fix: import CallbacksModule.forRoot() in the root module',
);

/** Makes the exception that a client is answered with from the error that says why its URL cannot be used. */
export type UrlExceptionFactory = (error: CallbackUrlError) => Error;

/** Resolves the URLs of a request, as `Callbacks` does, and answers a client whose URL cannot be used. */
export interface UrlResolver {
  urls<T extends object>(callbacks: Type<T>, exchange: { readonly request: object }): CallbackUrls<T>;
  readonly exceptionFactory?: UrlExceptionFactory | undefined;
}

/** Resolves the URLs with the options of the app: a pipe can have them injected, a parameter decorator cannot. */
@Injectable()
class CallbackUrlsPipe implements PipeTransform<object, Promise<object>> {
  constructor(@Inject(URL_RESOLVER) private readonly resolver: UrlResolver) {}

  async transform(request: object, { data }: ArgumentMetadata): Promise<object> {
    try {
      return this.resolver.urls(data as unknown as Type<object>, { request });
    } catch (error) {
      if (!(error instanceof CallbackUrlError)) throw error;
      // The client must not learn it, and in production there is nobody to paste it.
      if (error.fix !== undefined && process.env['NODE_ENV'] !== 'production') {
        new Logger('Callbacks').warn(
          `A request cannot be called back: ${error.detail ?? error.reason}. Fix: ${error.fix}`,
        );
      }
      // Nest runs the pipes of all parameters at once, and the first that throws hides the others. The app's own validation
      // goes first: its errors are of more fields than this one.
      await setImmediate();
      throw exceptionOf(error, this.resolver.exceptionFactory);
    }
  }
}

function exceptionOf(error: CallbackUrlError, factory: UrlExceptionFactory | undefined): Error {
  if (factory === undefined) {
    return new BadRequestException(`This request cannot be called back: ${error.reason}.`, { cause: error });
  }
  const exception: unknown = factory(error);
  if (exception instanceof Error || types.isNativeError(exception)) return exception;
  return new TypeError(
    'The option `exceptionFactory` of CallbacksModule returned no exception. Fix: return one, as new UnprocessableEntityException().',
    { cause: error },
  );
}

const RequestToCallBack = createParamDecorator((callbacks: Type<object>, context: ExecutionContext): object => {
  const type: string = context.getType();
  if (type === 'http') return context.switchToHttp().getRequest<object>();
  const handler = `${context.getClass().name}.${context.getHandler().name}`;
  throw new Error(
    `@CallbackUrls(${callbacks.name}) works in HTTP handlers only, and ${handler} is a handler of the type "${type}". ` +
      `Fix: inject Callbacks and call callbacks.urls(${callbacks.name}, { request: { query: { callback_url: url } } }) with what the client gave.`,
  );
});

/**
 * Gives a controller method the callback URLs of its request. A URL that was given and cannot be used (relative, of
 * another scheme, with credentials, or one that the egress guard forbids) is answered with 400 Bad Request, or with what
 * the option `exceptionFactory` of `CallbacksModule` returns. Needs `CallbacksModule`, and works in HTTP handlers only.
 *
 * @param callbacks - a class marked by `@CallbackController()`.
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
  const decorate = RequestToCallBack(callbacks, CallbackUrlsPipe);
  return (prototype, methodName, index) => {
    decorate(prototype, methodName, index);
    if (methodName === undefined) return;
    forgetParameterType(prototype, methodName, index);
    const method = Reflect.get(prototype, methodName) as Method;
    identifyMethod({ controller: prototype.constructor as Type, methodName: String(methodName) }, method);
    addUrlClass(prototype, methodName, callbacks);
  };
}
