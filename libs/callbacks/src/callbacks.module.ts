import { Module, ConfigurableModuleBuilder, Global } from '@nestjs/common';
import type { DynamicModule, ConfigurableModuleAsyncOptions } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, ModulesContainer } from '@nestjs/core';
import { checkFeatureOptions, CALLBACKS_OPTIONS, checkOptions } from './callbacks.options.js';
import type { CallbacksFeatureOptions, CallbacksModuleOptions } from './callbacks.options.js';
import { URL_RESOLVER } from './decorators/callback-urls.decorator.js';
import type { UrlResolver } from './decorators/callback-urls.decorator.js';
import { retryPolicyOf } from './delivery/next-step.js';
import { DEFAULT_TIMEOUT_MS } from './delivery/transport/transport.js';
import { APP_CALLBACKS } from './document/app-callbacks.js';
import type { AppCallbacks } from './document/app-callbacks.js';
import type { CallbackClass } from './metadata/callback-metadata.js';
import { CallbacksLifecycle } from './callbacks.lifecycle.js';
import { Callbacks } from './callbacks.service.js';
import { CALLBACK_RUNTIME, CallbackRuntime } from './delivery/callback-runtime.js';
import { checkCallbacks } from './document/check/check-callbacks.js';

const FEATURE_WEBHOOKS = Symbol('nestjs-callbacks: webhooks of a feature module');
const FEATURE_CHECK = Symbol('nestjs-callbacks: check of a feature module');

/** The module that `CallbacksModule.forFeature()` returns. `CallbacksModule` finds its webhooks when the app starts. */
@Module({})
class CallbacksFeatureModule {
  static register(options: CallbacksFeatureOptions): DynamicModule {
    const { webhooks } = checkFeatureOptions(options);
    return {
      module: CallbacksFeatureModule,
      providers: [
        { provide: FEATURE_WEBHOOKS, useValue: webhooks },
        {
          provide: FEATURE_CHECK,
          useFactory: (resolver: unknown) => requireRoot(resolver, webhooks),
          // The exports of CallbacksModule.
          inject: [{ token: URL_RESOLVER, optional: true }],
        },
      ],
    };
  }
}

/** Returns the webhook classes of all modules of an app, each class once. */
function collectAppCallbacks(
  { callbacks = [], webhooks = [], signing, timeout = DEFAULT_TIMEOUT_MS, retry }: CallbacksModuleOptions,
  modules: ModulesContainer,
): AppCallbacks {
  // The values come from register().
  const ofFeatures = [...modules.values()].flatMap(
    ({ providers }) => (providers.get(FEATURE_WEBHOOKS)?.instance ?? []) as readonly CallbackClass[],
  );
  return {
    callbacks,
    webhooks: [...new Set([...webhooks, ...ofFeatures])],
    isSigned: signing !== undefined,
    terms: { timeout, ...retryPolicyOf(retry) },
  };
}

function requireRoot(resolver: unknown, webhooks: readonly CallbackClass[]): void {
  if (resolver !== undefined) return;
  const names = webhooks.map(({ name }) => name).join(', ');
  throw new TypeError(
    `CallbacksModule.forFeature({ webhooks: [${names}] }) needs CallbacksModule.forRoot(). Fix: import CallbacksModule.forRoot() once, in the root module.`,
  );
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<CallbacksModuleOptions>({
  // Nest prints the description if the module is imported without options.
  optionsInjectionToken: Symbol(
    'CallbacksModule has no options. Fix: import CallbacksModule.forRoot() instead of CallbacksModule',
  ),
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createCallbacksModuleOptions')
  .build();

/** The options of `CallbacksModule.forRootAsync()`: `useFactory` with `inject`, `useClass` or `useExisting`. */
export type CallbacksModuleAsyncOptions = ConfigurableModuleAsyncOptions<
  CallbacksModuleOptions,
  'createCallbacksModuleOptions'
>;

/**
 * Provides `Callbacks` and the other services of this package. Import it once, in the root module. Every linked
 * callback is checked when the app starts, whether or not the app builds a document.
 *
 * @example
 * \@Module({ imports: [CallbacksModule.forRoot()] })
 * class AppModule {}
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: CALLBACKS_OPTIONS, useFactory: checkOptions, inject: [MODULE_OPTIONS_TOKEN] },
    {
      provide: APP_CALLBACKS,
      useFactory: collectAppCallbacks,
      inject: [CALLBACKS_OPTIONS, ModulesContainer],
    },
    {
      provide: CALLBACK_RUNTIME,
      useFactory: (
        options: CallbacksModuleOptions,
        { callbacks, webhooks }: AppCallbacks,
        discovery: DiscoveryService,
        modules: ModulesContainer,
      ) => new CallbackRuntime({ ...options, callbacks, webhooks }, discovery, modules),
      inject: [CALLBACKS_OPTIONS, APP_CALLBACKS, DiscoveryService, ModulesContainer],
    },
    Callbacks,
    CallbacksLifecycle,
    {
      provide: URL_RESOLVER,
      useFactory: (callbacks: Callbacks, { exceptionFactory }: CallbacksModuleOptions): UrlResolver => ({
        urls: (given, exchange) => callbacks.urls(given, exchange),
        exceptionFactory,
      }),
      inject: [Callbacks, CALLBACKS_OPTIONS],
    },
    // Nest runs factories while it creates the app: all modules and controllers are known, and none is mounted yet.
    { provide: checkCallbacks, useFactory: checkCallbacks, inject: [ModulesContainer, APP_CALLBACKS] },
    { provide: checkOnlyImport, useFactory: checkOnlyImport, inject: [ModulesContainer] },
  ],
  exports: [Callbacks, URL_RESOLVER],
})
export class CallbacksModule extends ConfigurableModuleClass {
  /**
   * Configures the module with fixed options.
   *
   * @throws TypeError that names every wrong option.
   */
  static override forRoot(options: CallbacksModuleOptions = {}): DynamicModule {
    return super.forRoot(checkOptions(options));
  }

  /**
   * Configures the module with options from other providers. They are checked when the app starts: a wrong option stops
   * it with a TypeError that names the option.
   *
   * @example
   * const secret = async () => 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
   * CallbacksModule.forRootAsync({ useFactory: async () => ({ signing: { secret: await secret() } }) });
   */
  static override forRootAsync(options: CallbacksModuleAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }

  /**
   * Adds the webhooks of a feature module to those of the app, which must import `forRoot()` or `forRootAsync()` once.
   * Several modules may list the same class.
   *
   * @throws TypeError that names every wrong option.
   * @example
   * \@Module({ imports: [CallbacksModule.forFeature({ webhooks: [InvoiceWebhooks] })] })
   * class InvoicesModule {}
   */
  static forFeature(options: CallbacksFeatureOptions): DynamicModule {
    return CallbacksFeatureModule.register(options);
  }
}

/** A second module would have its own queue, transport and options, and might send callbacks unsigned. */
function checkOnlyImport(modules: ModulesContainer): void {
  const count = [...modules.values()].filter(({ metatype }) => metatype === CallbacksModule).length;
  if (count < 2) return;
  throw new TypeError(
    `CallbacksModule.forRoot() is imported ${count} times, each time with its own options. Fix: import it once, in the root module. It is global, so feature modules do not need to import it.`,
  );
}
