import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { checkFeatureOptions } from './callbacks.options.js';
import type { CallbacksFeatureOptions, CallbacksModuleOptions } from './callbacks.options.js';
import { URL_RESOLVER } from './decorators/callback-urls.decorator.js';
import { retryPolicyOf } from './delivery/next-step.js';
import { DEFAULT_TIMEOUT } from './delivery/transport/transport.js';
import type { AppCallbacks } from './document/app-callbacks.js';
import type { CallbackClass } from './metadata/callback-class.js';

const FEATURE_WEBHOOKS = Symbol('nestjs-callbacks: webhooks of a feature module');
const FEATURE_CHECK = Symbol('nestjs-callbacks: check of a feature module');

/** The module that `CallbacksModule.forFeature()` returns. `CallbacksModule` finds its webhooks when the app starts. */
@Module({})
export class CallbacksFeatureModule {
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
export function collectAppCallbacks(
  { callbacks = [], webhooks = [], signing, timeout = DEFAULT_TIMEOUT, retry }: CallbacksModuleOptions,
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
