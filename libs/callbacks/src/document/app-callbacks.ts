import type { INestApplication } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { CallbackClass } from '../contract/callback-class.js';

/** The provider that holds the `callbacks` of `CallbacksModule.forRoot()`. */
export const APP_CALLBACKS = Symbol('nestjs-callbacks: callbacks of every operation');

/** The callbacks that are linked to every operation of an app; none where it does not import `CallbacksModule`. */
export function readAppCallbacks(app: INestApplication): readonly CallbackClass[] {
  return [...app.get(ModulesContainer).values()].flatMap((module) => {
    const provider = module.providers.get(APP_CALLBACKS);
    return (provider?.instance as readonly CallbackClass[] | undefined) ?? [];
  });
}
