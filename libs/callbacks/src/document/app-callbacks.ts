import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CallbackClass } from '../metadata/callback-class.js';
import type { DeliveryTerms } from '../openapi/delivery-terms.js';

/** The provider that holds what the options of `CallbacksModule` say of an app. */
export const APP_CALLBACKS = Symbol('nestjs-callbacks: callbacks and webhooks of the app');

/** The callbacks and webhooks that belong to an app as a whole. */
export interface AppCallbacks {
  /** Linked to every operation. */
  readonly callbacks: readonly CallbackClass[];
  readonly webhooks: readonly CallbackClass[];
  /** Whether what is sent is signed. */
  readonly isSigned: boolean;
  /** What holds of each delivery; nothing is sent by an app without `CallbacksModule`. */
  readonly terms?: DeliveryTerms | undefined;
}

/** The callbacks and webhooks of an app; none if it does not import `CallbacksModule`. */
export function readAppCallbacks(app: INestApplication): AppCallbacks {
  const modules = [...app.get(ModulesContainer).values()];
  // Nest knows an instance by its token alone; this one is ours.
  const found = modules.flatMap((module) => (module.providers.get(APP_CALLBACKS)?.instance as AppCallbacks) ?? []);
  return {
    callbacks: found.flatMap(({ callbacks }) => callbacks),
    webhooks: found.flatMap(({ webhooks }) => webhooks),
    isSigned: found.some(({ isSigned }) => isSigned),
    terms: found[0]?.terms,
  };
}
